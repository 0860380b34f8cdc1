"""What a plan says of its split: where it comes from, who is missing, and what its folds do not have."""

from typing import Any

from attrs import asdict

from segcore.errors import names_of
from segcore.plans import RunPlan, SplitOrigin, StageRun


def removed_lines(origin: SplitOrigin | None) -> list[str]:
    """Return what is said of samples that the split holds and the data set does not; nothing where there are none."""
    gone = origin.removed if origin else ()
    if not gone:
        return []
    return [f"removed   {len(gone)} samples of the split are not in the data set: {names_of(gone)}"]


def split_lines(origin: SplitOrigin | None) -> list[str]:
    """Return what is said of where a split comes from, of samples that are gone, and of its folds."""
    if origin is None:
        return []
    state = f"grown by {origin.added} samples" if origin.state == "grown" else origin.state
    told = f"split     {state}, {origin.file or 'kept in no file'}"
    return [told, *removed_lines(origin), *(f"note      {note}" for note in origin.notes)]


def origin_data(origin: SplitOrigin | None) -> dict[str, Any]:
    """Return where a split comes from as plain data for JSON; nothing where that is not known."""
    if origin is None:
        return {}
    lists = {"removed": list(origin.removed), "notes": list(origin.notes)}
    return {"split_file": {**asdict(origin), "file": origin.file or None, **lists}}


def _folds_of(runs: list[StageRun]) -> str:
    return f"fold{'s' if len(runs) > 1 else ''} {', '.join(str(run.fold) for run in runs)}"


def _stage_lines(plan: RunPlan, stage: int) -> list[str]:
    runs, policy = [run for run in plan.runs if run.stage == stage], plan.config.stages[stage].negatives
    bare = [run for run in runs if not run.training.positives]
    lone = [run for run in runs if not isinstance(policy, str) and policy and not run.training.negatives]
    told = []
    if bare:
        told.append(f"note      stage {stage} has no positive sample to train on in {_folds_of(bare)}")
    if lone:
        asked = f"{policy} negatives per positive"
        told.append(f"note      stage {stage} takes {asked}, and there are none in {_folds_of(lone)}")
    return told


def part_lines(plan: RunPlan) -> list[str]:
    """Return what stages ask for and folds do not have: any positive, or negatives for a number per positive."""
    return [line for stage in sorted({run.stage for run in plan.runs}) for line in _stage_lines(plan, stage)]
