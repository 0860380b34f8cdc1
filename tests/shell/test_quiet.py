"""TensorFlow's start-up notes are held back, everything else is passed on."""

import subprocess
import sys

SCRIPT = """
import os
from segshell.quiet import _held_back
with _held_back():
    os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\\n")
    os.write(2, b"I0000 00:00:1 port.cc:153] a note\\n")
    os.write(2, b"E0000 a fault of a driver\\n")
    os.write(2, b"my own words\\n")
{after}
"""


def stderr_of(after: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(after=after)], capture_output=True, text=True, check=False
    )
    return done.stderr.splitlines()


def test_notes_are_dropped_and_the_rest_is_shown_in_order() -> None:
    assert stderr_of("os.write(2, b'after\\n')") == ["E0000 a fault of a driver", "my own words", "after"]


def test_what_was_said_before_an_exception_is_shown() -> None:
    shown = stderr_of("    raise RuntimeError('inside')")
    assert shown[:2] == ["E0000 a fault of a driver", "my own words"]
    assert shown[-1] == "RuntimeError: inside"
