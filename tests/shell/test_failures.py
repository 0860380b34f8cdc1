"""What every kind of error is told as, and its exit code."""

import errno
import os
import subprocess
import sys
import tempfile

import pytest

from segcore.errors import ConfigError, DataError, Finding
from segshell import failures, own_code
from segshell.checkpoints import WeightsError
from segshell.files import LockedError, WriteError
from segshell.memory import OutOfMemoryError
from segshell.stopping import Stopped
from tests.shell.own_names import write_module

FINDING = [Finding("code", "what is wrong.")]


def of_system(number, *names):
    return OSError(number, os.strerror(number), *names)


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigError(FINDING), 2, "what is wrong"),
        (DataError(FINDING), 3, "what is wrong"),
        (OutOfMemoryError("too much"), 4, "too much"),
        (LockedError("held"), 5, "held"),
        (WeightsError("other network"), 5, "other network"),
        (WriteError("full"), 74, "full"),
        (MemoryError(), 4, "Lower batch"),
        (KeyboardInterrupt(), 130, "stopped; what is finished is kept"),
        (Stopped(15), 143, "stopped"),
        (of_system(errno.ENOENT, "a.png"), 3, "a.png: No such file"),
        (of_system(errno.EACCES, "a.png"), 3, "a.png: Permission denied"),
        (of_system(errno.ENOSPC, "a.png"), 74, "No space left"),
        (of_system(errno.EIO, "a.png"), 74, "Input/output error"),
        (of_system(errno.ENOENT), 74, "No such file"),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), 2, "pip install"),
    ],
)
def test_every_error_has_one_line_and_its_exit_code(capsys, error, code, words):
    assert failures.told("run", error) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert len(said.err.splitlines()) == 1


def test_a_reader_that_has_gone_hears_nothing(capsys):
    assert failures.told("plan", BrokenPipeError(errno.EPIPE, "Broken pipe")) == 0
    assert capsys.readouterr().err == ""


def test_a_fault_of_this_program_leaves_one_line_and_a_file_with_the_traceback(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert failures.told("run", ZeroDivisionError("a fault")) == 1
    (file,) = tmp_path.iterdir()
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("unexpected error: ZeroDivisionError: a fault")
    assert str(file) in second
    assert "ZeroDivisionError" in file.read_text()


def test_where_no_file_can_be_written_the_traceback_is_shown(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    assert failures.told("run", ZeroDivisionError("a fault")) == 1
    assert "ZeroDivisionError: a fault" in capsys.readouterr().err


def test_what_a_module_of_the_users_raises_is_told_as_theirs(capsys, monkeypatch, tmp_path):
    text = "CATALOG = ()\n\n\ndef fail():\n    raise KeyError('x')\n\n\ndef extend(builders):\n    return builders\n"
    path = write_module(tmp_path, text, "mine_of_failures")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    import mine_of_failures

    try:
        with pytest.raises(KeyError) as caught:
            mine_of_failures.fail()
        assert own_code.origin(caught.value) is not None
        assert failures.told("run", caught.value) == 2
    finally:
        del sys.modules["mine_of_failures"]
    first, second = capsys.readouterr().err.splitlines()
    assert first == f"your module {path}, line 5: KeyError: 'x'"
    assert second.startswith("The traceback is in ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")  # noqa: PTH110
def test_an_output_that_takes_nothing_is_an_error_of_output_and_no_more_is_said():
    """As ``segshell schema > file`` on a full disk: Python would complain once more when it ends."""
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "segshell", "schema"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 74
    assert done.stderr == "[Errno 28] No space left on device\n"
