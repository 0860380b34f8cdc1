"""What a full disk is told as: how much room a file needs, and how much there is."""

import errno
import re
from pathlib import Path

# What no file system answers twice in the same words: full, over the quota, larger than files may be.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# numpy writes arrays through C, and tells no error number.
_CUT_OFF = re.compile(r"\d+ requested and \d+ written")
_UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def amount(size: int) -> str:
    """Return a number of bytes as people read it, in units of 1000: ``134 MB``, ``1.2 GB``."""
    for unit, name in _UNITS:
        if size >= unit:
            share = size / unit
            return f"{share:.1f} {name}" if share < 10 else f"{share:.0f} {name}"
    return f"{size} bytes"


def is_full(error: OSError) -> bool:
    """Return whether an error of the operating system says that there is no room for more bytes."""
    return error.errno in _FULL or (error.errno is None and _CUT_OFF.fullmatch(str(error)) is not None)


def free(folder: Path) -> int:
    """Return how many bytes can still be written below a folder; 0 where that cannot be known."""
    try:
        import shutil  # here: it loads all archivers

        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def _limit(error: OSError, has: int, needed: int | None) -> str:
    if error.errno == errno.EDQUOT:
        return "more than the quota leaves"
    if error.errno == errno.EFBIG:
        return "more than a file may have here"
    if needed is not None and has >= needed:  # no names are left, or the room is reserved for others
        return f"has {amount(has)}, and yet the file system takes no more"
    return f"has {amount(has)}"


def reason(error: OSError, folder: Path, needed: int | None = None, begun: int = 0) -> str:
    """Return why a file cannot be written, as the rest of a sentence.

    Parameters
    ----------
    error
        What the operating system raised.
    folder
        Where the file was to be; what had been written of it is removed, so that it counts as free.
    needed, begun
        Size of the file in bytes, where it is known, and how much of it was written.

    """
    if not is_full(error):
        return f"{error.strerror or error}."
    size = amount(needed) if needed is not None else f"more than {amount(begun)}"
    return f"no space: needs {size}, {_limit(error, free(folder), needed)}. Make room and run again."
