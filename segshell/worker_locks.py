"""The locks of fold-stages that other processes train for the one that holds the experiment."""

import shutil
from time import monotonic, sleep
from typing import Final

from segshell import files
from segshell.folder import Folder

PATIENCE: Final = 15.0  # seconds in which workers end whose run was killed
_TICK: Final = 0.5


def require_gone(folder: Folder, patience: float = PATIENCE) -> None:
    """Remove the locks of workers; asked for by who holds the experiment and has no worker there.

    Raises
    ------
    LockedError
        When a worker of a run that has ended goes on training there for so many seconds; the message names it.

    """
    end = monotonic() + patience
    while folder.worker_locks.is_dir():
        try:
            for one in sorted(folder.worker_locks.iterdir()):
                with files.lock(one):
                    pass
            shutil.rmtree(folder.worker_locks)
        except files.LockedError:
            if monotonic() > end:
                raise
            sleep(_TICK)
