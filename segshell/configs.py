"""Config files: one with those that it extends and the modules that it imports, read and parsed."""

import os
from collections.abc import Iterable
from pathlib import Path

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding, Place, render
from segcore.parsing.experiment import examine_merged, required_config
from segcore.parsing.extending import Layer, Merged, imports, merge, read_layer, told_from
from segcore.parsing.nodes import Mapping, Node
from segcore.parsing.older import hints
from segcore.parsing.yaml_text import TEXT_LIMIT
from segcore.searching import Search
from segshell.extensions import Extension, load


@frozen
class Opened:
    """A config as it was read.

    Attributes
    ----------
    catalog, extensions
        The names that it may use, and the modules from which some of them are.
    root
        The document, with those that it extends; its places say where each part was written.
    merged, search
        The files that make it, and what it says of a search, where it does.

    """

    config: ExperimentConfig
    catalog: Catalog
    extensions: tuple[Extension, ...]
    root: Node
    merged: Merged = field(repr=False)
    search: Search | None = None


def _content(path: Path) -> bytes:
    """Return a file's bytes, one more than are read at most; a device or a pipe might never end."""
    if path.exists() and not path.is_file():
        raise OSError("it is no file")
    with path.open("rb") as file:
        return file.read(TEXT_LIMIT + 1)


def _top(where: Path, shown: str) -> Layer:
    try:
        return read_layer(_content(where), shown)
    except OSError as error:
        message = f"cannot read {where}: {error.strerror or error}."
        advice = "Name a config in that folder." if where.is_dir() else ""
        raise ConfigError([Finding("unreadable-config", message, advice=advice)]) from error


def _below(written: str, shown: str, seen: list[Path]) -> Layer | str:
    """Return the layer that the last file of `seen` extends, or why there is none."""
    try:
        path = (seen[-1].parent / Path(written).expanduser()).resolve()
        if path in seen:
            return " -> ".join(one.name for one in (*seen[seen.index(path) :], path)) + " would have no end"
        content = _content(path)
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: ~nobody; ValueError: a null byte
        return str(getattr(error, "strerror", None) or error)
    folder = Path(os.path.relpath(path.parent, seen[0].parent)).as_posix()
    name = os.path.normpath(Path(shown).parent / Path(written).expanduser())
    seen.append(path)
    return read_layer(content, name, "" if folder == "." else folder)


def read_layers(path: str | Path) -> tuple[Layer, ...]:
    """Return a config and the files that it extends, directly or through others, from the lowest to itself.

    A file that cannot be read, or that is extended by itself, ends the row; the one above it says why.

    Raises
    ------
    ConfigError
        When the config itself cannot be read.

    """
    layers, seen = [_top(Path(path), str(path))], [Path(path).resolve()]
    while (base := layers[-1].base) is not None:
        below = _below(base, layers[-1].name, seen)
        if isinstance(below, str):
            layers[-1] = evolve(layers[-1], fault=below)
            break
        layers.append(below)
    return tuple(reversed(layers))


def _loaded(
    path: str | Path, merged: Merged, catalog: Catalog, allow: Iterable[str]
) -> tuple[tuple[Extension, ...], Catalog]:
    named = imports(merged)
    if not named:
        return (), catalog
    root = Path(path).resolve().parent
    extensions, larger, findings = load(named, root, catalog, allow)
    if findings:
        told = (*merged.findings, *merged.faults, *findings)
        raise ConfigError(told, str(path), merged.text, merged.others)
    written = (str(path), merged.text, merged.others)
    return tuple(evolve(one, written=written) for one in extensions), larger


def open_names(path: str | Path, catalog: Catalog = STANDARD, allow_imports: Iterable[str] = ()) -> Catalog:
    """Return the names that a config file may use, whatever else is wrong with it; see `open_config`."""
    return _loaded(path, merge(read_layers(path)), catalog, allow_imports)[1]


def _seen_from(path: str | Path, base: Path) -> str:
    """Return the folder of a file as a path from another folder, with ``/``; empty for that folder itself."""
    folder = Path(os.path.relpath(Path(path).resolve().parent, base.resolve())).as_posix()
    return "" if folder == "." else folder


def open_config(
    path: str | Path,
    catalog: Catalog = STANDARD,
    allow_imports: Iterable[str] = (),
    compared_in: Path | None = None,
) -> Opened:
    """Read and parse a config file with the files that it extends and the modules that it imports.

    What older readers took for another value is told as a warning, see `segcore.parsing.older`.

    Parameters
    ----------
    path
        The config.
    catalog
        The names that it may use beside those of its modules.
    allow_imports
        Installed modules that it may import; files beside it need no permission.
    compared_in
        A folder from which the relative paths of several configs are told, so that one place has one name in all of
        them; nothing is warned of then. None tells them from the folder of the config, as everything but a comparison
        needs them.

    Raises
    ------
    ConfigError
        With every finding at once. Where a module cannot be imported, only that is told: the names that
        are missing then follow from it.

    """
    merged = merge(read_layers(path))
    extensions, larger = _loaded(path, merged, catalog, allow_imports)
    if compared_in is not None:
        merged = told_from(merged, _seen_from(path, compared_in))
    examined = examine_merged(merged, larger)
    config = required_config(examined, str(path))
    root = merged.root or Mapping((), Place(1, 1))
    told = hints(root) if compared_in is None else ()
    if told:
        import logging  # here: it takes as long to load as a config to check

        logging.getLogger(__name__).warning("%s", render(told, str(path), merged.text, merged.others))
    return Opened(config, larger, extensions, root, merged, examined.search)
