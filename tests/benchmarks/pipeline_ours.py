"""Our side of the benchmarks of the input pipeline: a config, its plan, and the batches that training takes from it."""

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from segcore.epochs import batches_of, epoch_order
from segcore.values import Indices
from tests.benchmarks.pipeline_data import Pictures

if TYPE_CHECKING:  # so that --help does not wait for TensorFlow
    from collections.abc import Iterator

    from segcore.plans import StageRun
    from segshell.augmenters import Augmenter, Pair
    from segshell.batches import Batch
    from segshell.pixels import Pixels

Cache = Literal["disk", "memory", "off"]

# The augmentation of every contender: flips, one affine transform, brightness.
FLIPS_AFFINE = """\
  Fliplr: 0.5
  Flipud: 0.5
  Affine: {rotate: [-20, 20], scale: [0.9, 1.1], translate_percent: [-0.1, 0.1]}
"""
BRIGHTNESS = "  Multiply: [0.8, 1.2]\n"
SPEC = FLIPS_AFFINE + BRIGHTNESS

CONFIG = """\
architecture: Unet
backbone: resnet18
encoder_weights: null
shape: [{side}, {side}, 3]
classes: 1
activation: sigmoid
augmentation:
{augmentation}optimizer: Adam
lr: 0.001
batch: {batch}
loss: binary_crossentropy
metrics: [iou]
primary_metric: val_iou
folds_count: 1
validationSplit: 0.1
stages: [{{epochs: 2}}]
cache: '{cache}'
dataset: {{images: {folder}/images, masks: {folder}/masks}}
"""


@frozen
class Ours:
    """One fold-stage as `segshell.running` performs it, up to the point where the network would take a batch."""

    run: "StageRun"
    pixels: "Pixels"
    augmenter: "Augmenter"

    @property
    def rows(self) -> Indices:
        """Rows of the sample table that an epoch shows, sorted."""
        return Indices(sorted((*self.run.training.positives, *self.run.training.negatives)))

    def epoch(self, number: int) -> "Iterator[Batch]":
        """Yield the batches of an epoch, counted from 0, as training does."""
        from segshell.fold_stage import training_batches

        return training_batches(self.run, self.pixels, self.augmenter, number)

    def consume(self, number: int) -> int:
        """Make the batches of an epoch, leave them, and return how many samples they held."""
        return sum(len(rows) for _, _, rows in self.epoch(number))

    def first(self) -> int:
        """Make the first epoch with its validation, as training does, and return how many samples that were."""
        from segshell.batches import stream
        from segshell.pixels import plain

        batches = batches_of(self.run.validation_rows, self.run.settings.batch)
        with closing(stream(batches, partial(plain, self.pixels), name=self.pixels.name)) as made:
            return self.consume(0) + sum(len(rows) for _, _, rows in made)

    def one(self, epoch: int, row: int) -> "Pair":
        """Return one training sample in the calling thread."""
        from segshell.batches import sample

        run = self.run
        return sample(self.pixels, self.augmenter, run.seed, run.fold, run.stage, epoch, row)

    def by(self, workers: int, epoch: int) -> "Iterator[Batch]":
        """Yield the batches of `epoch` made by a number of threads."""
        from segshell.batches import stream

        part, place = self.run.training, (self.run.seed, self.run.fold, self.run.stage, epoch)
        order = epoch_order(part.positives, part.negatives, part.count, *place)
        batches = batches_of(order, self.run.settings.batch)
        return stream(batches, lambda row: self.one(epoch, row), workers, name=self.pixels.name)


@frozen
class Setting:
    """What the contenders of one benchmark share.

    Attributes
    ----------
    side
        Height and width of the network's input in pixels.
    batch
        Samples in a batch.

    """

    pictures: Pictures
    side: int
    batch: int

    def ours(self, name: str, augmentation: str = SPEC, cache: Cache = "disk") -> Ours:
        """Return our pipeline on the pictures; each call starts with nothing in memory.

        Parameters
        ----------
        name
            Of the experiment's folder, which is made beside the pictures.
        augmentation
            Lines of YAML, indented by two.
        cache
            As in a config.

        """
        return self.on(self.pictures.folder, name, augmentation, cache)

    def on(self, data: Path, name: str, augmentation: str = SPEC, cache: Cache = "disk") -> Ours:
        """Return our pipeline on a copy of the pictures in another folder."""
        from segshell import segmentation
        from segshell.backgrounds import augmenters_for
        from segshell.running import pixels_for

        folder = data / "experiments" / name
        folder.mkdir(parents=True, exist_ok=True)
        values: dict[str, Any] = {"side": self.side, "batch": self.batch, "folder": data, "cache": cache}
        (folder / "config.yaml").write_text(CONFIG.format(augmentation=augmentation, **values), "utf-8")
        experiment = segmentation.parse(folder / "config.yaml")
        prepared = experiment.prepare()
        run = prepared.plan.runs[0]
        return Ours(run, pixels_for(prepared)(run), augmenters_for(experiment.builders)(run))
