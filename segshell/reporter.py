"""Keeps how far a worker is, for those who ask from time to time."""

import os
import socket
from collections import deque

from attrs import evolve

from segcore.history import EpochRow
from segcore.plans import StageRun
from segshell.orders import Order
from segshell.pool import Look
from segshell.progress import Silent, epoch_line


class Reporter(Silent):
    """Keeps how far a worker is until it is asked; each line is given out once."""

    def __init__(self) -> None:
        self._look = Look(f"{os.getpid()} on {socket.gethostname()}")
        self._lines: deque[str] = deque()
        self._shown = ""
        self._caches: set[str] = set()

    def begin(self, order: Order) -> None:
        """Hear which order is begun."""
        self._look = Look(self._look.worker, order.task)
        self._shown = f"{order.shown} " if order.shown else ""

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of one training step."""
        self._look = evolve(
            self._look, epoch=epoch, epochs=run.settings.epochs, step=step, steps=steps, loss=loss
        )

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Hear of one finished epoch."""
        self._lines.append(f"{self._shown}{epoch_line(run, row)}")

    def note(self, text: str) -> None:
        """Hear a sentence; where decoded samples are kept is said once of each file."""
        place = text.partition(": ")[0]
        if place.startswith("cache "):
            if place in self._caches:
                return
            self._caches.add(place)
        self._lines.append(f"{self._shown}{text}")

    def given_out(self) -> tuple[Look, tuple[str, ...]]:
        """Return how far it is, and the lines since the last time."""
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        return self._look, tuple(lines)
