"""How fast images are done, on stderr: a bar on a terminal, a line now and then elsewhere, and the sum at the end."""

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from time import monotonic
from typing import Any, TextIO, TypeVar

from segshell import memory
from segshell.space import amount
from segshell.streams import let_go

Item = TypeVar("Item")
EVERY = 10.0  # seconds between two lines


def rate_words(count: int, seconds: float) -> str:
    """Return how many a second they are, in three digits: ``103``, ``9.85``."""
    rate = count / max(seconds, 1e-9)
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 10 else f"{rate:.2f}"


def _time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


class Throughput:
    """Counts images and the time that they take; shows nothing.

    Parameters
    ----------
    clock
        Seconds from any moment.

    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.count, self.seconds = 0, 0.0

    def _begun(self, _total: int, _what: str) -> AbstractContextManager[None]:
        """Hear that so many of something begin."""
        return nullcontext()

    def _heard(self, _done: int, _total: int, _what: str, _seconds: float) -> None:
        """Hear how many are done since some seconds."""

    def follow(self, items: Iterable[Item], total: int, what: str) -> Generator[Item, None, None]:
        """Yield items as they come, and show how fast that is; those called images are counted.

        Parameters
        ----------
        items
            Of any kind.
        total
            How many they are, or would be if none failed.
        what
            What they are called.

        """
        began, done = self._clock(), 0
        with self._begun(total, what):
            try:
                for item in items:
                    yield item
                    done += 1
                    self._heard(done, total, what, self._clock() - began)
            finally:
                if what == "images":
                    self.count += done
                    self.seconds += self._clock() - began

    @property
    def sum(self) -> str:
        """All images that were counted: their number, time, images a second, and the memory that it took at most."""
        most = memory.peak()
        used = "" if most is None else f", peak memory {amount(most)}"
        speed = f"{self.count:,} images in {_time(self.seconds)}"
        return f"{speed}: {rate_words(self.count, self.seconds)} images/s{used}"

    def say(self, text: str) -> None:
        """Hear a sentence."""

    def finish(self) -> None:
        """Hear that all is done."""


class Lines(Throughput):
    """Writes a plain line every ten seconds, and the sum at the end."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self._stream, self._last = stream or sys.stderr, 0.0

    def _begun(self, total: int, what: str) -> AbstractContextManager[None]:
        self._last = 0.0
        return super()._begun(total, what)

    def _heard(self, done: int, total: int, what: str, seconds: float) -> None:
        if seconds - self._last >= EVERY:
            self._last = seconds
            left = _time(seconds / done * max(0, total - done))
            self.say(f"{done:,} of {total:,} {what}, {rate_words(done, seconds)}/s, {left} left")

    def say(self, text: str) -> None:
        """Write the sentence."""
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except OSError:  # a reader that has gone, or a log on a full disk, is no reason to end a prediction
            let_go(self._stream)

    def finish(self) -> None:
        """Write the sum."""
        self.say(self.sum)


class Bar(Lines):
    """Draws a bar with the time left, and writes the sum at the end."""

    _bar: Any = None

    def _begun(self, total: int, what: str) -> AbstractContextManager[None]:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(file=self._stream), transient=True,
        )  # fmt: skip
        self._bar.add_task(what, total=total)
        shown: AbstractContextManager[None] = self._bar
        return shown

    def _heard(self, done: int, _total: int, what: str, seconds: float) -> None:
        description = f"{rate_words(done, seconds)} {what}/s"
        self._bar.update(self._bar.task_ids[0], completed=done, description=description)


def shown() -> Throughput:
    """Return what shows it where this process runs: a bar on a terminal, else lines."""
    return Bar() if sys.stderr.isatty() else Lines()
