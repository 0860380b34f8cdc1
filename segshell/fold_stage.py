"""What the epochs of one fold-stage share, and the batches that they are made of."""

import math
from collections.abc import Callable, Generator
from contextlib import closing
from functools import partial
from typing import Any, Protocol

from attrs import field, frozen

from segcore.epochs import batches_of, epoch_order, spans
from segcore.errors import SegmentationError
from segcore.history import EpochRow
from segcore.plans import StageRun
from segcore.samples import SampleTable
from segcore.tiles import addresses
from segcore.values import Indices
from segshell.augmenters import Augmenter
from segshell.averaging import Average, NoAverage
from segshell.batches import Batch, sample, stream
from segshell.engine import Engines, Traced
from segshell.folder import Folder
from segshell.pixels import Pixels, plain
from segshell.run_record import Events
from segshell.stopping import Stop
from segshell.workers import nothing


class TrainingError(SegmentationError):
    """Training cannot go on: the loss is not finite, or no epoch has a finite primary metric. Exit code 4."""

    exit_code = 4


class Progress(Protocol):
    """Who is told how a fold-stage gets on."""

    def step(self, run: StageRun, epoch: int, step: int, steps: int, loss: float) -> None:
        """Hear of one training step; epochs and steps count from 1."""

    def epoch(self, run: StageRun, row: EpochRow) -> None:
        """Hear of one finished epoch."""

    def note(self, text: str) -> None:
        """Hear a sentence: that a training is gone on with, or what is not as it was."""


@frozen
class Work:
    """What a fold-stage needs beside its plan: data, engines, and where results go.

    Attributes
    ----------
    shows_data
        Whether augmented training samples are pictured before a fold-stage begins.
    classes
        Names of the classes, where the data set gives them.
    provenance
        What stands in every run.json: the config and the split.
    stop
        Asked between two batches.
    share
        The share of the time of training that checkpoints may take; None writes one after every epoch.
    resumes
        Whether an interrupted training is gone on with.
    loaders
        Threads that load samples; None for as many as there are cores.

    """

    config_name: str
    table: SampleTable
    pixels: Callable[[StageRun], Pixels]
    augmenters: Callable[[StageRun], Augmenter]
    engines: Engines
    folder: Folder
    progress: Progress = field(repr=False)
    shows_data: bool = False
    classes: tuple[str, ...] = ()
    provenance: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    stop: Stop = field(factory=Stop, repr=False)
    share: float | None = None
    resumes: bool = True
    loaders: int | None = None

    @property
    def events(self) -> Events:
        """The log of all runs."""
        return Events(self.folder.events)


@frozen
class FoldStage:
    """What the epochs of one fold-stage share.

    Attributes
    ----------
    average
        The moving average of the weights, or what stands for none.
    hooks, callbacks
        Keras' list of callbacks, and those in it.

    """

    run: StageRun
    work: Work
    traced: Traced
    pixels: Pixels
    augmenter: Augmenter
    average: Average | NoAverage
    hooks: Any = field(repr=False)
    callbacks: tuple[Any, ...] = field(repr=False)


def _not_finite(current: FoldStage, epoch: int, step: int, samples: Indices, loss: float) -> TrainingError:
    windows = current.run.settings.crops.windows
    ids = ", ".join(dict.fromkeys(current.work.table.ids[one // windows] for one in samples))
    rate = float(current.traced.optimizer.learning_rate)
    return TrainingError(
        f"fold {current.run.fold} stage {current.run.stage}: the loss is {loss} at epoch {epoch + 1}, step {step + 1}, "
        f"learning rate {rate:g}, images {ids}. Lower lr, set clipnorm, or look at these images."
    )


def training_batches(
    run: StageRun,
    pixels: Pixels,
    augmenter: Augmenter,
    epoch: int,
    check: Callable[[], None] = nothing,
    loaders: int | None = None,
) -> Generator[Batch, None, None]:
    """Yield the batches of an epoch, counted from 0: `run.steps` of them.

    Order, negatives and augmentation follow from the number of the pass over the training part: without
    `max_epoch_size`, that of the epoch. `check` is asked while nothing comes, as in `segshell.batches.stream`;
    `loaders` are the threads.
    """
    part = run.training
    for span in spans(epoch, run.steps, run.pass_steps):
        place = run.seed, run.fold, run.stage, span.pass_number
        windows = run.settings.crops.windows
        order = epoch_order(part.positives, part.negatives, part.count, *place, windows)
        batches = batches_of(order, run.settings.batch)[span.first : span.stop]
        make = partial(sample, pixels, augmenter, *place)
        with closing(stream(batches, make, loaders, name=pixels.name, check=check)) as made:
            yield from made


def train_epoch(current: FoldStage, epoch: int) -> dict[str, float]:
    """Train one epoch, counted from 0, and return the columns of the training part.

    Raises
    ------
    TrainingError
        At the batch whose loss is not finite; names its images.
    Stopped
        After the batch in which a signal came.

    """
    current.traced.clear()
    work = current.work
    data = current.run, current.pixels, current.augmenter, epoch
    with closing(training_batches(*data, work.stop.check, work.loaders)) as made:
        for step, (images, masks, rows) in enumerate(made):
            current.hooks.on_train_batch_begin(step)
            loss = float(current.traced.train_step(images, masks))
            if not math.isfinite(loss):
                raise _not_finite(current, epoch, step, rows, loss)
            current.average.update()
            current.hooks.on_train_batch_end(step, {"loss": loss})
            work.progress.step(current.run, epoch + 1, step + 1, current.run.steps, loss)
            work.stop.check()
    return current.traced.results()


def validate(current: FoldStage) -> dict[str, float]:
    """Return the columns of the validation part, with the weights as they are."""
    run, traced = current.run, current.traced
    traced.clear()
    samples = addresses(run.validation_rows, run.settings.crops.windows)
    batches = batches_of(samples, run.settings.batch)
    make = partial(plain, current.pixels)
    check = current.work.stop.check
    loaders = current.work.loaders
    with closing(stream(batches, make, loaders, name=current.pixels.name, check=check)) as made:
        for images, masks, _rows in made:
            traced.test_step(images, masks)
            current.work.stop.check()
    return traced.results("val_")
