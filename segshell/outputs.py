"""Where results may go: to places that can be written to, and never over what they were made from."""

from collections.abc import Iterable
from pathlib import Path

from segcore.errors import DataError, Finding
from segshell import files
from segshell.folder import Folder


def require_results(folder: Folder) -> None:
    """Check that the results of an experiment can be written, before any of them is computed.

    Raises
    ------
    segshell.files.WriteError
        With the path and the reason: the folder of the experiment, or one of those in it, is missing, a file or
        read-only.

    """
    files.require_writable(folder.root)
    for name in folder.made:
        files.require_place(folder.root / name)


def require_apart(output: Path, inputs: Iterable[Path]) -> None:
    """Refuse a folder of results that is one of the folders of inputs, whose files would be replaced.

    Raises
    ------
    DataError
        ``same-folder``, naming both.
    segshell.files.WriteError
        With the path and the reason, where the folder is a file or read-only, or cannot be made.

    """
    for given in inputs:
        if output.resolve() == given.resolve():
            message = f"results would replace files in {given}, from which they are made."
            raise DataError([Finding("same-folder", message, (), None, (), "Name another folder for them.")])
    files.require_place(output)


def require_new_table(path: Path, inputs: Iterable[Path]) -> None:
    """Refuse a file that would replace an input, or cannot be written, before any work is done for it.

    Raises
    ------
    DataError
        ``table-over-input``.
    segshell.files.WriteError
        With the path and the reason, where it is a folder, or lies in one that cannot be written to or made.

    """
    for given in inputs:
        if path.resolve() == given.resolve() or path.resolve().parent == given.resolve():
            message = f"{path} lies among the inputs in {given} and could replace one."
            raise DataError([Finding("table-over-input", message, (), None, (), "Name another file.")])
    if path.is_dir():
        raise files.WriteError(f"{path}: cannot be written: it is a folder. Name a file in it.")
    # /dev/stdout is a link there; root would replace it for all programs.
    if (path.exists() and not path.is_file()) or (
        path.is_symlink() and str(path.readlink()).startswith("/proc")
    ):
        raise files.WriteError(f"{path}: cannot be written: it is a pipe or a device. Name a file.")
    files.require_place(path.parent)


def file_stem(name: str) -> str:
    """Return an id as one file name holds it: the steps of ``scene/3`` are joined to ``scene__3``."""
    return name.replace("/", "__")


def mask_names(stem: str, count: int) -> tuple[str, ...]:
    """Return the names of the files of an image's masks: ``stem.png``, or ``stem.1.png`` and so on for several."""
    if count == 1:
        return (f"{stem}.png",)
    return tuple(f"{stem}.{number}.png" for number in range(1, count + 1))


def require_names(root: Path, names: Iterable[str], suffix: str) -> None:
    """Refuse ids that can name no file, or whose files would replace each other, before any of them is written.

    Parameters
    ----------
    root
        The folder of the files.
    names
        The ids.
    suffix
        The longest that follows the stem of a file.

    Raises
    ------
    DataError
        ``same-file``, naming two of them. Ids that differ in upper and lower case alone count as the same: so they
        do where results are copied to Windows or macOS.
    segshell.files.UnsafeNameError
        As `files.inside`.

    """
    seen: dict[str, str] = {}
    for name in names:
        stem = file_stem(name)
        files.inside(root, f"{stem}{suffix}")
        other = seen.setdefault(stem.casefold(), name)
        if other != name:
            message = f"the results of {other!r} and {name!r} would be one file, {stem!r}."
            raise DataError([Finding("same-file", message, (), None, (), "Rename one of the samples.")])


def folders_of(dataset: object) -> tuple[Path, ...]:
    """Return the folders from which a data set reads, where it says so; empty for others."""
    found = (
        *getattr(dataset, "folders", ()),
        *(getattr(dataset, name, None) for name in ("images", "masks")),
    )
    return tuple(dict.fromkeys(one for one in found if isinstance(one, Path)))
