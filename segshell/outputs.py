"""Where results may go: never over what they were made from."""

from collections.abc import Iterable
from pathlib import Path

from segcore.errors import DataError, Finding


def require_apart(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse a folder of results that is one of the folders of inputs, whose files would be replaced.

    Raises
    ------
    DataError
        ``same-folder``, naming both; ``output-is-file`` where the output is no folder.

    """
    if output.exists() and not output.is_dir():
        message = f"{output} is a file; results need a folder."
        raise DataError([Finding("output-is-file", message, (), None, (), "Name another folder.")])
    for given in inputs:
        if output.resolve() == given.resolve():
            message = f"results would replace files in {given}, from which they are made."
            raise DataError([Finding("same-folder", message, (), None, (), "Name another folder for them.")])


def require_new_table(path: Path, inputs: Iterable[Path]) -> None:
    """Refuse a csv that would replace an input, or a folder, before any work is done for it.

    Raises
    ------
    DataError
        ``table-over-input`` or ``table-is-folder``.

    """
    if path.is_dir():
        message = f"{path} is a folder; the run-length csv needs a file."
        raise DataError([Finding("table-is-folder", message, (), None, (), "Name a file in it.")])
    for given in inputs:
        if path.resolve() == given.resolve() or path.resolve().parent == given.resolve():
            message = f"{path} lies among the inputs in {given} and could replace one."
            raise DataError([Finding("table-over-input", message, (), None, (), "Name another file.")])


def folders_of(dataset: object) -> tuple[Path, ...]:
    """Return the folders from which a data set reads; empty for one that is no folder data set."""
    found = (getattr(dataset, name, None) for name in ("images", "masks"))
    return tuple(one for one in found if isinstance(one, Path))
