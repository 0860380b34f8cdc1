"""What lies between two epochs: the record of an interrupted training, and when it is worth writing one."""

import math

from attrs import frozen

from segcore.history import EpochRow

VERSION = 1
FIRST_GUESS = 100e6  # bytes per second, until the first checkpoint of a process has been timed


@frozen
class Kept:
    """The weights of the best epoch so far: its number from 1, its file's name, and SHA-256 of the file."""

    epoch: int
    name: str
    digest: str


@frozen
class Checkpoint:
    """A fold-stage between two epochs, but for the arrays.

    Attributes
    ----------
    key
        As in its StageRun: what goes on must be what was interrupted.
    epoch
        How many epochs are complete.
    rows
        Their rows.
    state
        Text of JSON in which arrays are numbers, see `segcore.state_trees`.
    arrays
        SHA-256 of the file of arrays.
    kept
        The best weights so far; None where no epoch had a finite value.
    epoch_seconds, seconds
        How long an epoch took, and writing this.

    """

    version: int
    key: str
    fold: int
    stage: int
    epoch: int
    rows: tuple[EpochRow, ...]
    state: str
    arrays: str
    kept: Kept | None
    versions: tuple[tuple[str, str], ...] = ()
    epoch_seconds: float = 0.0
    seconds: float = 0.0


@frozen
class Timing:
    """How long an epoch of a fold-stage took, and writing a checkpoint of it, in seconds; both above 0."""

    fold: int
    stage: int
    epoch_seconds: float
    seconds: float


def is_due(trained: float, cost: float, share: float | None) -> bool:
    """Return whether a checkpoint is to be written after an epoch.

    Parameters
    ----------
    trained
        Seconds of training since the last one.
    cost
        Seconds that writing one takes.
    share
        Cost per training that is allowed, above 0; None writes after every epoch.

    """
    return share is None or cost <= share * trained


def epochs_between(epoch_seconds: float, cost: float, share: float | None) -> int:
    """Return after how many epochs `is_due` becomes true, where each takes the same time: at least 1."""
    if share is None or cost <= 0 or epoch_seconds <= 0:
        return 1
    return max(1, math.ceil(cost / (share * epoch_seconds) - 1e-9))


def interval_of(share: float | None, timings: tuple[Timing, ...], place: tuple[int, int]) -> int | None:
    """Return after how many epochs of a fold and stage a checkpoint is written; None where that was not timed.

    A fold-stage that was not timed itself is taken to be like another fold's.
    """
    if share is None:
        return 1
    alike = [one for one in timings if one.stage == place[1]]
    own = [one for one in alike if one.fold == place[0]]
    found = (own or alike)[:1]
    return epochs_between(found[0].epoch_seconds, found[0].seconds, share) if found else None


def interval_text(share: float | None, timings: tuple[Timing, ...]) -> str:
    """Return when checkpoints are written, in words: by stage where it was timed."""
    if share is None:
        return "a checkpoint after every epoch"
    rule = f"checkpoints may take {100 * share:.3g} % of the time"
    by_stage = {one.stage: one for one in reversed(timings)}
    told = [
        f"stage {stage} after every {_counted(epochs_between(one.epoch_seconds, one.seconds, share))} "
        f"(about {one.seconds:.2g} s, an epoch {one.epoch_seconds:.2g} s)"
        for stage, one in sorted(by_stage.items())
    ]
    return f"{rule}: {', '.join(told)}" if told else f"{rule}; how often that is will be timed"


def _counted(epochs: int) -> str:
    return "epoch" if epochs == 1 else f"{epochs} epochs"


def differences(before: tuple[tuple[str, str], ...], after: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return what two lists of versions differ in, each as ``name old -> new``."""
    old, new = dict(before), dict(after)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return tuple(f"{name} {old.get(name, 'unknown')} -> {new.get(name, 'unknown')}" for name in names)
