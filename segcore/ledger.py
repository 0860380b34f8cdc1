"""What is already there, and what is therefore left to do."""

from attrs import frozen

from segcore.keys import Parts, changed
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
    weights_digest
        SHA-256 of the weights file.
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


@frozen
class Status:
    """Whether a fold-stage is done, and if not, why."""

    is_done: bool
    reason: str


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


def _difference(old: Parts, new: Parts) -> str:
    before, after = dict(old), dict(new)
    names = changed(old, new)
    told = [name for name in names if name != "starts from"] or list(names)
    shown = [
        f"{name} changed ({_short(before.get(name, 'none'))} -> {_short(after.get(name, 'none'))})"
        for name in told[:3]
    ]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return ", ".join(shown) + more


def status(run: StageRun, ledger: tuple[Result, ...]) -> Status:
    """Return whether a fold-stage's result is there under its key, else what differs."""
    found = next((one for one in ledger if (one.fold, one.stage) == (run.fold, run.stage)), None)
    if found is None:
        return Status(is_done=False, reason="to do")
    if found.key == run.key:
        return Status(is_done=True, reason="done")
    return Status(is_done=False, reason=f"to do: {_difference(found.parts, run.parts)}")


def remaining(plan: RunPlan, ledger: tuple[Result, ...]) -> tuple[StageRun, ...]:
    """Return the runs of a plan whose results are missing or have another key, in order."""
    return tuple(run for run in plan.runs if not status(run, ledger).is_done)
