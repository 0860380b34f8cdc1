"""The modules below a root folder as syntax trees, and what each imports while it is being imported."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("segcore", "segshell")


class Source(NamedTuple):
    """A module: its dotted name, its path below the root, and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    def at(self, node: ast.AST, message: str) -> str:
        """Return a fault as ``path:line: message``."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {message}"


def sources(root: Path, packages: tuple[str, ...] = PACKAGES) -> Iterator[Source]:
    """Yield every module of some packages, sorted by path."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            below = path.relative_to(root)
            steps = below.with_suffix("").parts
            name = ".".join(steps[:-1] if steps[-1] == "__init__" else steps)
            yield Source(name, below, ast.parse(path.read_text(encoding="utf-8")))


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names that one import statement may stand for: ``a.b`` and ``a`` for `from a import b`."""
    match node:
        case ast.Import(names=names):
            yield from (one.name for one in names)
        case ast.ImportFrom(module=str(module), names=names):
            yield module
            yield from (f"{module}.{one.name}" for one in names)


def _is_typing_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements and expressions that run while a module is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_typing_only(child):
            continue
        yield child
        yield from at_import(child)


def imports_at_import(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Yield the import statements that run with the module, each with a name that it may stand for."""
    for node in at_import(source.tree):
        for name in imported(node):
            yield node, name


def has_public_function(source: Source) -> bool:
    """Return whether a module offers a function at its top level."""
    functions = (node for node in source.tree.body if isinstance(node, ast.FunctionDef))
    return any(not function.name.startswith("_") for function in functions)
