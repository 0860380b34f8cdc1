"""Probabilities for images: one compiled function, any number of folds, flips and windows, each image decoded once."""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from copy import copy
from itertools import islice, tee
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from segcore.config import ExperimentConfig
from segcore.errors import ConfigError, Finding
from segcore.network import NetworkSpec
from segcore.selection import in_windows
from segcore.tiles import Framing, blend, cut
from segcore.views import FLIPS, IDENTITY, View, apply, invert
from segshell.builders import STANDARD, Builders
from segshell.forward import Forward, require_crops, require_reading
from segshell.framing import Decoded, from_canvas, to_canvas
from segshell.image_reader import ImageReader
from segshell.latest import Latest
from segshell.memory import told
from segshell.transforms import Transforms
from segshell.workers import Told, made_ahead

Given = TypeVar("Given")
Made = TypeVar("Made")
Image = NDArray[np.uint8]
Probability = NDArray[np.float32]
AHEAD = 16  # images that wait at most, beside those of the next batch
WORKERS = (
    2  # threads that decode, and as many that finish, whatever the cores: the network takes all of these
)
RESIZED = Framing()


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
    builders
        Names to builders.
    framing
        How an image comes before the network: resized, in crops, or in windows at its own resolution.
    latest
        Where the traced network is kept for a next call.
    reader
        Reads image files, as the weights were trained on; by default into as many channels as the network has,
        however they were trained: for images that come decoded.

    Raises
    ------
    WeightsError
        When a file is missing, damaged, of another network, or was trained with other crops or another reading.

    """

    def __init__(
        self,
        spec: NetworkSpec,
        weights: Sequence[Path],
        views: Sequence[View] = (IDENTITY,),
        builders: Builders = STANDARD,
        *,
        framing: Framing = RESIZED,
        latest: Latest | None = None,
        reader: ImageReader | None = None,
    ) -> None:
        self.spec, self.views, self.framing = spec, tuple(views), framing
        self.reader = reader or ImageReader(count=spec.shape[2])
        for path in weights:
            require_crops(path, framing.crops)
            if reader is not None:
                require_reading(path, reader.bands)
        self._forward: Forward = (latest or Latest()).get((spec, builders), lambda: Forward(spec, builders))
        self._members = self._forward.members(weights)
        self._shares: tuple[float, ...] = (1.0,) * len(self._members)
        self._transforms = Transforms(spec.transforms)

    def waiting(self, batch: int) -> int:
        """Return how many images wait at most for batches of some windows, or for what is made of their maps.

        A batch of them is ready when the network has done the one before; few wait where they may be of any size.
        """
        return 2 if self.framing.at_own_size else AHEAD + -(-batch // self.framing.crops.windows)

    def predict(self, batch: Image) -> Probability:
        """Return probabilities float32 (b,h,w,classes) for uint8 images (b,h,w,c) at the network's size."""
        total: Probability | None = None
        for view in self.views:
            pixels = np.ascontiguousarray(apply(view, batch))
            for member, share in zip(self._members, self._shares, strict=True):
                if share == 0:
                    continue
                one = invert(view, self._forward(member, pixels))
                one = one if share == 1 else one * np.float32(share)
                total = np.ascontiguousarray(one) if total is None else np.add(total, one, out=total)
        if total is None:
            raise ValueError("a predictor needs at least one view")
        total /= np.float32(len(self.views) * sum(self._shares))
        return total

    def weighted(self, shares: Sequence[float]) -> "Predictor":
        """Return the predictor of a weighted mean: a finite number from 0 for each member in turn, not all 0."""
        wanted = len(self._shares)
        if len(shares) != wanted or not all(0 <= one < math.inf for one in shares) or not any(shares):
            raise ValueError(f"{wanted} weights need a number from 0 each, not all 0; got {shares}")
        other = copy(self)
        other._shares = tuple(map(float, shares))  # noqa: SLF001  (its own kind)
        return other

    def decoded(self, name: str, image: Image) -> Decoded:
        """Return an image uint8 (h,w,c) on the canvas from which the network's windows are cut; any thread may."""
        size = (image.shape[0], image.shape[1])
        frame = self.framing.frame(size, self.spec.shape[:2])
        return Decoded(name, size, to_canvas(self._transforms.apply(image), frame), frame)


def views_for(flips: bool | None) -> tuple[View, ...]:
    """Return the four flips, or the image as it is."""
    return FLIPS if flips else (IDENTITY,)


def framing_for(config: ExperimentConfig, windows: bool | None) -> Framing:
    """Return how images come before the network; `windows` None is what the config says.

    Raises
    ------
    ConfigError
        When windows are wanted of a network that was trained on crops.

    """
    at_own_size = in_windows(config, windows)
    if at_own_size and config.crops.count > 1:
        message = (
            "a config with crops is predicted in its crops, not in windows of the images' own resolution."
        )
        raise ConfigError([Finding("inference-crops", message, advice="Leave out windows.")])
    return Framing(config.crops, at_own_size)


def predictor_for(
    config: ExperimentConfig,
    spec: NetworkSpec,
    weights: Sequence[Path],
    builders: Builders = STANDARD,
    latest: Latest | None = None,
    flips: bool | None = None,
    windows: bool | None = None,
    reader: ImageReader | None = None,
) -> Predictor:
    """Return the predictor of a config's weights; `flips` and `windows` None are what the config says.

    Raises
    ------
    WeightsError, ConfigError
        As `Predictor` and `framing_for`.

    """
    views = views_for(config.flip_pred if flips is None else flips)
    framing = framing_for(config, windows)
    return Predictor(spec, weights, views, builders, framing=framing, latest=latest, reader=reader)


def ahead(
    function: Callable[[Given], Made],
    items: Iterable[Given],
    workers: int = WORKERS,
    waiting: int = AHEAD,
    name: Callable[[Any], str] = str,
) -> Generator[Made, None, None]:
    """Yield function(item) in order, computed by threads at most `waiting` items ahead.

    Errors and threads are as in `segshell.workers.made_ahead`; `name` is what an item is called there.
    """
    single = ((item,) for item in items)
    with closing(made_ahead(single, function, workers, waiting, Told(name=name))) as made:
        for _, results in made:
            yield results[0]


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


def _windows(decoded: Iterable[Decoded]) -> Iterator[Image]:
    for one in decoded:
        for number in range(len(one.frame.grid)):
            yield cut(one.canvas, one.frame.grid, number)


def _on_canvases(
    predictor: Predictor, decoded: Iterable[Decoded], batch: int
) -> Iterator[tuple[Decoded, Probability]]:
    """Yield each image with the map of its canvas; windows of several images share a batch."""
    # One of the two runs ahead of the other by a batch, which is what is kept of the images.
    cutting, giving = tee(decoded)
    maps = (one for group in grouped(_windows(cutting), batch) for one in predictor.predict(np.stack(group)))
    for one in giving:
        grid = one.frame.grid
        yield one, blend(islice(maps, len(grid)), grid)


def _brought(one: Decoded, canvas: Probability, at: str) -> Probability:
    return from_canvas(canvas, one.frame, one.frame.size if at == "network" else one.size)


def predict_decoded(
    predictor: Predictor, decoded: Iterable[Decoded], batch: int, *, at: str = "source"
) -> Iterator[tuple[Decoded, Probability]]:
    """Yield each image with its probabilities, float32 (h,w,classes).

    Windows of several images share a batch. Beside them, one map is held.

    Parameters
    ----------
    predictor
        The network.
    decoded
        The images, taken one after the other.
    batch
        Windows per step.
    at
        ``source``: maps have the image's own height and width; ``network``: those of its canvas.

    Raises
    ------
    OutOfMemoryError
        When memory is used up, by the network or by an image.

    """
    with told("prediction", batch, predictor.spec.shape, "inference_batch"):
        for one, canvas in _on_canvases(predictor, decoded, batch):
            yield one, _brought(one, canvas, at)


def predict_and(
    finish: Callable[[Decoded, Probability], Made],
    predictor: Predictor,
    decoded: Iterable[Decoded],
    batch: int,
    *,
    at: str = "source",
) -> Generator[Made, None, None]:
    """Yield finish(image, probabilities) for each image, in order, made by threads while the network goes on.

    Resizing a map and encoding and writing a file take no time of the network's own. A batch of maps waits at most
    (as large as their canvases), two where images are of any size.

    Parameters
    ----------
    finish
        Called from several threads with what `predict_decoded` yields.
    predictor, decoded, batch, at
        As in `predict_decoded`.

    Raises
    ------
    OutOfMemoryError
        As `predict_decoded`.
    SegmentationError
        What `finish` raises, or a `LoaderError` that names the image; images after it may be finished, too.

    """

    def finished(pair: tuple[Decoded, Probability]) -> Made:
        return finish(pair[0], _brought(*pair, at))

    pairs = _on_canvases(predictor, decoded, batch)
    options: Any = {"waiting": predictor.waiting(batch), "name": lambda pair: pair[0].name}
    memory = told("prediction", batch, predictor.spec.shape, "inference_batch")
    with memory, closing(ahead(finished, pairs, **options)) as made:
        yield from made
