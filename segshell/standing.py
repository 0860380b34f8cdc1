"""What lies in an experiment's folder beside its results, as a plan asks for it."""

from segcore.checkpointing import Timing
from segcore.ledger import NOTHING, Leftover, Standing
from segcore.plans import RunPlan
from segshell.folder import Folder


def _timing(folder: Folder, fold: int, stage: int) -> Timing | None:
    """Return how long things took the last time that a fold-stage was trained to its end."""
    from segshell import run_record

    told = run_record.read(folder.record(fold, stage))
    epoch, checkpoint = told.get("epoch_seconds"), told.get("checkpoint_seconds")
    if not isinstance(epoch, float) or not isinstance(checkpoint, float) or min(epoch, checkpoint) <= 0:
        return None
    return Timing(fold, stage, epoch, checkpoint)


def standing(folder: Folder, plan: RunPlan) -> Standing:
    """Return interrupted trainings, results that were set aside, and timings of a plan's fold-stages."""
    if not any((folder.root / name).exists() for name in folder.made):
        return NOTHING
    from segshell import generations, set_aside  # here: with nothing made, a plan needs no reader of arrays

    records = generations.newest(folder)
    interrupted = tuple(Leftover(one.fold, one.stage, one.key, one.epoch) for one in records)
    running = tuple(
        Timing(one.fold, one.stage, one.epoch_seconds, one.seconds)
        for one in records
        if min(one.epoch_seconds, one.seconds) > 0
    )
    ended = (_timing(folder, run.fold, run.stage) for run in plan.runs)
    return Standing((*set_aside.leftovers(folder), *interrupted), (*running, *filter(None, ended)))
