"""What is safe of a fold-stage while it trains: its best weights so far, and checkpoints as often as they are worth."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from segcore.checkpointing import FIRST_GUESS, VERSION, Checkpoint, Kept, epochs_between, is_due
from segcore.history import EpochRow
from segcore.plans import StageRun
from segcore.state_trees import Tree, encode
from segshell import checkpoints, files, generations
from segshell.engine import Traced
from segshell.versions import versions

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Saver:
    """Holds the best weights in memory, and writes them with each checkpoint and at the end.

    Parameters
    ----------
    run
        The fold-stage.
    where
        The folder of its checkpoints.
    share
        The share of the time of training that checkpoints may take; None writes one after every epoch.
    kept
        The best weights of an earlier sitting, which lie in `where`.
    cost
        Seconds that a checkpoint takes, where one was timed before.

    """

    def __init__(
        self, run: StageRun, where: Path, share: float | None, kept: Kept | None, cost: float
    ) -> None:
        self.run, self.where, self.share, self.cost = run, where, share, cost
        self.epoch_seconds = 0.0
        self.kept = kept
        self._best: tuple[int, list[NDArray[Any]]] | None = None  # what is newer than the file of `kept`
        self._trained = 0.0
        # With the best weights of then: those of an epoch that is not complete do not belong to its rows.
        self._pending: tuple[tuple[EpochRow, ...], Tree, tuple[int, list[NDArray[Any]]] | None] | None = None

    @property
    def every(self) -> int:
        """After how many epochs a checkpoint is written, as far as they have been timed."""
        return epochs_between(self.epoch_seconds, self.cost, self.share)

    def hold(self, epoch: int, traced: Traced) -> None:
        """Take the weights as they are as the best so far.

        Raises
        ------
        FloatingPointError
            Where one of them is not finite.

        """
        weights = traced.variables()
        if not all(np.isfinite(one).all() for one in weights if one.dtype.kind == "f"):
            raise FloatingPointError(f"the weights at the end of epoch {epoch} are not finite")
        self._best = epoch, weights

    def keep(self, traced: Traced) -> Path | None:
        """Return the file of the best weights, written where it was not yet; None where no epoch was good."""
        if self._best is not None:
            epoch, weights = self._best
            path = generations.kept_file(self.where, epoch)
            files.make_folder(self.where)
            with traced.holding(weights):
                checkpoints.write_weights(traced.model, path)
            self.kept, self._best = Kept(epoch, path.name, files.sha256(path)), None
        return self.where / self.kept.name if self.kept else None

    def after(self, seconds: float) -> bool:
        """Hear how long an epoch took, and return whether a checkpoint is due."""
        self.epoch_seconds = seconds
        self._trained += seconds
        return is_due(self._trained, self.cost, self.share)

    def guess(self, size: int) -> None:
        """Take a guess at the cost from the number of bytes, where none has been timed."""
        self.cost = self.cost or size / FIRST_GUESS

    def wait(self, rows: Sequence[EpochRow], state: Tree) -> None:
        """Hold the state after an epoch that no checkpoint follows, for a stop before the next one."""
        self._pending = tuple(rows), state, self._best

    def flush(self, traced: Traced) -> None:
        """Write the checkpoint of the last complete epoch, where it was not yet."""
        if self._pending is not None:
            rows, state, self._best = self._pending
            self.write(traced, rows, state)

    def write(self, traced: Traced, rows: Sequence[EpochRow], state: Tree) -> None:
        """Write a checkpoint after the last of some epochs."""
        self._pending, started = None, time.monotonic()
        self.keep(traced)
        coded, arrays = encode(state)
        epoch = rows[-1].epoch
        record = Checkpoint(
            VERSION,
            self.run.key,
            self.run.fold,
            self.run.stage,
            epoch,
            tuple(rows),
            json.dumps(coded),
            generations.write_state(self.where, epoch, arrays),
            self.kept,
            versions(),
            self.epoch_seconds,
        )
        self.cost = time.monotonic() - started
        generations.write_record(self.where, evolve(record, seconds=self.cost))
        self._trained = 0.0


def state_bytes(traced: Traced) -> int:
    """Return how many bytes a checkpoint of a network and its optimizer holds at least."""
    every = (*traced.model.variables, *traced.optimizer.variables)
    return sum(int(np.prod(one.shape)) * np.dtype(one.dtype).itemsize for one in every)
