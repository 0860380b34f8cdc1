"""Overlap metrics: the textbook formula over pixel counts, their reductions, and the F2 score over instances.

T is truth, P is prediction, TP their intersection, all as numbers of pixels; c is classes. Formulas: Taha and
Hanbury, 2015, "Metrics for evaluating 3D medical image segmentation", BMC Medical Imaging 15:29,
https://doi.org/10.1186/s12880-015-0068-x.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.components import as_mask
from segcore.scores import Counts, of_classes, total

F2_THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))


def _ratio(numerator: Iterable[int], denominator: Iterable[int]) -> NDArray[np.float64]:
    pairs = zip(numerator, denominator, strict=True)
    return np.array([part / whole if whole else 1.0 for part, whole in pairs], dtype=np.float64)


def _sums(*parts: tuple[int, ...]) -> list[int]:
    return [sum(numbers) for numbers in zip(*parts, strict=True)]


def iou(counts: Counts) -> NDArray[np.float64]:
    """Return intersection over union (Jaccard), TP / (T + P - TP), (c,) in [0, 1]; 1 for empty/empty."""
    return _ratio(counts.tp, _sums(counts.tp, counts.fp, counts.fn))


def dice(counts: Counts) -> NDArray[np.float64]:
    """Return the Dice coefficient (F1), 2 TP / (T + P), (c,) in [0, 1]; 1 for empty/empty."""
    return _ratio(_sums(counts.tp, counts.tp), _sums(counts.tp, counts.tp, counts.fp, counts.fn))


def iot(counts: Counts) -> NDArray[np.float64]:
    """Return intersection over truth, TP / T, (c,) in [0, 1]; 1 where there is no truth."""
    return _ratio(counts.tp, _sums(counts.tp, counts.fn))


def recall(counts: Counts) -> NDArray[np.float64]:
    """Return recall (sensitivity), TP / T, (c,) in [0, 1]: the same number as `iot`."""
    return iot(counts)


def precision(counts: Counts) -> NDArray[np.float64]:
    """Return precision, TP / P, (c,) in [0, 1]; where nothing is predicted 0, or 1 without truth."""
    predicted = _sums(counts.tp, counts.fp)
    wanted = [whole or missed for whole, missed in zip(predicted, counts.fn, strict=True)]
    return _ratio(counts.tp, wanted)


def binary_accuracy(counts: Counts) -> NDArray[np.float64]:
    """Return the share of right pixels, (TP + TN) / all, (c,) in [0, 1]; 1 without pixels."""
    right = _sums(counts.tp, counts.tn)
    return _ratio(right, _sums(counts.tp, counts.tn, counts.fp, counts.fn))


def specificity(counts: Counts) -> NDArray[np.float64]:
    """Return specificity, the share of background left alone, TN / (TN + FP), (c,) in [0, 1]; 1 without background."""
    return _ratio(counts.tn, _sums(counts.tn, counts.fp))


def f_beta(counts: Counts, beta: float) -> NDArray[np.float64]:
    """Return F-beta over pixels, (1 + b²) TP / ((1 + b²) TP + b² FN + FP), (c,) in [0, 1]; 1 for empty/empty.

    It is the harmonic mean of precision and recall in which recall weighs b² times as much; 1 is Dice. Source: van
    Rijsbergen, "Information Retrieval", 2nd edition, 1979, chapter 7.

    Parameters
    ----------
    counts
        Of c classes.
    beta
        Above 0.

    Raises
    ------
    ValueError
        When beta is not above 0 and finite.

    """
    if not 0 < beta < math.inf:
        raise ValueError(f"beta is a finite number above 0, got {beta}")
    square = beta * beta
    parts = zip(counts.tp, counts.fp, counts.fn, strict=True)
    both = [((1 + square) * tp, (1 + square) * tp + square * fn + fp) for tp, fp, fn in parts]
    return np.array([part / whole if whole else 1.0 for part, whole in both], dtype=np.float64)


@frozen
class Definition:
    """A metric: its formula, how images are reduced, and which way is better.

    Attributes
    ----------
    from_counts
        From counts of c classes to float64 (c,).
    per_image
        True: the mean over images of each image's value; False: the value of all pixels pooled.
    formula
        What is computed, in the letters of this module.
    empty
        What counts where there is nothing to divide by.

    """

    from_counts: Callable[[Counts], NDArray[np.float64]]
    per_image: bool = False
    direction: Literal["max", "min"] = "max"
    formula: str = field(default="", kw_only=True)
    empty: str = field(default="", kw_only=True)


EMPTY = "1 where truth and prediction are both empty, 0 where one is"
_FORMULAS = (
    ("iou", iou, "TP / (T + P - TP)", EMPTY),
    ("dice", dice, "2 TP / (T + P)", EMPTY),
    ("iot", iot, "TP / T", "1 where the truth is empty, whatever is predicted"),
    ("precision", precision, "TP / P", EMPTY),
    ("recall", recall, "TP / T", "1 where the truth is empty, whatever is predicted"),
    ("f2_pixels", partial(f_beta, beta=2), "5 TP / (5 TP + 4 FN + FP)", EMPTY),
    ("f05_pixels", partial(f_beta, beta=0.5), "1.25 TP / (1.25 TP + 0.25 FN + FP)", EMPTY),
    ("specificity", specificity, "TN / (TN + FP)", "1 where all of the truth is mask"),
    ("binary_accuracy", binary_accuracy, "(TP + TN) / all", "1 where truth and prediction are both empty"),
)
DEFINITIONS = MappingProxyType(
    {
        f"{name}{'_per_image' if per_image else ''}": Definition(
            function, per_image=per_image, formula=formula, empty=empty
        )
        for per_image in (False, True)
        for name, function, formula, empty in _FORMULAS
    }
)


def sentence(formula: str, empty: str, *, per_image: bool) -> str:
    """Return the rule of a metric from its formula, what counts where nothing is there, and its reduction."""
    if per_image:
        return f"mean over images, every image counts the same: {formula}; {empty}."
    return f"all images pooled, what is large counts more: {formula}; {empty}."


def rule(name: str) -> str:
    """Return in a sentence what a metric pools, what it averages, and what an empty mask counts.

    Raises
    ------
    ValueError
        When the name is unknown.

    """
    definition = _definition(name)
    return sentence(definition.formula, definition.empty, per_image=definition.per_image)


def _definition(name: str) -> Definition:
    if name not in DEFINITIONS:
        raise ValueError(f"unknown metric {name!r}; known are {', '.join(DEFINITIONS)}")
    return DEFINITIONS[name]


def values_of(name: str, counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return a metric's formula of many counts at once.

    Parameters
    ----------
    name
        A key of `DEFINITIONS`.
    counts
        Whole numbers (…,4): true and false positives, false and true negatives.

    Returns
    -------
    ndarray
        float64 (…).

    """
    # Formulas go class by class, so that any number of sets of pixels are classes of one.
    return DEFINITIONS[name].from_counts(of_classes(counts.astype(np.int64))).reshape(counts.shape[:-1])


def score_per_class(name: str, counts_per_image: Sequence[Counts]) -> NDArray[np.float64]:
    """Return a metric of a data set for each class, float64 (c,) in [0, 1].

    Parameters
    ----------
    name
        A key of `DEFINITIONS`.
    counts_per_image
        Counts of n images; the identity `Counts()` is no image and is passed over.

    Raises
    ------
    ValueError
        When the name is unknown, there is no image, or the numbers of classes differ.

    """
    definition, pooled = _definition(name), total(counts_per_image)
    if not pooled.tp:
        raise ValueError(f"{name} needs the counts of at least one image with at least one class")
    if not definition.per_image:
        return definition.from_counts(pooled)
    per_image = [definition.from_counts(counts) for counts in counts_per_image if counts.tp]
    return np.asarray(np.mean(per_image, axis=0), dtype=np.float64)


def score(name: str, counts_per_image: Sequence[Counts]) -> float:
    """Return a metric of a data set in [0, 1]: the macro mean (over classes) of `score_per_class`."""
    return float(score_per_class(name, counts_per_image).mean())


def _overlaps(truth: list[NDArray[np.bool_]], predicted: list[NDArray[np.bool_]]) -> NDArray[np.float64]:
    flat = np.stack([grid.ravel() for grid in predicted])
    shared = np.array([flat[:, np.flatnonzero(grid)].sum(axis=1) for grid in truth])
    areas = np.array([np.count_nonzero(grid) for grid in truth])
    overlaps: NDArray[np.float64] = shared / (areas[:, None] + flat.sum(axis=1) - shared)
    return overlaps


def _most_pairs(hits: NDArray[np.bool_]) -> int:
    """Return the size of a maximum matching, by augmenting paths (Kuhn, 1955; Berge, 1957)."""
    partners: dict[int, int] = {}
    owners: dict[int, int] = {}
    for instance in range(hits.shape[0]):
        reached, found = _search(hits, instance, owners)
        while found is not None:
            owner = reached[found]
            owners[found] = owner
            # The truth on the path gives its former partner to the one before it.
            former = partners.get(owner)
            partners[owner] = found
            found = former
    return len(owners)


def _search(
    hits: NDArray[np.bool_], instance: int, owners: dict[int, int]
) -> tuple[dict[int, int], int | None]:
    reached: dict[int, int] = {}
    waiting = [instance]
    while waiting:
        current = waiting.pop()
        for candidate in np.flatnonzero(hits[current]).tolist():
            if candidate in reached:
                continue
            reached[candidate] = current
            if candidate not in owners:
                return reached, candidate
            waiting.append(owners[candidate])
    return reached, None


def f2(masks: Iterable[NDArray[Any]], predicted: Iterable[NDArray[Any]]) -> float:
    """Return the F2 score of one image, averaged over the IoU thresholds 0.5, 0.55 … 0.95.

    At a threshold t an instance and a prediction can be a pair when their IoU is above t (not equal). True
    positives are the largest number of pairs in which nothing stands twice; where the masks of each side do
    not overlap, as in the competition, no other choice exists. F2 = 5 TP / (5 TP + 4 FN + FP), with what is
    left over as FN and FP. Source: Kaggle, Airbus Ship Detection Challenge, 2018,
    https://www.kaggle.com/c/airbus-ship-detection, page "Evaluation".

    Parameters
    ----------
    masks, predicted
        One mask (h, w) or (h, w, 1) per instance, any non-zero value is mask; an empty one is no instance.

    Returns
    -------
    float
        In [0, 1]; 1 when both sides have no instance, 0 when exactly one has none.

    Raises
    ------
    ValueError, TypeError
        When a mask has another shape than the rest, or is no single mask.

    """
    given = [[as_mask(grid) for grid in side] for side in (masks, predicted)]
    shapes = sorted({grid.shape for side in given for grid in side})
    if len(shapes) > 1:
        raise ValueError(f"masks and predictions need one shape (h, w), got {shapes}")
    truth, found = ([grid for grid in side if grid.any()] for side in given)
    if not truth or not found:
        return float(not truth and not found)
    overlaps = _overlaps(truth, found)
    pairs = [_most_pairs(overlaps > threshold) for threshold in F2_THRESHOLDS]
    # With FN = len(truth) - TP and FP = len(found) - TP the denominator no longer depends on TP.
    return float(np.mean([5 * tp / (4 * len(truth) + len(found)) for tp in pairs]))
