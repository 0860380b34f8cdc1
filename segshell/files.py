"""Files that are old or new and never half: atomic writes, digests, safe names, one writer per folder."""

import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from segcore.errors import SegmentationError

LOCK_NAME = ".lock"
HOLDER_NAME = ".lock-holder"
LONGEST_NAME = 255  # bytes in one step of a path, on every common file system
# Windows opens a device under these names, whatever their extension: such results could not be copied there.
DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)


class WriteError(SegmentationError):
    """A file or folder cannot be written: full disk, read-only, missing. Exit code 74."""

    exit_code = 74


class LockedError(SegmentationError):
    """Another process writes to the experiment folder. Exit code 5."""

    exit_code = 5


class UnsafeNameError(SegmentationError):
    """A name that came from a config or from data would leave its folder. Exit code 3."""

    exit_code = 3


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # Windows can neither open nor needs to flush a folder
        _sync(folder)


def _aside(path: Path) -> Path:
    encoded = os.fsencode(path.name)
    name = path.name if len(encoded) <= 200 else hashlib.sha256(encoded).hexdigest()
    # The thread keeps apart two writers of one process; sweepers look for ``.*.tmp-*``.
    return path.with_name(f".{name}.tmp-{os.getpid()}-{threading.get_native_id()}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; when the block ends well, what was written there replaces `path`.

    The new bytes are flushed to the disk before the rename and the folder after it, so a crash at any
    moment leaves the old file or the new one. When anything fails, the old file is untouched and the
    temporary one is removed.

    Parameters
    ----------
    path
        The file to write; its folder must exist. A symbolic link is replaced, not followed.

    Raises
    ------
    WriteError
        When the operating system refuses (disk full, read-only, missing folder) or the block raises OSError.

    """
    aside = _aside(path)
    try:
        yield aside
        _sync(aside)
        aside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that it is the old or the new one at every moment; see `replacing`."""
    with replacing(path) as aside:
        aside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    r"""Write a text as UTF-8 with ``\n`` line ends, atomically; see `replacing`."""
    write_bytes(path, text.encode("utf-8"))


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file's bytes as 64 hexadecimal digits.

    Raises
    ------
    OSError
        When the file cannot be read.

    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _step_fault(step: str) -> str:
    if len(os.fsencode(step)) > LONGEST_NAME:
        return f"it has more than {LONGEST_NAME} bytes"
    if step.split(".", maxsplit=1)[0].upper() in DEVICES:
        return f"{step!r} is a device on Windows"
    if step.endswith((".", " ")):
        return "it ends in a dot or a space, which Windows removes"
    return ""


def _name_fault(name: str) -> str:
    if not name or "\0" in name:
        return "it is empty or holds a NUL"
    steps = name.replace("\\", "/").split("/")
    if name[0] in "/\\" or name[1:2] == ":" or ".." in steps:
        return "it is absolute or climbs with '..'"
    return next(filter(None, map(_step_fault, steps)), "")


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
    reason = _name_fault(name)
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


def _holder(folder: Path) -> str:
    try:
        return (folder / HOLDER_NAME).read_text("utf-8")
    except FileNotFoundError:  # the holder has the lock but has not said yet who it is
        return "another process"


@contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the only right to write to an experiment folder while the block runs.

    The lock belongs to the operating system, so that of a killed process is free at once.

    Raises
    ------
    LockedError
        When another process, or this one, holds it; the message names pid, host and since when.
    WriteError
        When the folder is missing or read-only.

    """
    import socket

    import filelock

    require_writable(folder)
    guard = filelock.FileLock(folder / LOCK_NAME, blocking=False)
    try:
        guard.acquire()
    except filelock.Timeout as error:
        raise LockedError(f"{folder}: locked by {_holder(folder)}. Wait for it or stop it.") from error
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        write_text(folder / HOLDER_NAME, f"pid {os.getpid()} on host {socket.gethostname()} since {since}")
        yield
    finally:
        (folder / HOLDER_NAME).unlink(missing_ok=True)
        guard.release()
