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


def file_stem(name: str) -> str:
    """Return an id as one file name holds it: the steps of ``scene/3`` are joined to ``scene__3``."""
    return name.replace("/", "__")


def require_distinct(names: Iterable[str]) -> None:
    """Refuse ids whose files would replace each other, before any of them is written.

    Raises
    ------
    DataError
        ``same-file``, naming two of them.

    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(file_stem(name), name)
        if other != name:
            message = f"the results of {other!r} and {name!r} would be one file, {file_stem(name)!r}."
            raise DataError([Finding("same-file", message, (), None, (), "Rename one of the samples.")])


def folders_of(dataset: object) -> tuple[Path, ...]:
    """Return the folders from which a data set reads, where it says so; empty for others."""
    found = (
        *getattr(dataset, "folders", ()),
        *(getattr(dataset, name, None) for name in ("images", "masks")),
    )
    return tuple(dict.fromkeys(one for one in found if isinstance(one, Path)))
