"""The score of many candidates at once, on any part of the images: from counts of pixels, in no order."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segcore.metrics import DEFINITIONS, values_of

PARTS = 5


def parts_of(folds: Sequence[int], groups: Sequence[str]) -> tuple[str, ...]:
    """Return the part of each image: its fold; where all are of one fold, its group's share of five.

    Parameters
    ----------
    folds
        Of each image: the one whose weights did not see it.
    groups
        Of each image; those of a group stand in one part.

    """
    if len(set(folds)) > 1:
        return tuple(f"fold {fold}" for fold in folds)
    place = {group: number % PARTS for number, group in enumerate(sorted(set(groups)))}
    return tuple(f"part {place[group]}" for group in groups)


class Scores:
    """The score of every candidate on any of the images.

    Parameters
    ----------
    counts
        int64 (n,…,c,4): n images, whatever the candidates are, c classes; true and false positives, false and true
        negatives.
    metric
        A key of `metrics.DEFINITIONS`.

    Raises
    ------
    ValueError
        When the metric does not follow from counts of pixels, or they have another shape.

    """

    def __init__(self, counts: NDArray[np.int64], metric: str) -> None:
        if metric not in DEFINITIONS:
            known = ", ".join(DEFINITIONS)
            raise ValueError(f"{metric!r} does not follow from counts of pixels; known are {known}")
        if counts.ndim < 3 or counts.shape[-1] != 4:
            raise ValueError(f"counts have the shape (n, …, classes, 4), got {counts.shape}")
        self._metric, self._numbers = metric, counts
        self._each = (
            np.stack([values_of(metric, one) for one in counts])  # one by one: formulas go through lists
            if DEFINITIONS[metric].per_image
            else None
        )

    def over(self, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the score over some images, bool (n,), as float64 (…): the same whatever their order."""
        if self._each is None:
            return values_of(self._metric, self._numbers[rows].sum(axis=0))
        # Sorted, since a sum of floats depends on its order, and a tie must stay one.
        return np.asarray(np.sort(self._each[rows], axis=0).mean(axis=0))


def score_of(counts: NDArray[np.int64], metric: str) -> float:
    """Return the metric of images that are counted one way each, int64 (n,c,4): the mean over classes."""
    return float(Scores(counts, metric).over(np.ones(len(counts), np.bool_)).mean())


def each_of(counts: NDArray[np.int64], metric: str) -> NDArray[np.float64]:
    """Return the metric of each image, int64 (n,c,4), as float64 (n,): the mean over its classes."""
    return np.asarray(values_of(metric, counts).mean(axis=1))


def check_parts(parts: Sequence[str], images: int) -> None:
    """Check that there is a part for each image, and more than one; ValueError where not."""
    if len(parts) != images:
        raise ValueError(f"{images} images need a part each, got {len(parts)}")
    if len(set(parts)) < 2:
        raise ValueError("a choice is scored on images that had no part in it: at least two parts are needed")
