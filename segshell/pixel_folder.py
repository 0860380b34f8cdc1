"""The files of decoded samples of one data set: how much room they may take together, and which goes first."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segshell import files, space
from segshell.files import WriteError
from segshell.pixel_file import Layout, PixelFile, create, fits
from segshell.sweeping import is_being_written

try:
    import fcntl
except ImportError:  # no POSIX, so that no file can be held; decoded samples stay in memory there
    fcntl = None  # type: ignore[assignment]

PATTERN = "decoded-*.pixels"
_ATTEMPTS = 5
_PAUSE = 0.05  # seconds


def _hold(descriptor: int, *, alone: bool) -> None:
    """Lock an open file for as long as it is open: shared by who reads and writes, alone by who removes.

    Raises
    ------
    OSError
        When another one holds it, or the file system knows no locks.

    """
    fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Hold a file alone while the block runs; yield whether that is so, and nobody has it open."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:  # it is gone, or somebody else's
        yield False
        return
    try:
        _hold(descriptor, alone=True)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def _status(path: Path) -> tuple[int, int, int]:
    """Return when a file was last used, the bytes it takes on the disk, and those it has with all rows; 0 if gone."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_mtime_ns, found.st_blocks * 512, found.st_size


def _rows_with_room(path: Path, layout: Layout, bound: int) -> int:
    """Return how many rows a file may have beside the others, the least recently used of which go for it."""
    for aside in path.parent.glob(f".{PATTERN}.tmp-*"):
        if not is_being_written(aside):
            aside.unlink(missing_ok=True)
    others = sorted((*_status(one), one) for one in path.parent.glob(PATTERN) if one != path)
    room = bound - layout.size - sum(taken for _, taken, _, _ in others)
    for _, taken, whole, other in others:
        with _alone(other) as is_unused:
            if is_unused and room < 0:
                other.unlink(missing_ok=True)
                room += taken
            elif not is_unused:
                room -= max(0, whole - taken)  # what its writers may still add
    return max(0, min(layout.rows, (room + layout.size - layout.first) // layout.stride))


def _is_at(descriptor: int, path: Path) -> bool:
    """Return whether an open file is still the one of its name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _descriptor(path: Path) -> tuple[int, bool]:
    """Return an open file and whether it may be written; one that is another user's is read."""
    try:
        return os.open(path, os.O_RDWR), True
    except PermissionError:
        return os.open(path, os.O_RDONLY), False


def _opened(path: Path, layout: Layout, most: int) -> PixelFile | None:
    """Return a file, new where there is none or it is no such file; None where others were quicker."""
    if not path.exists():
        create(path, layout)
    descriptor, may_write = _descriptor(path)
    try:
        try:
            _hold(descriptor, alone=False)
        except BlockingIOError:  # somebody looks whether it may be removed
            time.sleep(_PAUSE)
            return None
        if _is_at(descriptor, path):
            if fits(descriptor, layout):
                if may_write:
                    os.utime(path)  # the least recently used one goes first
                return PixelFile(path, os.dup(descriptor), layout, most if may_write else 0)
            path.unlink(missing_ok=True)
        return None
    finally:
        os.close(descriptor)


def open_file(folder: Path, key: str, layout: Layout, bound: int) -> PixelFile:
    """Return the file of decoded samples for a key, made where there is none.

    Parameters
    ----------
    folder
        Where the data set keeps what is derived from it; made where it is missing.
    key
        Names all that decides the pixels of every row.
    layout
        Of the file.
    bound
        Bytes of all such files of the folder together. Where that is too little, files that nobody has open go,
        the least recently used first, and then rows that are beyond it are not written.

    Raises
    ------
    WriteError
        When there can be no such file here, with the reason.

    """
    if fcntl is None or not hasattr(os, "pwrite"):
        raise WriteError("this system cannot share mapped files.")
    path = folder / PATTERN.replace("*", key)
    try:
        files.make_folder(folder)
        most = _rows_with_room(path, layout, bound)
        if not most:
            raise WriteError(f"{folder}: {space.amount(bound)} of cache_size are taken or too little.")
        for _ in range(_ATTEMPTS):
            found = _opened(path, layout, most)
            if found is not None:
                return found
    except OSError as error:
        is_unknown = error.errno in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}
        reason = "its file system knows no locks." if is_unknown else space.reason(error, folder, 0)
        raise WriteError(f"{path}: {reason}") from error
    raise WriteError(f"{path}: other processes replace it again and again.")
