"""Stopping between two batches: the first Ctrl-C or SIGTERM asks for it, the second does not wait."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from attrs import define


class Stopped(KeyboardInterrupt):
    """The user or the system has asked training to stop, and it has. Exit code 130, or 143 for SIGTERM."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_code = 128 + number


@define
class Stop:
    """Whether a signal has come; nothing is asked of it but `check`."""

    number: int = 0

    def check(self) -> None:
        """Raise `Stopped` where a signal has come."""
        if self.number:
            raise Stopped(self.number)


_TOLD = (
    b"stopping after this batch; the unfinished epoch is done again by the next run (once more: stop now)\n"
)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Yield what is asked between two batches; the signals' handlers are as before when the block ends.

    Outside the main thread, where Python takes no signals, nothing ever asks to stop.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def heard(number: int, _frame: FrameType | None) -> None:
        if stop.number:
            raise Stopped(number)
        stop.number = number
        os.write(2, _TOLD)  # not sys.stderr, which may be in the middle of a line's lock

    # What the caller ignores, as `nohup` and scripts do for what runs in the background, stays ignored.
    kinds = [one for one in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(one) is not signal.SIG_IGN]
    before = [signal.signal(kind, heard) for kind in kinds]
    try:
        yield stop
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
