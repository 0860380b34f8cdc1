"""Files that are old or new and never half: atomic writes, digests, safe names, one writer per folder."""

import hashlib
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.errors import SegmentationError
from segshell import file_names, holders, space
from segshell.holders import HOLDER_NAME

if TYPE_CHECKING:
    import filelock

LOCK_NAME = ".lock"


class WriteError(SegmentationError):
    """A file or folder cannot be written: full disk, read-only, missing. Exit code 74."""

    exit_code = 74


class LockedError(SegmentationError):
    """Another process writes to the experiment folder. Exit code 5."""

    exit_code = 5


class UnsafeNameError(SegmentationError):
    """A name that came from a config or from data would leave its folder. Exit code 3."""

    exit_code = 3


def sync(path: Path) -> None:
    """Have a file or folder on the disk when this returns; OSError where that cannot be."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk when this returns."""
    if os.name == "posix":  # Windows can neither open nor needs to flush a folder
        sync(folder)


def aside_of(path: Path) -> Path:
    """Return where a file is written before it takes its place: beside it, a name for each process and thread."""
    encoded = os.fsencode(path.name)
    name = path.name if len(encoded) <= 200 else hashlib.sha256(encoded).hexdigest()
    # The thread keeps apart two writers of one process; sweepers look for ``.*.tmp-*``.
    return path.with_name(f".{name}.tmp-{os.getpid()}-{threading.get_native_id()}")


def _remove(aside: Path) -> int:
    """Remove what was begun and return how many bytes it had; what hinders this has hindered the writing, too."""
    begun = 0
    with suppress(OSError):
        begun = aside.stat().st_size
        aside.unlink()
    return begun


@contextmanager
def replacing(path: Path, size: int | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `path`; when the block ends well, what was written there replaces `path`.

    The new bytes are flushed to the disk before the rename and the folder after it, so a crash at any
    moment leaves the old file or the new one. When anything fails, the old file is untouched and the
    temporary one is removed.

    Parameters
    ----------
    path
        The file to write; its folder must exist. A symbolic link is replaced, not followed.
    size
        How many bytes it will have, where that is known: a full disk is told with it.

    Raises
    ------
    WriteError
        When the operating system refuses (disk full, read-only, missing folder) or the block raises OSError.

    """
    aside = aside_of(path)
    try:
        if path.exists():
            require_plain(path)
        yield aside
        sync(aside)
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        reason = space.reason(error, path.parent, size, begun=_remove(aside))
        raise WriteError(f"{path}: cannot be written: {reason}") from error
    finally:
        _remove(aside)


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file so that it is the old or the new one at every moment; see `replacing`."""
    with replacing(path, len(data)) as aside:
        aside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    r"""Write a text as UTF-8 with ``\n`` line ends, atomically; see `replacing`."""
    write_bytes(path, text.encode("utf-8"))


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; each new one is on the disk when this returns.

    Raises
    ------
    WriteError
        When the operating system refuses.

    """
    try:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for one in reversed(missing):
            sync_folder(one.parent)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be made: {space.reason(error, folder.parent, 0)}") from error


def link(source: str | Path, target: str | Path) -> None:
    """Make `target` a file that shares its bytes with another; a copy where the file system knows no links."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        import shutil  # here: it loads all archivers

        shutil.copyfile(source, target)


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file's bytes as 64 hexadecimal digits.

    Raises
    ------
    OSError
        When the file cannot be read.

    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_plain(path: Path) -> None:
    """Refuse a pipe, a socket or a device, which may be read for ever, and must never be replaced, with OSError."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError("it is a pipe, a socket or a device, no file")


def inside(root: Path, name: str) -> Path:
    """Return the resolved path of `name` below `root`; for names that come from a config or from data.

    Parameters
    ----------
    root
        The folder that must not be left; it need not exist.
    name
        A relative name, with ``/`` between folders. Links on the way are followed and must stay inside.

    Raises
    ------
    UnsafeNameError
        When the name is empty, absolute, climbs with ``..``, leaves through a link, has a step longer than
        255 bytes, holds a NUL, or means something else on Windows (``CON``, a trailing dot, ``C:``).

    """
    reason = file_names.fault(name)
    if not reason:
        home = root.resolve()
        path = (home / name).resolve()
        if path != home and path.is_relative_to(home):
            return path
        reason = "it leads outside, or to the folder itself"
    shown = name if len(name) <= 80 else f"{name[:80]}..."
    raise UnsafeNameError(f"The name {shown!r} cannot be used below {root}: {reason}. Rename it.")


def _unwritable(folder: Path) -> str:
    try:
        mode = folder.stat().st_mode
    except OSError as error:
        return error.strerror or str(error)
    if not stat.S_ISDIR(mode):
        return "it is a file, not a folder"
    # Root may write anywhere, but a folder without any write bit was meant to stay as it is.
    if not mode & 0o222 or not os.access(folder, os.W_OK | os.X_OK):
        return "it is read-only"
    return ""


def is_writable(folder: Path) -> bool:
    """Return whether `folder` is an existing folder that this process may write to.

    A folder whose mode has no write bit counts as read-only, even for root.
    """
    return not _unwritable(folder)


def require_writable(folder: Path) -> None:
    """Check that results can be written to `folder`, before any work is done for them.

    Raises
    ------
    WriteError
        With the path and the reason, when the folder is missing, a file or read-only (see `is_writable`).

    """
    if reason := _unwritable(folder):
        raise WriteError(f"{folder}: cannot be written to: {reason}. Create it or change its permissions.")


def require_place(folder: Path) -> None:
    """Check that a folder of results can be written to or, where it is missing, made; nothing is made.

    Raises
    ------
    WriteError
        With the path and the reason: the nearest folder above that exists is a file or read-only.

    """
    existing = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
    if reason := _unwritable(existing):
        where = "" if existing == folder else f"{existing}: "
        raise WriteError(
            f"{folder}: cannot be written to: {where}{reason}. Name another folder or change its permissions."
        )


def _acquired(folder: Path, host: str) -> "filelock.BaseFileLock":
    import filelock

    guard = filelock.FileLock(folder / LOCK_NAME, blocking=False)
    try:
        with warnings.catch_warnings():
            # Where the file system knows no locks, it would be held by a mark that outlives its process.
            warnings.filterwarnings("error", ".*falling back to SoftFileLock")
            guard.acquire()
    except filelock.Timeout as error:
        raise LockedError(
            f"{folder}: locked by {holders.told(folder, host)}. Wait for it or stop it."
        ) from error
    except (OSError, NotImplementedError, UserWarning) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise WriteError(
            f"{folder}: cannot be locked: {reason}. Two runs could spoil each other's results here; put the "
            "experiment on a file system that knows locks (some network drives do not)."
        ) from error
    return guard


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the only right to write to an experiment folder while the block runs.

    The lock belongs to the operating system, so that of a killed process is free at once.

    Raises
    ------
    LockedError
        When another process, or this one, holds it; the message names pid, host and since when.
    WriteError
        When the folder is missing or read-only, or its file system knows no locks.

    """
    import socket

    require_writable(folder)
    host = socket.gethostname()
    guard = _acquired(folder, host)
    if said := holders.unlocked(folder, host):
        guard.release()
        raise LockedError(f"{folder}: locked by {said}. Wait for it or stop it.")
    try:
        _remove(folder / HOLDER_NAME)
        with suppress(WriteError):  # a full disk keeps nobody from making room: see `clean`
            write_text(folder / HOLDER_NAME, holders.text(host))
        yield
    finally:
        _remove(folder / HOLDER_NAME)
        guard.release()
