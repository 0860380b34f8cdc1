"""A plan as people and programs read it: a table of fold-stages, and plain data for JSON."""

import json
from collections import Counter
from typing import Any

from segcore.checkpointing import interval_of, interval_text
from segcore.ledger import NOTHING, Result, Standing, status
from segcore.loss_text import write as write_loss
from segcore.parsing.dumping import as_plain, plain
from segcore.plan_notes import origin_data, part_lines, split_lines
from segcore.plans import Fresh, FromFile, FromStage, RunPlan, StageRun, Training
from segcore.samples import SampleTable
from segcore.values import Call, Indices

STEPWISE = ("CyclicLR", "LRVariator")

_HEAD = (
    "fold",
    "stage",
    "train",
    "pos",
    "neg",
    "steps",
    "epochs",
    "lr",
    "loss",
    "val",
    "val pos",
    "val neg",
    "starts from",
    "keeps",
    "key",
    "status",
)


def start_text(starts: Fresh | FromStage | FromFile) -> str:
    """Return where a stage's weights come from, in words."""
    match starts:
        case FromStage(fold=fold, stage=stage):
            return f"kept of {fold}.{stage}"
        case FromFile(path=path):
            return path.rsplit("/", 1)[-1]
        case Fresh():
            return "initial"


def _rate(settings: Training) -> str:
    """Return the rate of the first step, with the name of what moves it from step to step."""
    if settings.schedule:
        return f"{settings.lr:g} {settings.schedule.name}"
    movers = [one.call for one in settings.callbacks if one.call.name in STEPWISE]
    return f"{_first_rate(movers[0], settings.lr):g} {movers[0].name}" if movers else f"{settings.lr:g}"


def _first_rate(call: Call, rate: float) -> float:
    given = call.get("base_lr", 0.001) if call.name == "CyclicLR" else call.get("fromVal", rate)
    return float(given) if isinstance(given, int | float) else rate


def _row(run: StageRun, ledger: tuple[Result, ...], standing: Standing) -> tuple[str, ...]:
    settings, training, validation = run.settings, run.training, run.validation
    numbers = (
        run.fold,
        run.stage,
        len(training),
        len(training.positives),
        training.count,
        run.steps,
        settings.epochs,
    )
    seen = (len(run.validation_rows), len(validation.positives), validation.count)
    leak = (
        ""
        if run.leaks == 0
        else f" (leaks: {'unknown' if run.leaks is None else run.leaks} of {len(run.validation_rows)})"
    )
    return (
        *map(str, numbers),
        _rate(settings),
        write_loss(settings.loss),
        *map(str, seen),
        start_text(run.starts),
        f"{settings.watch.mode} {settings.watch.column}",
        run.key[:8],
        status(run, ledger, standing.leftovers).reason + leak,
    )


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _header(plan: RunPlan) -> list[str]:
    network, config = plan.runs[0].network, plan.config
    height, width, channels = network.shape
    held = f", {plan.held_out} held out" if plan.held_out else ""
    return [
        (
            f"network   {network.architecture} with {network.backbone}, {height}x{width}x{channels} -> "
            f"{network.classes} {network.activation}, encoder weights {network.encoder_weights or 'none'}"
        ),
        f"input     {network.preprocessing} rule, BatchNormalization momentum {network.batchnorm_momentum:.4g}",
        f"samples   {plan.samples}{held}, split {plan.split_digest}, seed {config.seed}, batch {config.batch}",
        *split_lines(plan.origin),
    ]


def _stage_note(run: StageRun) -> str:
    """Return what a stage does that no column shows."""
    one = run.settings
    weights = ", ".join(f"{number:.3g}" for number in one.class_weights)
    words = (
        f"{one.crops.count} x {one.crops.count} crops, overlap {one.crops.overlap:g}"
        if one.crops.count > 1
        else "",
        "encoder frozen" if one.freeze_encoder else "",
        f"class weights {weights} (fold {run.fold})" if weights else "",
        f"averaged weights, ema {one.ema:g}" if one.ema else "",
        f"at most {one.max_epoch_size} steps an epoch" if one.max_epoch_size else "",
        f"batches shared by {one.gpus} GPUs" if one.gpus > 1 else "",
    )
    return "; ".join(word for word in words if word)


def _stage_notes(plan: RunPlan) -> list[str]:
    first = {run.stage: run for run in reversed(plan.runs)}
    notes = [(number, _stage_note(first[number])) for number in sorted(first)]
    return [f"stage {number}   {note}" for number, note in notes if note]


def lines(plan: RunPlan, ledger: tuple[Result, ...] = (), standing: Standing = NOTHING) -> list[str]:
    """Return the plan as lines of text: the network, the split, and one row per fold-stage."""
    if not plan.runs:
        return ["nothing is planned: no fold-stage is selected"]
    rows = [_HEAD, *(_row(run, ledger, standing) for run in plan.runs)]
    safe = [f"safe      {interval_text(plan.config.checkpoint_share, standing.timings)}"]
    skipped = [str(i) for i, stage in enumerate(plan.config.stages) if stage.epochs == 0]
    note = [f"note      stage {', '.join(skipped)} has 0 epochs and is skipped"] if skipped else []
    return [*_header(plan), *safe, *_stage_notes(plan), *note, *part_lines(plan), "", *_columns(rows)]


def _ids(rows: Indices, table: SampleTable | None) -> list[str] | None:
    return [table.ids[row] for row in rows] if table else None


def _pool(run: StageRun) -> Indices:
    """Return the negatives that training takes in turn; none where it takes none."""
    return run.training.negatives if run.training.count else Indices()


def replicate_line(
    number: int, plan: RunPlan, ledger: tuple[Result, ...], standing: Standing = NOTHING
) -> str:
    """Return how far a replicate is, in one line: its fold-stages by what is left to do, and why."""
    told = Counter(status(run, ledger, standing.leftovers).reason for run in plan.runs)
    shown = ", ".join(f"{count} {reason}" for reason, count in told.items())
    return f"replicate {number}, the same folds with seed {plan.config.seed}: {shown}"


def _standing_data(
    run: StageRun, ledger: tuple[Result, ...], standing: Standing, share: float | None
) -> dict[str, Any]:
    return {
        "fold": run.fold,
        "stage": run.stage,
        "key": run.key,
        "status": status(run, ledger, standing.leftovers).reason,
        "checkpoint_every": interval_of(share, standing.timings, (run.fold, run.stage)),
    }


def _run_data(run: StageRun, table: SampleTable | None) -> dict[str, Any]:
    settings = run.settings
    data: dict[str, Any] = {
        "samples": len(run.training),
        "positives": len(run.training.positives),
        "negatives": run.training.count,
        "negatives_available": len(run.training.negatives),
        "validation_samples": len(run.validation_rows),
        "validation_positives": len(run.validation.positives),
        "validation_negatives": run.validation.count,
        "steps": run.steps,
        "epochs": settings.epochs,
        "batch": settings.batch,
        "lr": settings.lr,
        "schedule": plain(settings.schedule),
        "loss": write_loss(settings.loss),
        "optimizer": plain(settings.optimizer),
        "weights_from": start_text(run.starts),
        "monitor": settings.watch.column,
        "mode": settings.watch.mode,
        "leaks": run.leaks,
        "callbacks": [
            {"callback": plain(one.call), "monitor": one.watch.column, "mode": one.watch.mode}
            if one.watch
            else {"callback": plain(one.call)}
            for one in settings.callbacks
        ],
        "parts": dict(run.parts),
    }
    if table is not None:
        data["training_ids"] = [
            *(_ids(run.training.positives, table) or []),
            *(_ids(_pool(run), table) or []),
        ]
        data["validation_ids"] = _ids(run.validation_rows, table)
    return data


def as_data(
    plan: RunPlan,
    ledger: tuple[Result, ...] = (),
    table: SampleTable | None = None,
    standing: Standing = NOTHING,
) -> dict[str, Any]:
    """Return the plan as plain data for JSON; with a table, each fold-stage names its ids."""
    return {
        "config": as_plain(plan.config),
        "split": plan.split_digest,
        **origin_data(plan.origin),
        "samples": plan.samples,
        "held_out": plan.held_out,
        "runs": [
            {**_standing_data(run, ledger, standing, plan.config.checkpoint_share), **_run_data(run, table)}
            for run in plan.runs
        ],
    }


def id_lines(plan: RunPlan, table: SampleTable) -> list[str]:
    """Return the ids of every fold-stage's parts as lines of text."""
    out = []
    for run in plan.runs:
        parts = (
            ("training positives", run.training.positives),
            (f"training negatives ({run.training.count} at a time)", _pool(run)),
            ("validation", run.validation_rows),
        )
        out += [
            f"{run.name} {name}: {json.dumps(_ids(rows, table), ensure_ascii=False)}" for name, rows in parts
        ]
    return out
