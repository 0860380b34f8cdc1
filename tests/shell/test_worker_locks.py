"""Fold-stages that another process trains: who holds the experiment waits for its end, and no longer than said."""

import subprocess
import sys
from pathlib import Path

import pytest

from segshell.files import LockedError, lock
from segshell.folder import Folder
from segshell.worker_locks import require_gone

HOLDING = """
import sys
from pathlib import Path
from segshell.files import lock

with lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    found = Folder(tmp_path, "config.yaml")
    found.worker_lock(0, 1).mkdir(parents=True)
    found.worker_lock(1, 0).mkdir(parents=True)
    return found


def test_locks_that_nobody_holds_are_removed(folder):
    require_gone(folder)
    assert not folder.worker_locks.exists()
    require_gone(folder)


def test_who_still_trains_is_named_and_keeps_its_lock(folder):
    given = [sys.executable, "-c", HOLDING, str(folder.worker_lock(1, 0))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(given, cwd=Path(__file__).parents[2], **pipes) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=str(other.pid)):
            require_gone(folder, patience=0.0)
        assert folder.worker_lock(1, 0).is_dir()
        other.stdin.close()
        require_gone(folder)  # which waits for its end
    assert not folder.worker_locks.exists()
    with lock(folder.root):
        pass
