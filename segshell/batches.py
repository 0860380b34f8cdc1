"""From the address of a sample to arrays: augmentation, and batches made ahead by threads."""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

import numpy as np

from segcore.augmentation import draw
from segcore.seeds import generator
from segcore.values import Indices
from segshell.augmenters import Augmenter, Pair, Pixels8
from segshell.pixels import Pixels
from segshell.versions import usable_cores
from segshell.workers import Told, made_ahead, nothing

MOST_WORKERS = 16
"""More threads would wait for the interpreter, and make the training wait for it."""


def sample(
    pixels: Pixels, augmenter: Augmenter, seed: int, fold: int, stage: int, epoch: int, row: int
) -> Pair:
    """Return the training sample of an address: the same whenever and in whatever order it is asked for.

    Parameters
    ----------
    pixels
        The decoded samples.
    augmenter
        The spec of augmentation, and what replaces backgrounds before it.
    seed, fold, stage, epoch, row
        The address; `row` is a row of the sample table.

    Returns
    -------
    tuple
        Image uint8 (h,w,c) and mask uint8 (h,w,m) at the network's height and width.

    Raises
    ------
    DataError
        When the sample cannot be read.
    ConfigError
        When the augmenter cannot handle the image.

    """
    pair = pixels.get(row)
    if augmenter.backgrounds is not None:
        pair = augmenter.backgrounds.apply(*pair, seed, fold, stage, epoch, row)
    steps = draw(augmenter.calls, generator(seed, "augmentation", fold, stage, epoch, row), augmenter.own)
    return augmenter.apply(steps, *pair, size=pixels.size)


Batch = tuple[Pixels8, Pixels8, Indices]


class _Filling:
    """The arrays of one batch while threads write into them; made when the first sample tells its shape."""

    def __init__(self, rows: Indices) -> None:
        self.rows = rows
        self._arrays: Pair | None = None
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator["_Slot"]:
        return ((self, place, row) for place, row in enumerate(self.rows))

    def put(self, place: int, image: Pixels8, mask: Pixels8) -> None:
        """Write a sample to its place; the threads do so, since copying releases the interpreter."""
        with self._lock:
            if self._arrays is None:
                count = len(self.rows)
                self._arrays = (
                    np.empty((count, *image.shape), np.uint8),
                    np.empty((count, *mask.shape), np.uint8),
                )
        images, masks = self._arrays
        if (image.shape, mask.shape) != (images.shape[1:], masks.shape[1:]):
            given, wanted = (image.shape, mask.shape), (images.shape[1:], masks.shape[1:])
            raise ValueError(f"a sample has the shapes {given}, others of its batch {wanted}")
        images[place], masks[place] = image, mask

    @property
    def batch(self) -> Batch:
        """The batch, when every sample is in its place."""
        if self._arrays is None:
            raise ValueError("a batch needs at least one sample")
        return (*self._arrays, self.rows)


_Slot = tuple[_Filling, int, int]


def _produce(
    batches: Sequence[Indices], make: Callable[[int], Pair], workers: int, ahead: int, told: Told
) -> Generator[Batch, None, None]:
    def fill(slot: _Slot) -> None:
        filling, place, row = slot
        filling.put(place, *make(row))

    with closing(made_ahead(map(_Filling, batches), fill, workers, ahead, told)) as made:
        for filling, _ in made:
            yield filling.batch


def stream(
    batches: Sequence[Indices],
    make: Callable[[int], Pair],
    workers: int | None = None,
    ahead: int = 4,
    *,
    name: Callable[[int], str] = "row {}".format,
    check: Callable[[], None] = nothing,
) -> Generator[Batch, None, None]:
    """Yield batches in their order, made by threads while the caller works on earlier ones.

    The bytes do not depend on the number of workers where `make` is a function of the row. No thread starts
    before the first batch is asked for. Closing the generator, or an error, cancels what has not begun and
    waits for what has, see `segshell.workers.made_ahead`. When nothing comes for a minute, a warning says which sample
    is waited for.

    Parameters
    ----------
    batches
        Rows of each batch, none of them empty.
    make
        Returns image uint8 (h,w,c) and mask uint8 (h,w,m) of a row; it is called from several threads.
    workers
        Number of threads, from 1; None: one for each core that may be used, at most `MOST_WORKERS`.
    ahead
        Batches that are made or wait at most, from 1.
    name
        From a row to the id that errors and warnings show, such as `segshell.pixels.Pixels.name`.
    check
        Called every half second while nothing comes; what it raises ends the waiting.

    Yields
    ------
    tuple
        Images uint8 (b,h,w,c), masks uint8 (b,h,w,m) and the batch's rows.

    Raises
    ------
    ValueError
        When `workers` or `ahead` is below 1.
    SegmentationError, MemoryError
        What `make` raised, in place of the batch that it belongs to, naming the sample.
    LoaderError
        For anything else that `make` raised, naming the sample, or when a thread has died.

    """
    count = min(usable_cores(), MOST_WORKERS) if workers is None else workers
    if count < 1 or ahead < 1:
        raise ValueError(f"workers and ahead must be at least 1, got {count} and {ahead}")
    return _produce(batches, make, count, ahead, Told("batches", lambda slot: name(slot[2]), check))
