"""Streams that the caller closed lead nowhere, and what cannot be shown is escaped: neither ends the program."""

import os
import subprocess
import sys

import pytest

SAY = "from segshell.streams import prepare, say; prepare(); "


def ran(code, closing="", **environment):
    """Return what a Python process wrote whose streams a shell closed before."""
    words = ["sh", "-c", f'exec "$0" -c "$1" {closing}', sys.executable, code]
    given = {**os.environ, **environment}
    return subprocess.run(words, capture_output=True, text=True, check=False, env=given)


def test_a_closed_stream_takes_what_is_written_and_no_file_gets_its_number():
    """Fault 50: without `segshell.streams.prepare` a weights file gets the number 2, and messages go into it."""
    numbered = "import sys; file = open('/dev/null'); sys.exit(0 if file.fileno() > 2 else 7)"
    code = f"{SAY} print('lost'); say('lost'); {numbered}"
    done = ran(code, "<&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("closing", "out", "err"), [(">&-", "", "b\n"), ("2>&-", "a\n", "")])
def test_the_other_streams_stay_as_they_are(closing, out, err):
    done = ran(SAY + "print('a'); say('b')", closing)
    assert (done.returncode, done.stdout, done.stderr) == (0, out, err)


def test_a_character_that_cannot_be_shown_is_escaped():
    """Fault 50: without `segshell.streams.prepare` an id with an accent ends the program on an ASCII terminal."""
    done = ran(SAY + "print('\\u00e9\\udcff'); say('\\u00e9')", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout, done.stderr) == (0, "\\xe9\\udcff\n", "\\xe9\n")


def test_a_message_that_no_one_can_read_is_no_error():
    """Fault 50: without the guard in `segshell.streams.say` a full disk behind stderr replaces the exit code."""
    done = ran(SAY + "say('a'); say('b'); print('on')", "2>/dev/full")
    assert (done.returncode, done.stdout) == (0, "on\n")
