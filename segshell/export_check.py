"""Whether an exported network says what we say: its own runtime against our prediction, on real images."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from segcore.exports import Agreement, Format
from segcore.seeds import generator
from segcore.tiles import cut
from segshell.export_formats import Run, runtime
from segshell.image_listing import image_files
from segshell.prediction import Predictor

Pixels = NDArray[np.uint8]
COUNT = 4  # images that are compared


def _spread(length: int, count: int) -> list[int]:
    """Return at most `count` positions below a length, evenly spread."""
    return sorted({number * length // count for number in range(count)} if length else ())


def _window(predictor: Predictor, name: str, image: Pixels) -> Pixels:
    """Return the middle one of the windows in which an image comes before the network."""
    decoded = predictor.decoded(name, image)
    return cut(decoded.canvas, decoded.frame.grid, len(decoded.frame.grid) // 2)


def of_directory(predictor: Predictor, directory: Path, count: int = COUNT) -> Pixels:
    """Return images of a directory as they come before the network, uint8 (n,h,w,c), at most `count`.

    Raises
    ------
    DataError
        When there is none, or one cannot be read.

    """
    found = image_files(directory)
    chosen = [found[number] for number in _spread(len(found), count)]
    return np.stack([_window(predictor, one.name, predictor.reader.read(one)) for one in chosen])


def of_dataset(predictor: Predictor, dataset: Any, count: int = COUNT) -> Pixels:
    """Return images of a data set as they come before the network, uint8 (n,h,w,c), at most `count`.

    Raises
    ------
    DataError
        When one cannot be read.
    ValueError
        When there is none.

    """
    items = (dataset[number] for number in _spread(len(dataset), count))
    return np.stack([_window(predictor, str(item.id), np.asarray(item.x)) for item in items])


def random_pixels(predictor: Predictor, count: int = COUNT) -> Pixels:
    """Return noise, uint8 (n,h,w,c): always the same for the same size."""
    return generator(0, "export check").integers(0, 256, (count, *predictor.spec.shape), dtype=np.uint8)


@contextmanager
def _whole_floats() -> Iterator[None]:
    """Let a GPU multiply in full float32: what it rounds otherwise is more than any format differs by."""
    execution = tf.config.experimental
    before = execution.tensor_float_32_execution_enabled()
    execution.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        execution.enable_tensor_float_32_execution(before)


def _groups(pixels: Pixels, batch: int | None) -> Iterator[Pixels]:
    """Yield images one alone and then the others, or in batches of a fixed number, the last one filled up."""
    if batch is None:
        yield from (one for one in (pixels[:1], pixels[1:]) if len(one))
        return
    rest = iter(range(len(pixels)))
    while group := list(islice(rest, batch)):
        yield pixels[group + group[-1:] * (batch - len(group))]


def _computed(run: Run, pixels: Pixels, batch: int | None) -> NDArray[np.float32]:
    return np.concatenate([run(group) for group in _groups(pixels, batch)])[: len(pixels)]


def difference(given: NDArray[Any], expected: NDArray[np.float32]) -> float:
    """Return the largest absolute difference; infinity where shapes or types differ, NaN where a value is none."""
    if given.shape != expected.shape or given.dtype != expected.dtype:
        return float("inf")
    return float(np.abs(given - expected).max())


def agreement(
    run: Run,
    predictor: Predictor,
    form: Format,
    shown: tuple[Pixels, str],
    batch: int | None,
    tolerance: float,
) -> Agreement:
    """Return how far a file is from our own prediction.

    Parameters
    ----------
    run
        What the file computes.
    predictor
        Ours, of the same weights, flips and shares, in float32.
    form
        The format of the file.
    shown
        Images uint8 (n,h,w,c), and what they are.
    batch
        How many the file takes at a time; None for any number, of which two are tried.
    tolerance
        The largest difference that is accepted.

    """
    pixels, words = shown
    with _whole_floats():
        found = difference(_computed(run, pixels, batch), predictor.predict(pixels))
    return Agreement(runtime(form), words, len(pixels), found, tolerance)
