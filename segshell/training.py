"""Perform one StageRun: from its starting weights to its kept weights, metrics and example pictures."""

import math
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import keras
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.epochs import batches_of, epoch_order, spans
from segcore.errors import SegmentationError
from segcore.history import is_better, kept_epoch
from segcore.ledger import Result
from segcore.network import NetworkSpec
from segcore.plans import Fresh, FromFile, FromStage, StageRun
from segcore.samples import SampleTable
from segcore.tiles import addresses
from segcore.values import Indices
from segshell import callbacks, checkpoints, examples, files, networks, schedules
from segshell.augmenters import Augmenter
from segshell.averaging import Average, NoAverage, average_of
from segshell.batches import Batch, sample, stream
from segshell.engine import Engines, Traced
from segshell.folder import Folder, sidecar_of
from segshell.history_file import EpochRow, write_history
from segshell.pixels import Pixels, plain
from segshell.versions import versions


class TrainingError(SegmentationError):
    """Training cannot go on: the loss is not finite, or no epoch has a finite primary metric. Exit code 4."""

    exit_code = 4


class Progress(Protocol):
    """Who is told how a fold-stage gets on."""

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of one training step; epochs and steps count from 1."""

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Hear of one finished epoch."""


@frozen
class Work:
    """What a fold-stage needs beside its plan: data, engines, and where results go.

    Attributes
    ----------
    shows_data
        Whether augmented training samples are pictured before a fold-stage begins.

    """

    config_name: str
    table: SampleTable
    pixels: Callable[[StageRun], Pixels]
    augmenters: Callable[[StageRun], Augmenter]
    engines: Engines
    folder: Folder
    progress: Progress = field(repr=False)
    shows_data: bool = False


@frozen
class FoldStage:
    """What the epochs of one fold-stage share.

    Attributes
    ----------
    average
        The moving average of the weights, or what stands for none.

    """

    run: StageRun
    work: Work
    traced: Traced
    pixels: Pixels
    augmenter: Augmenter
    average: Average | NoAverage


def _given_file(given: FromFile, network: NetworkSpec) -> Path:
    """Return the path of weights from elsewhere: those of the plan and, where they have a sidecar, verified by it."""
    path = Path(given.path)
    if files.sha256(path) != given.digest:
        raise checkpoints.WeightsError(f"{path} has changed since the plan was made. Run again.")
    return checkpoints.verified(path, network) if sidecar_of(path).exists() else path


def start_variables(run: StageRun, work: Work, traced: Traced) -> Sequence[NDArray[Any]]:
    """Return the variables that a stage starts from, in the order of the model's."""
    match run.starts:
        case Fresh():
            return networks.initial_variables(run.network, run.seed, run.fold, work.engines.builders)
        case FromStage(fold=fold, stage=stage):
            path = checkpoints.verified(work.folder.weights(fold, stage), run.network)
        case FromFile() as given:
            path = _given_file(given, run.network)
    checkpoints.load_into(traced.model, path)
    return traced.variables()


def _not_finite(current: FoldStage, epoch: int, step: int, samples: Indices, loss: float) -> TrainingError:
    windows = current.run.settings.crops.windows
    ids = ", ".join(dict.fromkeys(current.work.table.ids[one // windows] for one in samples))
    rate = float(current.traced.optimizer.learning_rate)
    return TrainingError(
        f"fold {current.run.fold} stage {current.run.stage}: the loss is {loss} at epoch {epoch + 1}, step {step + 1}, "
        f"learning rate {rate:g}, images {ids}. Lower lr, set clipnorm, or look at these images."
    )


def training_batches(
    run: StageRun, pixels: Pixels, augmenter: Augmenter, epoch: int
) -> Generator[Batch, None, None]:
    """Yield the batches of an epoch, counted from 0: `run.steps` of them.

    Order, negatives and augmentation follow from the number of the pass over the training part: without
    `max_epoch_size`, that of the epoch.
    """
    part = run.training
    for span in spans(epoch, run.steps, run.pass_steps):
        place = run.seed, run.fold, run.stage, span.pass_number
        windows = run.settings.crops.windows
        order = epoch_order(part.positives, part.negatives, part.count, *place, windows)
        batches = batches_of(order, run.settings.batch)[span.first : span.stop]
        with closing(stream(batches, partial(sample, pixels, augmenter, *place))) as made:
            yield from made


def _train_epoch(current: FoldStage, epoch: int, hooks: Any) -> dict[str, float]:
    current.traced.clear()
    with closing(training_batches(current.run, current.pixels, current.augmenter, epoch)) as made:
        for step, (images, masks, rows) in enumerate(made):
            hooks.on_train_batch_begin(step)
            loss = float(current.traced.train_step(images, masks))
            if not math.isfinite(loss):
                raise _not_finite(current, epoch, step, rows, loss)
            current.average.update()
            hooks.on_train_batch_end(step, {"loss": loss})
            current.work.progress.step(current.run, epoch + 1, step + 1, current.run.steps, loss)
    return current.traced.results()


def _validate(run: StageRun, traced: Traced, pixels: Pixels) -> dict[str, float]:
    traced.clear()
    samples = addresses(run.validation_rows, run.settings.crops.windows)
    batches = batches_of(samples, run.settings.batch)
    with closing(stream(batches, partial(plain, pixels))) as made:
        for images, masks, _rows in made:
            traced.test_step(images, masks)
    return traced.results("val_")


def _look(
    current: FoldStage, epoch: int, logs: dict[str, float], best: float | None
) -> tuple[dict[str, float], bool]:
    """Validate the weights that would be kept, and keep them where they are the best so far."""
    run = current.run
    with current.average.lent():
        seen = {
            **logs,
            **_validate(run, current.traced, current.pixels),
            "lr": float(current.traced.optimizer.learning_rate),
        }
        improved = is_better(seen[run.settings.watch.column], best, run.settings.watch)
        if improved:
            # Before the callbacks hear of the epoch: EarlyStopping may put other weights back.
            checkpoints.write_weights(
                current.traced.model, current.work.folder.unfinished(run.fold, run.stage)
            )
            examples.write(run, current.work.folder, current.traced, current.pixels, epoch + 1)
    return seen, improved


def _callbacks(run: StageRun, work: Work, traced: Traced) -> Any:
    built = [
        callbacks.build(
            one.call,
            one.watch.column if one.watch else None,
            one.watch.mode if one.watch else None,
            work.engines.builders,
        )
        for one in run.settings.callbacks
    ]
    if run.settings.schedule is not None:
        built.append(schedules.scheduled(run.settings.schedule))
    told = {"epochs": run.settings.epochs, "steps": run.steps, "lr": run.settings.lr}
    return keras.callbacks.CallbackList(
        built, add_history=False, add_progbar=False, model=traced.watched, **told
    )


def _epochs(current: FoldStage) -> tuple[EpochRow, ...]:
    """Train epoch after epoch; after each the metrics file is complete and the best weights lie on disk."""
    run, work = current.run, current.work
    hooks = _callbacks(run, work, current.traced)
    rows: tuple[EpochRow, ...] = ()
    best: float | None = None
    hooks.on_train_begin()
    for epoch in range(run.settings.epochs):
        hooks.on_epoch_begin(epoch)
        logs, improved = _look(current, epoch, _train_epoch(current, epoch, hooks), best)
        best = logs[run.settings.watch.column] if improved else best
        rows = (*rows, EpochRow(epoch + 1, tuple(logs.items()), improved))
        write_history(work.folder.metrics(run.fold, run.stage), rows)
        work.progress.epoch(run, rows[-1])
        hooks.on_epoch_end(epoch, logs)
        if current.traced.watched.stop_training:
            break
    hooks.on_train_end()
    return rows


def _result(run: StageRun, work: Work, rows: tuple[EpochRow, ...]) -> Result:
    kept = kept_epoch(tuple(dict(row.columns)[run.settings.watch.column] for row in rows), run.settings.watch)
    if kept is None:
        raise TrainingError(
            f"fold {run.fold} stage {run.stage}: {run.settings.watch.column} was not finite in any epoch, so "
            "no weights are kept. Lower lr or watch another metric."
        )
    return Result(
        run.fold,
        run.stage,
        run.key,
        run.parts,
        work.config_name,
        files.sha256(work.folder.unfinished(run.fold, run.stage)),
        rows[kept].epoch,
        len(rows),
        rows[kept].columns,
        rows[-1].columns,
        tuple(work.table.fingerprints[row] for row in run.trained_rows),
        versions(),
        work.folder.unfinished(run.fold, run.stage).stat().st_size,
    )


def perform(run: StageRun, work: Work) -> Result:
    """Train one stage of one fold and leave its weights, sidecar, metrics and example pictures.

    The result does not depend on what ran before in this process.

    Raises
    ------
    TrainingError
        When the loss or the primary metric is not finite.
    DataError
        When a sample cannot be read.
    WeightsError
        When the starting weights are missing, damaged or of another network.
    WriteError
        When results cannot be written.

    """
    traced, pixels = work.engines.get(run), work.pixels(run)
    place = run.seed, run.fold, run.stage
    traced.reset(start_variables(run, work, traced), run.settings.lr, place, run.settings.class_weights)
    average = average_of(traced.model, run.settings.ema)
    augmenter = work.augmenters(run)
    current = FoldStage(run, work, traced, pixels, augmenter, average)
    examples.clear(run, work.folder)
    if work.shows_data:
        examples.write_data(run, work.folder, pixels, augmenter)
    rows = _epochs(current)
    result = _result(run, work, rows)
    checkpoints.finish(work.folder, result)
    return result
