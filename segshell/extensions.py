"""Modules that a config imports: their names for the catalog at once, their builders when something is built."""

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import evolve, field, fields, frozen

from segcore.catalog.catalog import Catalog, Lines
from segcore.errors import ConfigError, Finding, Texts
from segcore.parsing.extending import Import
from segshell.builders import Builders, Versioned

_CONTRACT = "CATALOG is a tuple of pairs of a family and signature lines, such as (('loss', ('my_loss',)),)"


@frozen
class Extension:
    """A module that was imported.

    Attributes
    ----------
    entry
        Where the config names it.
    path, digest
        Its file and the SHA-256 digest of the bytes that were run.
    lines
        The names that it adds, by family.
    module
        The module itself.
    written
        Name and text of the config, and the texts that it extends, as an error shows them.

    """

    entry: Import
    path: Path
    digest: str
    lines: Lines
    module: ModuleType = field(repr=False, eq=False)
    written: tuple[str, str, Texts] = field(default=("", "", ()), repr=False, eq=False)


class _RefusedError(Exception):
    """Why a module cannot be used, and what to do about it."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.code, self.message, self.advice = code, message, advice


def _told(error: BaseException, path: Path) -> str:
    """Return an error in one line, with the line of the module in which it arose."""
    import traceback  # here: what fails may take its time

    own = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == str(path) else None
    lines = [line] if line else own[-1:]
    where = f" in line {lines[0]}" if lines else ""
    shown = error.msg if isinstance(error, SyntaxError) else str(error)
    return (
        f"{type(error).__name__}{where}: {shown.strip().splitlines()[0] if shown.strip() else 'no message'}"
    )


def _failed(name: str, error: BaseException, path: Path) -> _RefusedError:
    advice = (
        "Correct the module; what it imports must be installed, and Keras is imported inside its functions."
    )
    return _RefusedError("import-failed", f"{name} cannot be imported: {_told(error, path)}.", advice)


def _from_file(name: str, path: Path) -> tuple[ModuleType, str]:
    """Run the bytes of a file as a module, under a name that two files never share; no byte code is written."""
    source = path.read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    unique = f"{name}_{hashlib.sha256(os.fsencode(f'{path} {digest}')).hexdigest()[:16]}"
    if unique in sys.modules:
        return sys.modules[unique], digest
    module = ModuleType(unique)
    module.__file__ = str(path)
    sys.modules[unique] = module  # what defines dataclasses looks itself up there
    try:
        exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102 - the user's own
    except BaseException:
        del sys.modules[unique]
        raise
    return module, digest


def _installed(name: str) -> tuple[ModuleType, Path]:
    module = importlib.import_module(name)
    if module.__file__ is None:
        raise ImportError(f"{name} is a folder without __init__.py and holds no names")
    return module, Path(module.__file__)


def _module(entry: Import, root: Path, allowed: frozenset[str]) -> tuple[ModuleType, Path, str]:
    """Return a module with its file and digest: from the file beside the config, else an installed one."""
    beside = root / entry.folder / f"{entry.name}.py"
    if "." not in entry.name and beside.is_file():
        try:
            module, digest = _from_file(entry.name, beside.resolve())
        except (Exception, SystemExit) as error:
            raise _failed(entry.name, error, beside.resolve()) from error
        return module, beside.resolve(), digest
    if entry.name not in allowed:
        message = f"there is no {beside}."
        advice = f"An installed module is imported with --allow-imports {entry.name}."
        raise _RefusedError("import-missing", message, advice)
    try:
        module, path = _installed(entry.name)
        return module, path, hashlib.sha256(path.read_bytes()).hexdigest()
    except (Exception, SystemExit) as error:
        raise _failed(entry.name, error, Path()) from error


def _family_of_builders(family: str) -> str:
    return f"{family}es" if family.endswith("s") else f"{family}s"


def families() -> tuple[str, ...]:
    """Return the families of the catalog to which a module may add names: those that have builders."""
    tables = tuple(attribute.name for attribute in fields(Builders))
    return tuple(one.removesuffix("es") if one.endswith("sses") else one.removesuffix("s") for one in tables)


def _is_lines(given: Any) -> bool:
    return isinstance(given, tuple) and all(
        isinstance(pair, tuple)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and isinstance(pair[1], tuple)
        and all(isinstance(line, str) for line in pair[1])
        for pair in given
    )


def _lines_of(name: str, module: ModuleType) -> Lines:
    """Return what a module declares, checked; it must have builders for it as well."""
    lines: Any = getattr(module, "CATALOG", None)
    if not _is_lines(lines):
        raise _RefusedError("import-catalog", f"{name} has no CATALOG of the right form.", f"{_CONTRACT}.")
    unknown = sorted({family for family, _ in lines} - set(families()))
    if unknown:
        message = f"CATALOG of {name} names the family {', '.join(unknown)}."
        raise _RefusedError("import-catalog", message, f"Valid: {', '.join(families())}.")
    if not callable(getattr(module, "extend", None)):
        advice = "Define extend(builders), which returns builders.with_(losses={...})."
        raise _RefusedError("import-extend", f"{name} has no function extend.", advice)
    checked: Lines = lines
    return checked


def _loaded(entry: Import, root: Path, allowed: frozenset[str]) -> Extension:
    module, path, digest = _module(entry, root, allowed)
    return Extension(entry, path, digest, _lines_of(entry.name, module), module)


def _enlarged(catalog: Catalog, extension: Extension) -> Catalog:
    name = extension.entry.name
    try:
        return catalog.with_extension(name, extension.digest, extension.lines)
    except ValueError as error:
        raise _RefusedError("import-catalog", f"CATALOG of {name}: {error}.", f"{_CONTRACT}.") from error


def load(
    entries: Iterable[Import], root: Path, catalog: Catalog, allow: Iterable[str] = ()
) -> tuple[tuple[Extension, ...], Catalog, tuple[Finding, ...]]:
    """Import modules and return them with a catalog that has their names, and what is wrong with them.

    What is imported is said on stderr. A file is run from the bytes of which the digest is taken.

    Parameters
    ----------
    entries
        The modules that a config names.
    root
        The folder of the config.
    catalog
        The names to which theirs are added.
    allow
        Installed modules that may be imported; a file beside the config is taken first.

    """
    loaded: list[Extension] = []
    findings: list[Finding] = []
    for entry in entries:
        try:
            extension = _loaded(entry, root, frozenset(allow))
            catalog = _enlarged(catalog, extension)
        except _RefusedError as error:
            findings.append(Finding(error.code, error.message, entry.path, entry.place, (), error.advice))
            continue
        sys.stderr.write(f"imported {entry.name} from {extension.path}\n")
        loaded.append(extension)
    return tuple(loaded), catalog, tuple(findings)


def _extended(builders: Builders, extension: Extension) -> Builders:
    try:
        larger = extension.module.extend(builders)
    except Exception as error:
        raise _failed_to_extend(extension, _told(error, extension.path)) from error
    if not isinstance(larger, Builders):
        raise _failed_to_extend(extension, f"it returned {type(larger).__name__}, not builders")
    missing = [
        f"the {family} {name}"
        for family, names in ((one, Catalog(((one, lines),)).names(one)) for one, lines in extension.lines)
        for name in names
        if larger.find(_family_of_builders(family), name) is None
    ]
    if missing:
        raise _failed_to_extend(extension, f"it adds no builder for {', '.join(missing)}")
    return larger


def _failed_to_extend(extension: Extension, reason: str) -> ConfigError:
    message = f"extend of {extension.entry.name} ({extension.path}) failed: {reason}."
    advice = "It returns builders.with_(...) with a builder for every name of CATALOG."
    entry = extension.entry
    found = Finding("import-extend", message, entry.path, entry.place, (), advice)
    return ConfigError([found], *extension.written)


def _versioned(larger: Builders, given: Builders, extensions: tuple[Extension, ...]) -> Builders:
    """Return builders whose new formats know the digests of all modules: one may call what is from another."""
    texts = "".join(f"{one.entry.name} {one.digest}\n" for one in extensions)
    version = hashlib.sha256(texts.encode()).hexdigest()
    known = given.names("datasets")
    pairs = ((name, one if name in known else Versioned(one, version)) for name, one in larger.datasets)
    return evolve(larger, datasets=tuple(pairs))


def extended(builders: Builders, extensions: Iterable[Extension]) -> Builders:
    """Return builders with those of modules, each of which gets what the one before it returned.

    Raises
    ------
    ConfigError
        When the function `extend` of a module fails, returns something else, or leaves out a name.

    """
    every = tuple(extensions)
    larger = builders
    for extension in every:
        larger = _extended(larger, extension)
    return _versioned(larger, builders, every) if every else larger
