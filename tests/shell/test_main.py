"""The program as a whole: verbs, exit codes, signals, closed pipes, and what happens when something unexpected does."""

import signal
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import pytest

from segshell.__main__ import VERBS
from segshell.files import LOCK_NAME
from tests.shell.commands.calling import CONFIG, call
from tests.shell.small import write_config


def test_help_names_every_verb_and_every_exit_code():
    said = call("--help")
    assert (said.code, said.err) == (0, "")
    assert all(name in said.out for name, _ in VERBS)
    assert all(
        code in said.out for code in ("0 ok", "1 ", "2 ", "3 data", "4 training", "5 ", "74", "130", "143")
    )


@pytest.mark.parametrize("name", [name for name, _ in VERBS])
def test_every_verb_has_its_own_help(name):
    said = call(name, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: segshell {name}")


@pytest.mark.parametrize("words", [(), ("train",), ("check",), ("check", "a.yaml", "--surplus")])
def test_a_wrong_call_is_a_usage_error_on_stderr(words):
    said = call(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("usage: segshell")


def raising(monkeypatch, error):
    """Let the verb `check` meet an error: a fault of the program cannot be had otherwise."""

    def perform(_arguments):
        raise error

    stand_in = SimpleNamespace(add_arguments=lambda _parser: None, perform=perform)
    monkeypatch.setitem(sys.modules, "segshell.commands.check", stand_in)


def test_an_unexpected_error_leaves_one_line_and_a_file_with_the_traceback(monkeypatch, tmp_path):
    raising(monkeypatch, ZeroDivisionError("a fault"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    said = call("check")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("unexpected error: ZeroDivisionError: a fault\n")
    (file,) = tmp_path.iterdir()
    assert str(file) in said.err
    assert "Traceback" not in said.err
    text = file.read_text()
    assert "Traceback" in text
    assert "in perform" in text


def test_ctrl_c_says_that_finished_work_is_kept(monkeypatch):
    raising(monkeypatch, KeyboardInterrupt())
    said = call("check")
    assert (said.code, said.out) == (130, "")
    assert "kept" in said.err


def test_an_error_of_the_operating_system_is_told_in_one_line(monkeypatch):
    raising(monkeypatch, OSError(28, "No space left on device", "weights"))
    said = call("check")
    assert (said.code, said.out) == (74, "")
    assert "No space left on device" in said.err
    assert len(said.err.splitlines()) == 1


def test_an_input_that_cannot_be_read_is_an_error_of_the_data(monkeypatch):
    raising(monkeypatch, FileNotFoundError(2, "No such file or directory", "a.png"))
    said = call("check")
    assert (said.code, said.out, said.err) == (3, "", "a.png: No such file or directory.\n")


SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
from pathlib import Path
from types import SimpleNamespace
from segshell import files
from segshell.__main__ import main

def perform(_arguments):
    with files.lock(Path(sys.argv[1])), files.replacing(Path(sys.argv[1]) / "result") as aside:
        aside.write_text("half")
        print("begun", flush=True)
        time.sleep(60)

sys.modules["segshell.commands.check"] = SimpleNamespace(add_arguments=lambda _parser: None, perform=perform)
sys.exit(main(["check"]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_verb_that_is_told_to_stop_takes_back_what_it_has_begun(tmp_path, number, code):
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout.readline() == "begun\n"
    running.send_signal(number)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out) == (code, "")
    assert err.startswith("stopped; ")
    assert len(err.splitlines()) == 1
    assert [one.name for one in tmp_path.iterdir()] == [LOCK_NAME]


def test_the_handlers_of_signals_are_as_before_when_a_verb_has_ended(tmp_path):
    before = [signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)]
    call("check", tmp_path / "gone.yaml")
    assert [signal.getsignal(kind) for kind in (signal.SIGINT, signal.SIGTERM)] == before


def process(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "segshell", *map(str, words)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_a_reader_that_has_gone_is_met_quietly(tmp_path):
    """As in ``segshell plan … | head -0``."""
    running = process("check", write_config(tmp_path, **CONFIG))
    running.stdout.close()
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait() == 0


def test_the_exit_code_reaches_the_shell(tmp_path):
    running = process("check", tmp_path / "gone.yaml")
    out, err = running.communicate()
    assert (running.returncode, out) == (2, "")
    assert "gone.yaml" in err
