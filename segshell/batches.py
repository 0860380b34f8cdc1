"""From the address of a sample to arrays: augmentation, and batches made ahead by threads."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

import numpy as np

from segcore.augmentation import draw
from segcore.seeds import generator
from segcore.values import Indices
from segshell.augmenters import Augmenter, Pair, Pixels8, fit
from segshell.pixels import Pixels
from segshell.workers import Told, made_ahead, nothing


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
    return fit(*augmenter.apply(steps, *pair), pixels.size)


Batch = tuple[Pixels8, Pixels8, Indices]


def _stacked(rows: Indices, pairs: Sequence[Pair]) -> Batch:
    images, masks = zip(*pairs, strict=True)
    return np.stack(images), np.stack(masks), rows


def _produce(
    batches: Sequence[Indices], make: Callable[[int], Pair], workers: int, ahead: int, told: Told
) -> Generator[Batch, None, None]:
    with closing(made_ahead(batches, make, workers, ahead, told)) as made:
        for rows, pairs in made:
            yield _stacked(rows, pairs)


def stream(
    batches: Sequence[Indices],
    make: Callable[[int], Pair],
    workers: int = 2,
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
        Number of threads, from 1.
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
    if workers < 1 or ahead < 1:
        raise ValueError(f"workers and ahead must be at least 1, got {workers} and {ahead}")
    return _produce(batches, make, workers, ahead, Told("batches", name, check))
