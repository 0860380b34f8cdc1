"""The places that a config reads from: results may not go there."""

from collections.abc import Iterator
from pathlib import Path

from segcore.backgrounds import folder_paths
from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.errors import DataError
from segcore.kinds import Either, Kind, ListOf, Optional, PathText, TableOf
from segcore.values import Call, Table, Value
from segshell.patterns import find, place_of


def _holds_paths(kind: Kind) -> bool:
    match kind:
        case PathText():
            return True
        case Either(of=several):
            return any(map(_holds_paths, several))
        case Optional(of=one) | ListOf(of=one) | TableOf(of=one):
            return _holds_paths(one)
        case _:
            return False


def _texts(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple():
            for one in value:
                yield from _texts(one)
        case Table(items=items):
            for _, one in items:
                yield from _texts(one)


def _paths_of(dataset: Call | None, catalog: Catalog) -> Iterator[str]:
    row = catalog.find("dataset", dataset.name) if dataset else None
    if dataset is None or row is None:
        return
    for parameter in row.parameters:
        if _holds_paths(parameter.kind):
            yield from _texts(dataset.get(parameter.name))


def _places(root: Path, text: str) -> tuple[Path, ...]:
    """Return a folder or file, the fixed folder of a pattern, or the folders in which one with several has files."""
    try:
        place = place_of(root, text)
    except DataError:  # no home of this name: nothing of it can be replaced
        return ()
    if len(place.steps) < 2:
        return (place.folder,)
    return tuple(Path(one.folder) for one in find(root, (text,)).by_id.values())


def input_places(config: ExperimentConfig, root: Path, catalog: Catalog = STANDARD) -> tuple[Path, ...]:
    """Return the folders and files from which a config reads data, each once; they need not exist.

    Parameters
    ----------
    config
        Its data set, the samples that are added to it, and the pictures that replace backgrounds.
    root
        What its paths are relative to.
    catalog
        Says which arguments of a format are paths.

    """
    texts = [
        *_paths_of(config.dataset, catalog),
        *_paths_of(config.extra_train_data, catalog),
        *folder_paths(config),
    ]
    return tuple(dict.fromkeys(place for text in dict.fromkeys(texts) for place in _places(root, text)))
