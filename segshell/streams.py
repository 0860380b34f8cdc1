"""Standard input, output and error of the program: usable whatever the caller closed, and never a reason to fail."""

import io
import os
import sys
from typing import TextIO


def _require_descriptors() -> None:
    """Open what the caller closed (``>&-``) on nothing, so that no file of ours gets the number of an output."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)


def prepare() -> None:
    """Make the three streams usable: closed ones lead nowhere, and characters that cannot be shown are escaped.

    For the process of the command line alone, since it changes the streams of `sys`.
    """
    _require_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115  (open as long as the program)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def let_go(stream: TextIO) -> None:
    """Let a stream lead nowhere, so that what Python flushes at its end does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """Write a line to stderr; where it cannot be written, nobody can be told."""
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        let_go(sys.stderr)
