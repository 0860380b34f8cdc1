"""From probabilities to masks, and from masks to one plane per class."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.raw_masks import VOID


def one_hot(truth: NDArray[np.uint8], classes: int) -> NDArray[np.uint8]:
    """Return a truth uint8 (h,w,m) as 0/1 planes uint8 (h,w,classes).

    With as many channels as classes each channel is a plane (non-zero is mask); a single channel holds class ids.
    A pixel that is `VOID` belongs to no class.
    """
    if truth.shape[2] == classes:
        return np.asarray((truth != 0) & (truth != VOID), dtype=np.uint8)
    return np.asarray(truth == np.arange(classes), dtype=np.uint8)


def counted(truth: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Return which pixels of a truth uint8 (h,w,m) count, bool (h,w), or None where all do."""
    void = (truth == VOID).any(axis=2)
    return ~void if void.any() else None


def decided(probability: NDArray[np.float32], *, exclusive: bool) -> NDArray[np.float32]:
    """Return what a threshold is applied to, float32 (h,w,c).

    Where classes exclude each other it is the one-hot of the likeliest, else the probabilities as they are.
    """
    if not exclusive:
        return probability
    likeliest = probability.argmax(axis=2)[..., None]
    return np.asarray(likeliest == np.arange(probability.shape[2]), dtype=np.float32)


def masks_of(
    probability: NDArray[np.float32], threshold: float, *, exclusive: bool
) -> tuple[NDArray[np.uint8], ...]:
    """Return the masks that an image's probabilities (h,w,c) stand for, each uint8 (h,w).

    Where classes exclude each other it is one mask of class ids. Else it is one mask per class, 255 where the
    probability is above the threshold and 0 elsewhere.
    """
    if exclusive:
        return (np.asarray(probability.argmax(axis=2), dtype=np.uint8),)
    planes = np.where(probability > threshold, np.uint8(255), np.uint8(0))
    return tuple(planes[..., number] for number in range(planes.shape[2]))


def objects_of(
    masks: tuple[NDArray[Any], ...], classes: int
) -> tuple[tuple[int | None, NDArray[np.bool_]], ...]:
    """Return (class, where it is) for all that `masks_of` found: what a run-length csv has one row for.

    The class is None where there is only one; class ids leave out 0, the background; masks of their own are
    counted from 1.
    """
    if classes == 1:
        return ((None, masks[0] != 0),)
    if len(masks) == 1:
        return tuple((number, masks[0] == number) for number in range(1, classes))
    return tuple((number, mask != 0) for number, mask in enumerate(masks, start=1))
