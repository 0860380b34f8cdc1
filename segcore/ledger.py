"""What is already there, and what is therefore left to do."""

import re

from attrs import frozen

from segcore.checkpointing import Timing
from segcore.errors import DataError, Finding
from segcore.keys import Parts, changed
from segcore.monitors import Watch
from segcore.plans import RunPlan, StageRun


@frozen
class Result:
    """What a finished fold-stage left beside its weights.

    Attributes
    ----------
    key, parts
        As in its StageRun.
    config_name
        File name of the config that trained it.
    weights_digest, weights_bytes
        SHA-256 of the weights file, and its size; None where it was not recorded.
    epoch, epochs
        The kept epoch, counted from 1, and how many were trained.
    kept, last
        Columns of the metrics file at the kept and at the last epoch.
    trained_on
        Content fingerprints of all samples that these weights, or those they started from, were trained on.
    versions
        Libraries, threads and machine; recorded and shown, no part of the key.

    """

    fold: int
    stage: int
    key: str
    parts: Parts
    config_name: str
    weights_digest: str
    epoch: int
    epochs: int
    kept: tuple[tuple[str, float], ...]
    last: tuple[tuple[str, float], ...]
    trained_on: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    weights_bytes: int | None = None

    @property
    def watch(self) -> Watch:
        """The column that decided which epoch was kept, and its direction."""
        return Watch(*dict(self.parts)["primary_metric"].rsplit(" ", 1))

    @property
    def value(self) -> float:
        """The watched column at the kept epoch."""
        return dict(self.kept)[self.watch.column]


@frozen
class Leftover:
    """What lies beside the results of a fold-stage.

    Attributes
    ----------
    key
        As in its StageRun.
    epoch
        How many epochs of an interrupted training are safe; None for a whole result that was set aside.

    """

    fold: int
    stage: int
    key: str
    epoch: int | None


@frozen
class Standing:
    """What lies in an experiment's folder beside its results: leftovers, and how long things took."""

    leftovers: tuple[Leftover, ...] = ()
    timings: tuple[Timing, ...] = ()


NOTHING = Standing()


@frozen
class Status:
    """Whether a fold-stage is done, and if not, why."""

    is_done: bool
    reason: str


_DIGEST = re.compile("[0-9a-f]{32,64}")


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _told(name: str, before: str | None, after: str | None) -> str:
    """Return that a part changed, and how where its texts say something to a reader."""
    if {len(text) for text in (before, after) if text and _DIGEST.fullmatch(text)}:
        return f"{name} changed"
    return f"{name} changed ({_short(before or 'none')} -> {_short(after or 'none')})"


def _difference(old: Parts, new: Parts) -> str:
    before, after = dict(old), dict(new)
    names = changed(old, new)
    told = [name for name in names if name != "starts from"]
    if not told:
        return "what it starts from changed"
    shown = [_told(name, before.get(name), after.get(name)) for name in told[:3]]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return ", ".join(shown) + more


def _waiting(run: StageRun, leftovers: tuple[Leftover, ...]) -> str:
    """Return what lies ready for a fold-stage that is not done."""
    found = [one for one in leftovers if one.key == run.key]
    if any(one.epoch is None for one in found):
        return "set aside, comes back"
    epochs = [one.epoch for one in found if one.epoch is not None]
    return f"resume at epoch {max(epochs) + 1}" if epochs else "to do"


def status(run: StageRun, ledger: tuple[Result, ...], leftovers: tuple[Leftover, ...] = ()) -> Status:
    """Return whether a fold-stage's result is there under its key, else what would be done and what differs."""
    found = next((one for one in ledger if (one.fold, one.stage) == (run.fold, run.stage)), None)
    if found is not None and found.key == run.key:
        return Status(is_done=True, reason="done")
    waiting = _waiting(run, leftovers)
    reason = waiting if found is None else f"{waiting}: {_difference(found.parts, run.parts)}"
    return Status(is_done=False, reason=reason)


def remaining(plan: RunPlan, ledger: tuple[Result, ...]) -> tuple[StageRun, ...]:
    """Return the runs of a plan whose results are missing or have another key, in order."""
    return tuple(run for run in plan.runs if not status(run, ledger).is_done)


def trained_run(plan: RunPlan, ledger: tuple[Result, ...], fold: int, stage: int) -> StageRun:
    """Return the run of a fold and stage whose weights are those of this plan.

    Raises
    ------
    DataError
        When it is not planned or not trained as planned: weights of another split may have seen the samples on which
        they would be scored.

    """
    run = plan.find(fold, stage)
    if run is None:
        raise DataError([Finding("stage", f"fold {fold} stage {stage} is not in the plan.")])
    found = status(run, ledger)
    if not found.is_done:
        reason = "" if found.reason == "to do" else f" ({found.reason.removeprefix('to do: ')})"
        message = f"fold {fold} stage {stage} is not trained with this config and data{reason}."
        raise DataError([Finding("not-trained", message, (), None, (), "Run it first.")])
    return run
