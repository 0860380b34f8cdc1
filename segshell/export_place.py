"""Where an exported network goes: files that are there as a whole, with their sidecar, or not at all."""

import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from segcore.errors import DataError, Finding
from segshell import files, space
from segshell.outputs import require_new_table
from segshell.sweeping import is_being_written


def sidecar_of(target: Path) -> Path:
    """Return the file that says what an exported network is: its name with ``.json`` behind it."""
    return target.with_name(f"{target.name}.json")


def require_free(target: Path, inputs: Iterable[Path]) -> None:
    """Refuse a place that is taken, lies among the inputs, or cannot be written to; nothing is made.

    Parameters
    ----------
    target
        The file, or the folder of a format that is one.
    inputs
        The folders from which a config reads.

    Raises
    ------
    DataError
        ``file-taken``, naming what is there; ``table-over-input``.
    segshell.files.WriteError
        With the path and the reason.

    """
    taken = [one for one in (target, sidecar_of(target)) if os.path.lexists(one)]
    if taken:
        message = f"{' and '.join(map(str, taken))} would be overwritten."
        advice = "Name another --output, or remove what is there."
        raise DataError([Finding("file-taken", message, (), None, (), advice)])
    require_new_table(target, inputs)


def _flush(paths: Iterable[Path]) -> None:
    """Bring files and the entries of folders to the disk."""
    for one in paths:
        if one.is_file() or os.name == "posix":  # Windows can neither open nor needs to flush a folder
            descriptor = os.open(one, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _sweep(target: Path) -> None:
    """Remove what killed programs left of the same target."""
    for left in target.parent.glob(f".{target.name}.tmp-*"):
        if left.is_dir() and not is_being_written(left):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def placed(target: Path, names: Sequence[str]) -> Iterator[Path]:
    """Yield a folder beside a target; when the block ends well, what lies there under some names goes to its place.

    It is on the disk before it is renamed, one name after the other: the last is there only when all are. When
    anything fails, nothing is left.

    Parameters
    ----------
    target
        The last of the names, in a folder that need not exist.
    names
        Of the files and folders that the block writes, in the order in which they take their place.

    Raises
    ------
    segshell.files.WriteError
        When the operating system refuses.

    """
    files.make_folder(target.parent)
    _sweep(target)
    aside = target.with_name(f".{target.name}.tmp-{os.getpid()}-{threading.get_native_id()}")
    try:
        aside.mkdir()
        yield aside
        for name in names:
            _flush((aside / name, *(aside / name).rglob("*")))
            (aside / name).rename(target.with_name(name))
        _flush((target.parent,))
    except OSError as error:
        reason = space.reason(error, target.parent)
        raise files.WriteError(f"{target}: cannot be written: {reason}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
