"""Pixel counts per class that merge: what every overlap metric is computed from."""

from collections.abc import Iterable
from functools import reduce
from operator import index
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

MASK_THRESHOLD = 0.5  # probability above which a pixel is mask, where nobody says otherwise
GRID = tuple(percent / 100 for percent in range(5, 100, 5))  # thresholds to choose from: 0.05, 0.10 … 0.95


def _whole(numbers: Iterable[int]) -> tuple[int, ...]:
    return tuple(index(number) for number in numbers)


@frozen
class Counts:
    """Pixels per class: one number for each of c classes; `Counts()` is the identity of `merge`.

    Attributes
    ----------
    tp, fp, fn, tn
        True positives, false positives, false negatives and true negatives; integers from 0.

    Raises
    ------
    ValueError
        When the four have different lengths or a count is negative.

    """

    tp: tuple[int, ...] = field(default=(), converter=_whole)
    fp: tuple[int, ...] = field(default=(), converter=_whole)
    fn: tuple[int, ...] = field(default=(), converter=_whole)
    tn: tuple[int, ...] = field(default=(), converter=_whole)

    def __attrs_post_init__(self) -> None:
        lengths = [len(part) for part in (self.tp, self.fp, self.fn, self.tn)]
        if len(set(lengths)) > 1:
            raise ValueError(f"tp, fp, fn and tn need one number per class each, got {lengths} numbers")
        if min((*self.tp, *self.fp, *self.fn, *self.tn), default=0) < 0:
            raise ValueError(f"counts cannot be negative: {self}")

    def merge(self, other: "Counts") -> "Counts":
        """Return the counts of both sets of pixels; associative, commutative, with identity `Counts()`.

        Raises
        ------
        ValueError
            When the numbers of classes differ.

        """
        if not self.tp or not other.tp:
            return self if self.tp else other
        if len(self.tp) != len(other.tp):
            raise ValueError(f"counts of {len(self.tp)} and of {len(other.tp)} classes cannot be merged")
        pairs = ((self.tp, other.tp), (self.fp, other.fp), (self.fn, other.fn), (self.tn, other.tn))
        return Counts(*(tuple(map(sum, zip(*pair, strict=True))) for pair in pairs))


def of_classes(numbers: NDArray[np.int64]) -> Counts:
    """Return counts int64 (…,4), true and false positives, false and true negatives, as those of one class each."""
    return Counts(*numbers.reshape(-1, 4).T.tolist())


def total(counts: Iterable[Counts]) -> Counts:
    """Return all counts merged; `Counts()` where there are none."""
    return reduce(Counts.merge, counts, Counts())


def _check(truth: NDArray[Any], probability: NDArray[Any], threshold: float) -> None:
    if truth.ndim != 3 or truth.shape != probability.shape:
        raise ValueError(
            f"truth and probability need one shape (h, w, c), got {truth.shape} and {probability.shape}"
        )
    if truth.dtype.kind not in "bui":
        raise TypeError(f"truth is bool or integer, got {truth.dtype}; apply a threshold to it first")
    if not np.isfinite(threshold):
        raise ValueError(f"the threshold must be a finite number, got {threshold}")
    if probability.dtype.kind == "f" and bool(np.isnan(probability).any()):
        raise ValueError(
            "the probabilities contain NaN: the network or its input is broken, no score is meaningful"
        )


def count(
    truth: NDArray[Any],
    probability: NDArray[Any],
    threshold: float = MASK_THRESHOLD,
    counted: NDArray[np.bool_] | None = None,
) -> Counts:
    """Return the counts of one image: a pixel is predicted where its probability is above the threshold.

    Parameters
    ----------
    truth
        Bool or integer (h, w, c); any non-zero value is truth.
    probability
        Float (h, w, c), in [0, 1]; for exclusive classes the one-hot of the largest, of any dtype.
    threshold
        Probability that must be exceeded.
    counted
        Bool (h, w): which pixels count; None for all of them.

    Raises
    ------
    ValueError
        When the shapes differ, a probability is NaN or the threshold is not finite.
    TypeError
        When `truth` holds floats.

    """
    _check(truth, probability, threshold)
    actual, predicted = truth != 0, probability > float(threshold)
    if counted is not None:
        actual, predicted = actual[counted][:, None], predicted[counted][:, None]
    classes = range(truth.shape[2])
    both = [int(np.count_nonzero(actual[..., k] & predicted[..., k])) for k in classes]
    positive = [int(np.count_nonzero(actual[..., k])) for k in classes]
    claimed = [int(np.count_nonzero(predicted[..., k])) for k in classes]
    pixels = actual.shape[0] * actual.shape[1]
    return Counts(
        tp=both,
        fp=[claimed[k] - both[k] for k in classes],
        fn=[positive[k] - both[k] for k in classes],
        tn=[pixels - positive[k] - claimed[k] + both[k] for k in classes],
    )
