"""One writer per experiment folder: who is refused, what it is told, and what a killed process leaves."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from segshell import files

HOLD = (
    "import sys; from pathlib import Path; from segshell import files\n"
    "with files.lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
)


# Holds the same lock, and never says who it is.
SILENT = (
    "import sys, filelock\n"
    "with filelock.FileLock(sys.argv[1] + '/.lock'): print('held', flush=True); sys.stdin.read()\n"
)


def start_holder(folder: Path, code: str = HOLD) -> subprocess.Popen:
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    return holder


def finish(holder: subprocess.Popen) -> None:
    holder.communicate(timeout=20)


def test_a_second_process_is_refused_and_told_who_holds_the_lock(tmp_path):
    """Fault 8: without the lock of `segshell.files.lock` two processes write to one folder."""
    holder = start_holder(tmp_path)
    try:
        with pytest.raises(
            files.LockedError, match=rf"pid {holder.pid} on host \S+ since \d{{4}}-"
        ) as caught:
            files.lock(tmp_path).__enter__()
    finally:
        finish(holder)
    assert caught.value.exit_code == 5
    with files.lock(tmp_path):
        assert str(os.getpid()) in (tmp_path / files.HOLDER_NAME).read_text()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    """Fault 8: with a mark instead of the system's lock in `segshell.files.lock`, a killed holder would hold it."""
    holder = start_holder(tmp_path)
    holder.send_signal(signal.SIGKILL)
    finish(holder)
    with files.lock(tmp_path):
        assert str(os.getpid()) in (tmp_path / files.HOLDER_NAME).read_text()


def test_who_removes_the_file_of_the_lock_does_not_let_a_second_process_in(tmp_path):
    """Fault 8: without `segshell.holders.unlocked` two processes write, each with a lock on a file of its own."""
    holder = start_holder(tmp_path)
    (tmp_path / files.LOCK_NAME).unlink()
    try:
        with pytest.raises(files.LockedError, match=f"locked by pid {holder.pid} "):
            files.lock(tmp_path).__enter__()
        assert str(holder.pid) in (tmp_path / files.HOLDER_NAME).read_text()
    finally:
        finish(holder)
    with files.lock(tmp_path):
        pass


def test_the_same_process_cannot_take_the_lock_twice(tmp_path):
    with files.lock(tmp_path), pytest.raises(files.LockedError, match=f"pid {os.getpid()}"):
        files.lock(tmp_path).__enter__()
    with files.lock(tmp_path):
        pass


def test_the_lock_is_free_after_an_error_in_its_block(tmp_path):
    with pytest.raises(RuntimeError), files.lock(tmp_path):
        raise RuntimeError
    with files.lock(tmp_path):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_the_file_system_knows_no_locks_it_is_an_error_and_no_mark_is_left(
    tmp_path, monkeypatch, number
):
    """Fault 8: without the refusal in `segshell.files.lock` a mark that outlives its process would stand for a lock."""

    def refused(_descriptor, _operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refused)
    with pytest.raises(files.WriteError, match=r"cannot be locked: .*knows locks") as caught:
        files.lock(tmp_path).__enter__()
    assert caught.value.exit_code == 74
    assert not (tmp_path / files.HOLDER_NAME).exists()
    monkeypatch.undo()
    with files.lock(tmp_path):
        pass


def test_what_a_killed_holder_said_is_not_told_while_another_has_not_spoken_yet(tmp_path):
    """Fault 8: without `segshell.holders` the pid of a process that was killed long ago is told."""
    gone = start_holder(tmp_path)
    gone.send_signal(signal.SIGKILL)
    finish(gone)
    assert str(gone.pid) in (tmp_path / files.HOLDER_NAME).read_text()
    silent = start_holder(tmp_path, SILENT)
    try:
        with pytest.raises(files.LockedError, match="locked by another process"):
            files.lock(tmp_path).__enter__()
    finally:
        finish(silent)


def test_of_processes_that_begin_at_once_one_has_the_lock(tmp_path):
    """Fault 8: without the lock of `segshell.files.lock` all of them would write."""
    (tmp_path / "one").mkdir()
    code = (
        "import sys, time; from pathlib import Path; from segshell import files; import filelock\n"
        "sys.stdin.readline()\n"
        "with files.lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "one")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    held = [racer for racer in racers if racer.stdout.readline() == "held\n"]
    assert len(held) == 1
    for racer in racers:
        _, told = racer.communicate(timeout=20)
        assert (racer in held) != ("LockedError" in told)


def test_a_folder_that_cannot_be_written_is_not_locked(tmp_path):
    with pytest.raises(files.WriteError, match="absent"):
        files.lock(tmp_path / "absent").__enter__()
