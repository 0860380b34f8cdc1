"""Probabilities for images: one compiled function, any number of folds and flips, each image decoded once."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from attrs import frozen
from numpy.typing import NDArray

from segcore.network import NetworkSpec
from segcore.views import FLIPS, IDENTITY, View, apply, invert
from segshell import checkpoints, images, networks
from segshell.builders import STANDARD, Builders

Given = TypeVar("Given")
Made = TypeVar("Made")
AHEAD = 16  # decoded images that wait at most


@frozen(eq=False)
class Map:
    """A map of an image: `arr` is float32 (h,w,c), or uint8 (h,w,m) for a truth."""

    arr: NDArray[Any]


def as_probability(outputs: tf.Tensor, spec: NetworkSpec) -> tf.Tensor:
    """Return a network's outputs (b,h,w,c) as probabilities: logits of a network without activation are turned."""
    if spec.activation != "linear":
        return outputs
    return tf.sigmoid(outputs) if spec.classes == 1 else tf.nn.softmax(outputs)


class Predictor:
    """The mean of several weights and views of one network.

    Parameters
    ----------
    spec
        The network.
    weights
        Files of kept weights, one per member; their digests are verified.
    views
        Test-time flips whose inverted predictions are averaged.

    """

    def __init__(
        self,
        spec: NetworkSpec,
        weights: Sequence[Path],
        views: Sequence[View] = (IDENTITY,),
        builders: Builders = STANDARD,
    ) -> None:
        self.spec, self.views = spec, tuple(views)
        model = networks.build(spec, builders)
        self._members = []
        for path in weights:
            checkpoints.load_into(model, checkpoints.verified(path, spec))
            trained, fixed = model.trainable_variables, model.non_trainable_variables
            self._members.append(
                ([tf.constant(v.numpy()) for v in trained], [tf.constant(v.numpy()) for v in fixed])
            )
        height, width, channels = spec.shape

        # Weights are arguments, so that one trace serves every member of the ensemble.
        def forward(trained: list[tf.Tensor], fixed: list[tf.Tensor], pixels: tf.Tensor) -> tf.Tensor:
            outputs, _ = model.stateless_call(trained, fixed, pixels, training=False)
            return as_probability(outputs, spec)

        image_spec = tf.TensorSpec((None, height, width, channels), tf.uint8)
        specs = [[tf.TensorSpec(v.shape, v.dtype) for v in part] for part in self._members[0]]
        self._forward = tf.function(forward).get_concrete_function(*specs, image_spec)

    def predict(self, batch: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return probabilities float32 (b,h,w,classes) for uint8 images (b,h,w,c) at the network's size."""
        total: NDArray[np.float32] | None = None
        for view in self.views:
            pixels = tf.constant(np.ascontiguousarray(apply(view, batch)))
            for trained, fixed in self._members:
                one = invert(view, self._call(trained, fixed, pixels))
                total = one.copy() if total is None else total + one
        if total is None:
            raise ValueError("a predictor needs at least one view")
        return total / np.float32(len(self.views) * len(self._members))

    def _call(
        self, trained: list[tf.Tensor], fixed: list[tf.Tensor], pixels: tf.Tensor
    ) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self._forward(*trained, *fixed, pixels).numpy()
        return result


def views_for(flips: bool | None) -> tuple[View, ...]:
    """Return the four flips, or the image as it is."""
    return FLIPS if flips else (IDENTITY,)


def ahead(function: Callable[[Given], Made], items: Iterable[Given], workers: int = 2) -> Iterator[Made]:
    """Yield function(item) in order, computed by threads at most `AHEAD` items ahead."""
    executor = ThreadPoolExecutor(workers, thread_name_prefix="ahead")
    given = iter(items)
    try:
        waiting = deque(executor.submit(function, item) for item in islice(given, AHEAD))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(executor.submit(function, item) for item in islice(given, 1))
            yield result
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def grouped(items: Iterable[Given], size: int) -> Iterator[tuple[Given, ...]]:
    """Yield the items in tuples of at most `size`, from 1.

    Raises
    ------
    ValueError
        When the size is below 1.

    """
    if size < 1:
        raise ValueError(f"a batch holds at least 1 image, got {size}")
    given = iter(items)
    while group := tuple(islice(given, size)):
        yield group


@frozen(eq=False)
class Decoded:
    """One image, with what it is called, at its own and at the network's size."""

    name: str
    image: NDArray[np.uint8]
    small: NDArray[np.uint8]


def predict_decoded(
    predictor: Predictor, decoded: Iterable[Decoded], batch: int, *, at: str = "source"
) -> Iterator[tuple[Decoded, NDArray[np.float32]]]:
    """Yield each image with its probabilities, float32 (h,w,classes) at the source's or the network's size."""
    for group in grouped(decoded, batch):
        predicted = predictor.predict(np.stack([one.small for one in group]))
        for one, probability in zip(group, predicted, strict=True):
            size = (one.image.shape[0], one.image.shape[1])
            yield one, probability if at == "network" else images.resize_probability(probability, size)
