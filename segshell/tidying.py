"""What a finished fold-stage leaves to do: no half-written file, no checkpoint, and a summary that holds it."""

import json
import statistics
from collections.abc import Iterator
from pathlib import Path

from segcore.ledger import Result
from segcore.plans import RunPlan
from segshell import checkpoints, files, generations, sweeping
from segshell.folder import Folder


def _scores(results: list[Result], column: str) -> dict[str, object]:
    values = [dict(one.kept)[column] for one in results]
    spread = statistics.stdev(values) if len(values) > 1 else None
    return {"folds": len(values), "mean": statistics.fmean(values), "standard_deviation": spread}


def summary_text(plan: RunPlan, folder: Folder) -> str:
    """Return summary.yaml: kept epoch and primary metric of every fold-stage that is done, and means over folds."""
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
    return "\n".join(lines) + "\n" if done else ""


def _needless(plan: RunPlan, folder: Folder) -> Iterator[Path]:
    """Yield the checkpoints of fold-stages that are done: a kill came before they were removed."""
    there = {one.key for one in checkpoints.ledger(folder)}
    for run in plan.runs:
        where = folder.checkpoints(run.fold, run.stage, run.key)
        if run.key in there and where.exists():
            yield where


def _is_summed_up(text: str, folder: Folder) -> bool:
    return not text or (folder.summary.exists() and folder.summary.read_text(encoding="utf-8") == text)


def is_tidy(plan: RunPlan, folder: Folder) -> bool:
    """Return whether `tidy` has nothing to do."""
    is_clean = not any(_needless(plan, folder)) and not sweeping.half_written(folder)
    return is_clean and _is_summed_up(summary_text(plan, folder), folder)


def tidy(plan: RunPlan, folder: Folder) -> None:
    """Bring an experiment's folder into order; asked for by who holds its lock. What is in order is not touched."""
    sweeping.sweep(folder)
    for where in _needless(plan, folder):
        generations.forget(where)
    sum_up(plan, folder)


def sum_up(plan: RunPlan, folder: Folder) -> None:
    """Write the summary of what is done, where it is not what lies there; others may train in the folder meanwhile."""
    text = summary_text(plan, folder)
    if not _is_summed_up(text, folder):
        files.write_text(folder.summary, text)
