"""Who holds the lock of a folder, as it has said itself: a text beside the lock."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

HOLDER_NAME = ".lock-holder"
_SAID = re.compile(r"pid (?P<pid>\d+) on host (?P<host>\S+) (?:since (?P<since>\S+))?")
_UNKNOWN = "another process"


def text(host: str) -> str:
    """Return what this process says of itself: its pid, a host, and the time in UTC."""
    return f"pid {os.getpid()} on host {host} since {datetime.now(UTC).isoformat(timespec='seconds')}"


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine runs; where that cannot be known, it does."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _is_gone(said: str, host: str) -> bool:
    """Return whether a text names a process of this machine that has ended."""
    found = _SAID.match(said)
    return found is not None and found["host"] == host and not is_alive(int(found["pid"]))


def told(folder: Path, host: str) -> str:
    """Return who holds the lock of a folder; a killed holder has left its text, which is not told.

    Parameters
    ----------
    folder
        What is locked.
    host
        The name of this machine: only here can be known who has ended.

    """
    try:
        said = (folder / HOLDER_NAME).read_text("utf-8")
    except (OSError, UnicodeDecodeError):  # it has not said yet who it is
        return _UNKNOWN
    return _UNKNOWN if _is_gone(said, host) else said


def _began(pid: int) -> float | None:
    """Return when a living process of this machine began, in seconds since 1970; None where that is not known."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        booted = re.search(r"^btime (\d+)$", Path("/proc/stat").read_text("utf-8"), re.MULTILINE)
        after = int(fields[18]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None
    return None if booted is None or state in "ZX" else int(booted[1]) + after


def unlocked(folder: Path, host: str) -> str:
    """Return who writes to a folder although its lock is free, since the file of the lock was removed; empty if none.

    Only another process of this machine is told, and only one that began before its text was written: the pid of a
    killed holder may have become that of another process.
    """
    try:
        said = (folder / HOLDER_NAME).read_text("utf-8")
        found = _SAID.match(said)
        if found is None or found["host"] != host or int(found["pid"]) == os.getpid():
            return ""
        began, since = _began(int(found["pid"])), datetime.fromisoformat(found["since"] or "").timestamp()
    except (OSError, ValueError):
        return ""
    # The text names whole seconds, and so does the time of the machine's start.
    return said if began is not None and began < since + 2 else ""
