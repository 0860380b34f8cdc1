"""What the benchmark of prediction stands on: a folder of pictures, and an experiment whose weights are random."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.keys import network_parts
from segcore.ledger import Result
from segcore.network import NetworkSpec
from segcore.tiles import blend, cut
from segcore.views import apply, invert
from segshell import checkpoints, files, networks
from segshell.framing import Decoded, from_canvas
from segshell.image_reader import ImageReader
from segshell.images import write_png
from segshell.prediction import Predictor, grouped
from segshell.segmentation import Experiment, parse

CONFIG = """\
architecture: Unet
backbone: resnet18
encoder_weights: null
preprocessing: tf
shape: [{side}, {side}, 3]
classes: 1
activation: sigmoid
folds_count: 5
stages: [{{epochs: 1}}]
"""
Compiled = Callable[[tf.Tensor], tf.Tensor]


def make_pictures(folder: Path, count: int, side: int, seed: int) -> Path:
    """Write `count` smooth pictures of side x side pixels as PNG; return their folder."""
    drawn = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for number in range(count):
        rough = drawn.integers(0, 256, (side // 16 + 2, side // 16 + 2, 3), dtype=np.uint8)
        smooth = cv2.resize(rough, (side, side), interpolation=cv2.INTER_CUBIC)
        write_png(folder / f"{number:05}.png", cv2.add(smooth, drawn.integers(0, 9, smooth.shape, np.uint8)))
    return folder


def _save(experiment: Experiment, spec: NetworkSpec, fold: int, seed: int) -> None:
    """Write random weights of a fold as training does, with their sidecar."""
    model = networks.build(spec)
    for variable, value in zip(model.variables, networks.initial_variables(spec, seed, fold), strict=True):
        variable.assign(value)
    aside = experiment.folder.root / "aside.weights.h5"
    checkpoints.write_weights(model, aside)
    digest, parts = files.sha256(aside), network_parts(spec, None)
    result = Result(fold, 0, "random", parts, experiment.folder.config_name, digest, 1, 1, (), ())
    checkpoints.finish(experiment.folder, result, aside)


def make_experiment(folder: Path, side: int, folds: int, seed: int) -> Experiment:
    """Return an experiment with kept weights of some folds, which are random."""
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG.format(side=side), encoding="utf-8")
    experiment = parse(folder / "config.yaml")
    spec = experiment.trained_network(0)
    for fold in range(folds):
        _save(experiment, spec, fold, seed)
    return experiment


def captured(model: keras.Model, side: int) -> Compiled:
    """Return a network as a compiled function that has captured its weights: the floor."""
    function = tf.function(lambda pixels: model(pixels, training=False))
    traced: Compiled = function.get_concrete_function(tf.TensorSpec((None, side, side, 3), tf.uint8))
    return traced


@frozen(eq=False)
class Counting(ImageReader):
    """A reader that notes which files it has decoded."""

    read_names: list[str] = field(factory=list, kw_only=True)

    def read(self, path: str | Path) -> NDArray[np.uint8]:
        """Return an image, as `ImageReader` does."""
        self.read_names.append(Path(path).name)
        return super().read(path)


@frozen(eq=False)
class Ready:
    """The images of a folder as batches that wait for the network: all that is not its own work is done.

    Attributes
    ----------
    decoded
        The images on their canvases.
    batches
        For each view, uint8 (b,h,w,c) in order.

    """

    predictor: Predictor
    decoded: tuple[Decoded, ...]
    batches: tuple[tuple[NDArray[np.uint8], ...], ...]

    @property
    def every(self) -> list[NDArray[np.uint8]]:
        """All batches of all views."""
        return [batch for view in self.batches for batch in view]

    def assembled(self, run: Callable[[NDArray[np.uint8]], Any], members: Sequence[Any]) -> dict[str, Any]:
        """Return the maps by file name that `run(member)(batch)` of every member, view and batch stand for."""
        total: Any = 0.0
        for member in members:
            for view, batches in zip(self.predictor.views, self.batches, strict=True):
                total = total + np.concatenate(
                    [invert(view, np.asarray(run(member)(one))) for one in batches]
                )
        mean = iter((total / (len(members) * len(self.batches))).astype(np.float32))
        return {
            one.name: from_canvas(blend(self._of(one, mean), one.frame.grid), one.frame, one.size)
            for one in self.decoded
        }

    def _of(self, one: Decoded, maps: Any) -> list[NDArray[np.float32]]:
        return [next(maps) for _ in range(len(one.frame.grid))]


def ready(predictor: Predictor, folder: Path, batch: int) -> Ready:
    """Return the images of a folder as batches."""
    decoded = tuple(
        predictor.decoded(path.name, predictor.reader.read(path)) for path in sorted(folder.iterdir())
    )
    windows = [
        cut(one.canvas, one.frame.grid, number) for one in decoded for number in range(len(one.frame.grid))
    ]
    groups = [np.stack(group) for group in grouped(windows, batch)]
    views = tuple(
        tuple(np.ascontiguousarray(apply(view, group)) for group in groups) for view in predictor.views
    )
    return Ready(predictor, decoded, views)
