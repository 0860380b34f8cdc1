"""Perform what a plan leaves to do, in order, and write the summary."""

import json
import statistics
from collections.abc import Callable
from functools import cache

from segcore.errors import DataError, Finding
from segcore.ledger import Result, remaining
from segcore.network import NetworkSpec
from segcore.plans import FromStage, RunPlan, StageRun
from segcore.tiles import Crops
from segshell import checkpoints, files
from segshell.backgrounds import augmenters_for
from segshell.datasets import ordered
from segshell.engine import Engines
from segshell.folder import Folder
from segshell.pixels import Pixels
from segshell.preparing import Prepared
from segshell.training import Progress, Work, perform


def pixels_for(prepared: Prepared) -> Callable[[StageRun], Pixels]:
    """Return a function that gives decoded samples for a stage; stages of one shape share them."""
    order = ordered(prepared.dataset)

    @cache
    def shared(network: NetworkSpec, at: str, crops: Crops) -> Pixels:
        return Pixels(
            prepared.dataset,
            order,
            network.shape,
            at,  # type: ignore[arg-type]
            classes=network.classes,
            exclusive=network.is_exclusive,
            transforms=network.transforms,
            crops=crops,
        )

    return lambda run: shared(run.network, run.settings.augment_at, run.settings.crops)


def check_starts(chosen: tuple[StageRun, ...], ledger: tuple[Result, ...]) -> None:
    """Refuse to begin where a chosen run starts from one that is neither chosen nor done.

    Raises
    ------
    DataError
        Naming the runs that are missing.

    """
    there = {run.key for run in chosen} | {one.key for one in ledger}
    missing = [
        Finding(
            "start-missing",
            f"fold {run.fold} stage {run.stage} starts from fold {run.starts.fold} stage {run.starts.stage}, "
            "which is not trained with this config.",
            ("stages", run.stage),
            None,
            (),
            "Train it first, or choose more folds and stages.",
        )
        for run in chosen
        if isinstance(run.starts, FromStage) and run.starts.key not in there
    ]
    if missing:
        raise DataError(missing)


def run_plan(
    chosen: RunPlan, prepared: Prepared, folder: Folder, engines: Engines, progress: Progress
) -> tuple[Result, ...]:
    """Train what of the chosen plan is missing; return the results that were added.

    Raises
    ------
    SegmentationError
        As `training.perform`; results finished before stay.

    """
    with files.lock(folder.root):
        # Read again: another process may have finished some of it since the plan was made.
        ledger = checkpoints.ledger(folder)
        to_do = remaining(chosen, ledger)
        check_starts(to_do, ledger)
        work = Work(
            folder.config_name,
            prepared.table,
            pixels_for(prepared),
            augmenters_for(engines.builders),
            engines,
            folder,
            progress,
            prepared.plan.config.show_data_examples,
        )
        return tuple(_performed(run, work, prepared.plan) for run in to_do)


def _performed(run: StageRun, work: Work, whole: RunPlan) -> Result:
    result = perform(run, work)
    write_summary(whole, work.folder)
    return result


def _scores(results: list[Result], column: str) -> dict[str, object]:
    values = [dict(one.kept)[column] for one in results]
    spread = statistics.stdev(values) if len(values) > 1 else None
    return {"folds": len(values), "mean": statistics.fmean(values), "standard_deviation": spread}


def write_summary(plan: RunPlan, folder: Folder) -> None:
    """Write summary.yaml: kept epoch and primary metric of every fold-stage that is done, and means over folds."""
    ledger = checkpoints.ledger(folder)
    done = [(run, one) for run in plan.runs for one in ledger if one.key == run.key]
    entries = [
        {
            "fold": run.fold,
            "stage": run.stage,
            "key": run.key,
            "kept_epoch": one.epoch,
            "epochs": one.epochs,
            run.settings.watch.column: dict(one.kept)[run.settings.watch.column],
        }
        for run, one in done
    ]
    stages = {}
    for stage in sorted({run.stage for run, _ in done}):
        columns = {run.settings.watch.column for run, _ in done if run.stage == stage}
        results = [one for run, one in done if run.stage == stage]
        stages[stage] = {column: _scores(results, column) for column in sorted(columns)}
    lines = [
        f"config: {json.dumps(folder.config_name)}",
        f"split: {json.dumps(plan.split_digest)}",
        "stages:",
    ]
    lines += [f"  {stage}: {json.dumps(scores)}" for stage, scores in stages.items()]
    lines += ["runs:", *(f"  - {json.dumps(entry)}" for entry in entries)]
    files.write_text(folder.summary, "\n".join(lines) + "\n")
