"""Nets over source text: each is a function from a root folder to the faults in it, as ``path:line: message``."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.purity.mutables import mutable_part
from tests.purity.sources import PACKAGES, Source, imported, imports_at_import, sources

LINES = 300
FUNCTION_LINES = 45  # without the docstring

# What the core may import: values, text and numbers; nothing that reaches the world.
CORE_LIBRARIES = frozenset({"numpy", "attrs", "yaml", "segcore"})
CORE_MODULES = frozenset(
    {
        "ast", "bisect", "codecs", "collections", "contextlib", "copy", "csv", "datetime", "decimal", "difflib",
        "enum", "fractions", "functools", "hashlib", "html", "itertools", "json", "math", "operator", "re",
        "statistics", "string", "textwrap", "types", "typing", "unicodedata",
    }
)  # fmt: skip
CORE_CALLS = frozenset(
    {"open", "print", "input", "eval", "exec", "__import__", "breakpoint", "globals", "setattr", "delattr"}
)
# Attributes under which files, clocks and hidden state are reached through what may be imported.
CORE_ATTRIBUTES = frozenset(
    {
        "now", "utcnow", "today", "tofile", "fromfile", "memmap", "loadtxt", "savetxt", "genfromtxt", "savez",
        "cache", "lru_cache", "file_digest",
    }
)  # fmt: skip
KEYED_GENERATORS = frozenset({"Generator", "Philox", "SeedSequence", "BitGenerator"})

HEAVY = frozenset(
    {
        "tensorflow", "keras", "segmentation_models", "imgaug", "cv2", "PIL", "skimage", "sklearn", "pandas",
        "h5py", "scipy", "matplotlib", "rich", "filelock", "platformdirs",
        "tifffile",
    }
)  # fmt: skip
LIGHT = (
    "segshell.__main__", "segshell.segmentation", "segshell.preparing", "segshell.datasets", "segshell.shares",
    "segshell.sample_index", "segshell.folders", "segshell.checkpoints", "segshell.files", "segshell.folder",
    "segshell.builders", "segshell.auditing",
)  # fmt: skip


def _core_import(source: Source, node: ast.AST) -> Iterator[str]:
    for name in imported(node):
        top = name.partition(".")[0]
        if top not in CORE_LIBRARIES | CORE_MODULES and (source.name, top) != ("segcore.folds", "sklearn"):
            yield source.at(node, f"the core may not import {name}")


def _core_reach(source: Source, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Global() | ast.Nonlocal():
            yield source.at(node, "the core may not rebind names of an outer scope")
        case ast.Call(func=ast.Name(id=name)) if name in CORE_CALLS:
            yield source.at(node, f"the core may not call {name}")
        case ast.Attribute(attr=name) if name in CORE_ATTRIBUTES:
            yield source.at(node, f"the core may not use {name}: files, clocks and caches are the shell's")
        case ast.Attribute(value=ast.Attribute(attr="random"), attr=name) if name not in KEYED_GENERATORS:
            yield source.at(node, f"the core may not use the global generator (random.{name})")


def impure(root: Path) -> list[str]:
    """Return where the core reaches for the world: its imports, calls and names."""
    found = []
    for source in sources(root, ("segcore",)):
        for node in ast.walk(source.tree):
            found += [*_core_import(source, node), *_core_reach(source, node)]
    return found


def mutable_state(root: Path) -> list[str]:
    """Return where the core keeps something at module or class level that can be changed."""
    found = []
    for source in sources(root, ("segcore",)):
        classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
        for body in (source.tree.body, *(node.body for node in classes)):
            for node in body:
                value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                part = mutable_part(value) if value is not None else None
                if part is not None:
                    found.append(source.at(part, f"a constant that can be changed: {ast.unparse(part)[:60]}"))
    return found


def _is_silent(handler: ast.ExceptHandler) -> bool:
    return all(
        isinstance(node, ast.Pass | ast.Continue)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in handler.body
    )


def _careless(source: Source, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Assert():
            yield source.at(node, "assert vanishes under -O: raise a typed error")
        case ast.ExceptHandler(type=None):
            yield source.at(node, "a bare except catches what nobody expects")
        case ast.ExceptHandler() if _is_silent(node):
            yield source.at(node, "a swallowed exception")
        case ast.arguments(defaults=defaults, kw_defaults=others):
            for default in (*defaults, *others):
                if default is not None and mutable_part(default) is not None:
                    yield source.at(default, f"a default that can be changed: {ast.unparse(default)}")


def careless(root: Path) -> list[str]:
    """Return asserts, bare excepts, swallowed exceptions and mutable default arguments of both packages."""
    every = ((source, node) for source in sources(root) for node in ast.walk(source.tree))
    return [fault for source, node in every for fault in _careless(source, node)]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    documented = (first.end_lineno or 0) - first.lineno + 1 if is_documented else 0
    return (function.end_lineno or 0) - function.lineno + 1 - documented


def oversize(root: Path) -> list[str]:
    """Return files above 300 lines and functions above 45."""
    found = []
    for source in sources(root):
        lines = len((root / source.path).read_text(encoding="utf-8").splitlines())
        if lines > LINES:
            found.append(f"{source.path}:{lines}: {lines} lines, at most {LINES} are allowed")
        functions = (
            node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        found += [
            source.at(node, f"{node.name} has {_length(node)} lines, at most {FUNCTION_LINES} are allowed")
            for node in functions
            if _length(node) > FUNCTION_LINES
        ]
    return found


def filled_inits(root: Path) -> list[str]:
    """Return `__init__` files that are not empty, so that importing one module never imports another."""
    paths = (path for package in PACKAGES for path in sorted((root / package).rglob("__init__.py")))
    return [f"{path.relative_to(root)}:1: not empty" for path in paths if path.stat().st_size]


def _reached(start: str, known: dict[str, Source]) -> Iterator[str]:
    """Yield the shortest ways on which importing a module imports heavy libraries."""
    ways = {start: start}
    queue = [start]
    for name in queue:  # grows while it is read: breadth first
        for node, target in imports_at_import(known[name]):
            if target.partition(".")[0] in HEAVY:
                yield known[name].at(node, f"{ways[name]} -> {target}")
            elif target in known and target not in ways:
                ways[target] = f"{ways[name]} -> {target}"
                queue.append(target)


def heavy(root: Path) -> list[str]:
    """Return ways on which a module that `check` and `plan` need, or any of the core, imports a heavy library."""
    known = {source.name: source for source in sources(root)}
    prefixes = ("segcore.", "segshell.commands.")
    starts = [name for name in known if name in LIGHT or name.startswith(prefixes)]
    return sorted({fault for name in starts for fault in _reached(name, known)})


NETS = (impure, mutable_state, careless, oversize, filled_inits, heavy)
