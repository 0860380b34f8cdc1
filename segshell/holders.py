"""Who holds the lock of a folder, as it has said itself: a text beside the lock."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

HOLDER_NAME = ".lock-holder"
_SAID = re.compile(r"pid (?P<pid>\d+) on host (?P<host>\S+) ")
_UNKNOWN = "another process"


def text(host: str) -> str:
    """Return what this process says of itself: its pid, a host, and the time in UTC."""
    return f"pid {os.getpid()} on host {host} since {datetime.now(UTC).isoformat(timespec='seconds')}"


def _is_gone(said: str, host: str) -> bool:
    """Return whether a text names a process of this machine that has ended."""
    found = _SAID.match(said)
    if found is None or found["host"] != host or os.name != "posix":
        return False
    try:
        os.kill(int(found["pid"]), 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:  # somebody else's
        return False
    return False


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
