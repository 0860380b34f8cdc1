"""Which images a page shows, and their masks as numbers: classes, and where a prediction is wrong."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.masks import counted, one_hot
from segcore.out_of_fold import OutOfFold
from segcore.page_scores import ImageScore
from segcore.rle import rle_decode

EACH: Final = 4
NOTHING, RIGHT, EXTRA, MISSED, CONFUSED, UNCOUNTED = range(6)


@frozen
class Picked:
    """An image to show, and why: ``worst``, ``median`` or ``best``."""

    kind: str
    score: ImageScore


def picked(scores: Sequence[ImageScore], each: int = EACH) -> tuple[Picked, ...]:
    """Return the images to show: the worst first, then those around the median, then the best, best first.

    Parameters
    ----------
    scores
        In any order; images of equal score go by their ids.
    each
        How many of each kind at most. No image is shown twice: where there are few, the worst come first, then the
        best.

    """
    ranked = sorted(scores, key=lambda one: (one.value, one.id, one.fold))
    worst = ranked[:each]
    rest = ranked[len(worst) :]
    best = rest[max(0, len(rest) - each) :]
    between = rest[: len(rest) - len(best)]
    # Around the median of all images, as far as those between the worst and the best reach.
    first = min(max(0, (len(ranked) - each) // 2 - len(worst)), max(0, len(between) - each))
    middle = between[first : first + each]
    kinds = (("worst", worst), ("median", middle), ("best", best[::-1]))
    return tuple(Picked(kind, one) for kind, chosen in kinds for one in chosen)


def predicted(record: OutOfFold, row: int) -> NDArray[np.bool_]:
    """Return the prediction of an image at 0.5, bool (h,w,c).

    Raises
    ------
    RleError
        When a mask does not fit the size at which the image was scored.

    """
    height, width = record.sizes.array[row].tolist()
    return np.stack([rle_decode(text, (height, width)) != 0 for text in record.masks[row]], axis=2)


def fits(record: OutOfFold, row: int, truth: NDArray[np.uint8]) -> bool:
    """Return whether a truth uint8 (h,w,m) is the one that an image was scored with, by the counts of its pixels."""
    planes = predicted(record, row)
    if truth.shape[:2] != planes.shape[:2]:
        return False
    valid = counted(truth)
    part = slice(None) if valid is None else valid
    wanted, found = one_hot(truth, record.class_count)[part].astype(np.bool_), planes[part]
    axes = tuple(range(wanted.ndim - 1))
    counts = [
        (wanted & found).sum(axis=axes),
        (~wanted & found).sum(axis=axes),
        (wanted & ~found).sum(axis=axes),
    ]
    return bool(np.array_equal(np.stack(counts, axis=1), record.at()[row][:, :3]))


def class_map(planes: NDArray[np.bool_], *, exclusive: bool) -> NDArray[np.uint8]:
    """Return which class stands where, uint8 (h,w): 0 for none or the background, else its number from 1.

    Parameters
    ----------
    planes
        bool (h,w,c); where several overlap the last one shows.
    exclusive
        Whether a pixel has exactly one class, of which the first is the background.

    """
    numbers = np.arange(planes.shape[2]) + (0 if exclusive else 1)
    return np.asarray((planes * numbers).max(axis=2), dtype=np.uint8)


def in_colour(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image (h,w,c) as uint8 (h,w,3): one channel as grey, of others the first three, missing ones black."""
    if image.shape[2] == 1:
        return np.repeat(image, 3, axis=2)
    missing = max(0, 3 - image.shape[2])
    return np.ascontiguousarray(np.pad(image[..., :3], ((0, 0), (0, 0), (0, missing))))


def truth_planes(truth: NDArray[np.uint8], classes: int) -> NDArray[np.bool_]:
    """Return a truth uint8 (h,w,m) as bool (h,w,classes)."""
    return one_hot(truth, classes).astype(np.bool_)


def error_map(truth: NDArray[np.uint8], planes: NDArray[np.bool_], *, exclusive: bool) -> NDArray[np.uint8]:
    """Return what is right and wrong in each pixel, uint8 (h,w).

    `NOTHING` where nothing is and nothing is predicted, `RIGHT` where exactly what is there is predicted, `EXTRA`
    (false positive) where more is predicted, `MISSED` (false negative) where less is, `CONFUSED` where one class is
    taken for another, `UNCOUNTED` where pixels do not count.

    Parameters
    ----------
    truth
        uint8 (h,w,m) as data sets give it: 0/1, class ids, or a plane per class; `segcore.raw_masks.VOID` where a
        pixel does not count.
    planes
        The prediction, bool (h,w,c).
    exclusive
        Whether a pixel has exactly one class, of which the first is the background.

    """
    first = 1 if exclusive else 0
    wanted = truth_planes(truth, planes.shape[2])[..., first:]
    found = planes[..., first:]
    extra, missed = (found & ~wanted).any(axis=2), (wanted & ~found).any(axis=2)
    right = wanted.any(axis=2) & ~extra & ~missed
    codes = np.zeros(truth.shape[:2], np.uint8)
    for code, where in (
        (RIGHT, right),
        (EXTRA, extra),
        (MISSED, missed),
        (CONFUSED, extra & missed),
    ):
        codes[where] = code
    valid = counted(truth)
    if valid is not None:
        codes[~valid] = UNCOUNTED
    return codes
