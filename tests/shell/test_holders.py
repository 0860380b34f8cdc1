"""What the holder of a lock says of itself, and when it is believed."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from segshell import holders

HERE = socket.gethostname()


def said(folder, text):
    (folder / holders.HOLDER_NAME).write_text(text, encoding="utf-8")
    return holders.told(folder, HERE)


def ended():
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_process_says_its_pid_its_host_and_the_time_and_is_believed(tmp_path):
    text = holders.text(HERE)
    assert text.startswith(f"pid {os.getpid()} on host {HERE} since 20")
    assert text.endswith("+00:00")
    assert said(tmp_path, text) == text


def test_a_process_of_this_machine_that_has_ended_is_not_told(tmp_path):
    """Fault 8: without the question whether it lives, `segshell.holders.told` names a process that was killed."""
    text = f"pid {ended()} on host {HERE} since yesterday"
    assert said(tmp_path, text) == "another process"


def test_of_another_machine_nothing_can_be_known(tmp_path):
    text = f"pid {ended()} on host not-{HERE} since yesterday"
    assert said(tmp_path, text) == text


def test_process_1_is_there_whoever_owns_it(tmp_path):
    text = f"pid 1 on host {HERE} since yesterday"
    assert said(tmp_path, text) == text


@pytest.mark.parametrize("pid", [2**31 - 1, 10**30])
def test_a_number_that_no_process_has_is_nobody(tmp_path, pid):
    assert said(tmp_path, f"pid {pid} on host {HERE} since yesterday") == "another process"


@pytest.fixture
def sleeper():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as found:
        yield found.pid
        found.kill()


def test_who_is_at_work_without_its_lock_file_is_told_and_no_process_that_came_later(tmp_path, sleeper):
    now, before = f"{datetime.now(UTC):%FT%T}+00:00", "2020-01-01T00:00:00+00:00"
    cases = [(sleeper, now, True), (sleeper, before, False), (os.getpid(), now, False), (ended(), now, False)]
    for pid, since, is_told in cases:
        text = f"pid {pid} on host {HERE} since {since}"
        said(tmp_path, text)
        assert holders.unlocked(tmp_path, HERE) == (text if is_told else "")
        assert holders.unlocked(tmp_path, f"not-{HERE}") == ""


@pytest.mark.parametrize(
    "text", ["", "pid 1", f"pid 1 on host {HERE} ", f"pid 1 on host {HERE} since 10 o'clock"]
)
def test_a_text_that_says_too_little_names_nobody_at_work(tmp_path, text):
    said(tmp_path, text)
    assert holders.unlocked(tmp_path, HERE) == ""


def test_who_has_said_nothing_or_nothing_readable_is_another_process(tmp_path):
    assert holders.told(tmp_path, HERE) == "another process"
    (tmp_path / holders.HOLDER_NAME).write_bytes(b"\xff\xfe")
    assert holders.told(tmp_path, HERE) == "another process"
