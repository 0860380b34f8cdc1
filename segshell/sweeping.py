"""What killed programs leave: half-written files beside those that they were to replace."""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from segshell.folder import REPLICATES, Folder
from segshell.holders import is_alive


def _candidates(folder: Folder) -> Iterator[Path]:
    yield from folder.root.glob(".*.tmp-*")
    # Each replicate is swept by itself: after every fold-stage, all of them would be looked through.
    for name in (one for one in folder.made if one != REPLICATES):
        yield from (folder.root / name).rglob(".*.tmp-*")


_WRITER = re.compile(r"\.tmp-(\d+)-(\d+)")


def is_being_written(path: Path) -> bool:
    """Return whether the process that writes a file still runs: one that only evaluates holds no lock."""
    found = _WRITER.search(path.name)
    if not found or os.name != "posix":
        return False
    # Of an earlier process with our numbers, as in a container that was started again: we write nothing now.
    is_ours = (int(found[1]), int(found[2])) == (os.getpid(), threading.get_native_id())
    return not is_ours and is_alive(int(found[1]))


def half_written(folder: Folder) -> tuple[Path, ...]:
    """Return half-written files of an experiment whose writers are gone.

    Only in the folders that are the experiment's own: its images may lie beside its config.
    """
    return tuple(path for path in _candidates(folder) if path.is_file() and not is_being_written(path))


def sweep(folder: Folder) -> None:
    """Remove half-written files; asked for by who holds the experiment's lock."""
    for path in half_written(folder):
        path.unlink(missing_ok=True)
