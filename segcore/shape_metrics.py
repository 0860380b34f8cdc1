"""Metrics of the shape of a mask, which counts of pixels do not tell: its boundary, its surface, its instances.

What is counted of an image are whole numbers that add up, so that each metric can be pooled over images or averaged
over them. An instance is an 8-connected component. Pixels that are void count nowhere: no border runs along them, and
they are no part of an instance.
"""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore import metrics
from segcore.components import component_runs, spread
from segcore.metrics import F2_THRESHOLDS
from segcore.surfaces import (
    BAND_SHARE,
    TOLERANCE,
    band_width,
    boundary_band,
    surface_agreement,
    without_void,
)
from segcore.values import Integers


@frozen
class ShapeCounts:
    """What is counted of the shapes of c classes, in one image or in several.

    Attributes
    ----------
    boundary
        int64 (c,3): pixels that the boundary bands of truth and prediction share, those of the prediction's alone,
        those of the truth's alone.
    surface
        int64 (c,2): border pixels of both within the tolerance of the other's border, and all of them.
    instances
        int64 (c,12): pairs of instances with an IoU above 0.5, 0.55 … 0.95, instances of the truth and of the
        prediction.

    """

    boundary: Integers
    surface: Integers
    instances: Integers

    def merge(self, other: "ShapeCounts") -> "ShapeCounts":
        """Return the counts of both; associative and commutative.

        Raises
        ------
        ValueError
            When the numbers of classes differ.

        """
        if self.surface.array.shape != other.surface.array.shape:
            classes = (len(self.surface.array), len(other.surface.array))
            raise ValueError(f"shapes of {classes[0]} and of {classes[1]} classes cannot be merged")
        return ShapeCounts(
            Integers(self.boundary.array + other.boundary.array),
            Integers(self.surface.array + other.surface.array),
            Integers(self.instances.array + other.instances.array),
        )


def _labelled(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int64], int]:
    """Return the number of each pixel's instance down the columns, int64 (h*w,), 0 for none; and how many there are."""
    runs, labels = component_runs(mask), np.zeros(mask.size, np.int64)
    lengths = runs.ends - runs.starts
    labels[spread(runs.starts, lengths)] = np.repeat(runs.components + 1, lengths)
    return labels, int(runs.components[-1]) + 1 if runs.components.size else 0


def instance_counts(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return pairs of instances at each threshold of `metrics.F2_THRESHOLDS`, then the instances of each side, (12,).

    Components of one mask do not overlap: above an IoU of one half each has one partner at most, and no choice has
    to be made.

    Parameters
    ----------
    truth, predicted
        bool (h,w).

    """
    (ours, count), (theirs, claimed) = _labelled(truth), _labelled(predicted)
    areas, found = np.bincount(ours, minlength=count + 1), np.bincount(theirs, minlength=claimed + 1)
    both = (ours > 0) & (theirs > 0)
    pairs, shared = np.unique(ours[both] * (claimed + 1) + theirs[both], return_counts=True)
    one, other = np.divmod(pairs, claimed + 1)
    overlaps = shared / (areas[one] + found[other] - shared)
    hits = [int(np.count_nonzero(overlaps > threshold)) for threshold in F2_THRESHOLDS]
    return np.array([*hits, count, claimed], np.int64)


def _boundary(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_], counted: NDArray[np.bool_] | None, width: int
) -> tuple[int, int, int]:
    ours, theirs = (boundary_band(one, width) for one in without_void(truth, predicted, counted))
    if counted is not None:
        ours, theirs = ours & counted, theirs & counted
    both = int(np.count_nonzero(ours & theirs))
    return both, int(np.count_nonzero(theirs)) - both, int(np.count_nonzero(ours)) - both


def shape_counts(
    truth: NDArray[Any],
    predicted: NDArray[Any],
    counted: NDArray[np.bool_] | None = None,
    *,
    band: float = BAND_SHARE,
    tolerance: float = TOLERANCE,
) -> ShapeCounts:
    """Return what is counted of the shapes in one image.

    Parameters
    ----------
    truth, predicted
        Booleans or numbers (h,w,c), any non-zero value is mask.
    counted
        Which pixels count, bool (h,w); None for all.
    band
        Width of the boundary band as a share of the image's diagonal, see `surfaces.band_width`.
    tolerance
        Distance in pixels up to which borders agree.

    Raises
    ------
    ValueError
        When the shapes differ, or band or tolerance is no such number.

    """
    if truth.ndim != 3 or truth.shape != predicted.shape:
        raise ValueError(
            f"truth and prediction need one shape (h, w, c), got {truth.shape} and {predicted.shape}"
        )
    width = band_width((truth.shape[0], truth.shape[1]), band)
    rows: list[tuple[Any, Any, Any]] = []
    for number in range(truth.shape[2]):
        pair = truth[..., number] != 0, predicted[..., number] != 0
        inside = pair if counted is None else (pair[0] & counted, pair[1] & counted)
        surface = surface_agreement(*pair, tolerance, counted)
        rows.append((_boundary(*pair, counted, width), surface, instance_counts(*inside)))
    return ShapeCounts(*(Integers(np.array(one)) for one in zip(*rows, strict=True)))


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.where(whole > 0, part / np.maximum(whole, 1), 1.0)
    return shares


def boundary_iou(counts: ShapeCounts) -> NDArray[np.float64]:
    """Return the IoU of the boundary bands, (c,) in [0, 1]; 1 for empty/empty. See `surfaces.boundary_band`."""
    numbers = counts.boundary.array
    return _ratio(numbers[:, 0], numbers.sum(axis=1))


def boundary_dice(counts: ShapeCounts) -> NDArray[np.float64]:
    """Return the Dice coefficient of the boundary bands, (c,) in [0, 1]; 1 for empty/empty."""
    numbers = counts.boundary.array
    return _ratio(2 * numbers[:, 0], numbers[:, 0] + numbers.sum(axis=1))


def surface_dice(counts: ShapeCounts) -> NDArray[np.float64]:
    """Return the share of both borders within the tolerance, (c,) in [0, 1]; 1 for empty/empty."""
    return _ratio(*counts.surface.array.T)


def instance_f2(counts: ShapeCounts) -> NDArray[np.float64]:
    """Return F2 over instances, averaged over IoU thresholds, (c,) in [0, 1]; 1 for empty/empty. See `metrics.f2`."""
    numbers = counts.instances.array
    whole = 4 * numbers[:, -2] + numbers[:, -1]
    return np.asarray(_ratio(5 * numbers[:, :-2], whole[:, None]).mean(axis=1))


@frozen
class ShapeDefinition:
    """A metric of shapes: its formula over counts, in words, and whether it is that of each image, averaged."""

    from_counts: Callable[[ShapeCounts], NDArray[np.float64]]
    formula: str
    per_image: bool = False


_BANDS = "of the bands along the inside of both boundaries, 2 % of the diagonal wide"
_FORMULAS = (
    ("boundary_iou", boundary_iou, f"IoU {_BANDS}"),
    ("boundary_dice", boundary_dice, f"Dice {_BANDS}"),
    (
        "surface_dice",
        surface_dice,
        "border pixels of both within 2 pixels of the other's border / all of them",
    ),
    (
        "instance_f2",
        instance_f2,
        "5 TP / (5 TP + 4 FN + FP) of connected objects, mean over the IoUs 0.5 … 0.95",
    ),
)
DEFINITIONS = MappingProxyType(
    {
        f"{name}{'_per_image' if per_image else ''}": ShapeDefinition(function, formula, per_image)
        for name, function, formula in _FORMULAS
        for per_image in (False, True)
    }
)


def score_per_class(name: str, images: Sequence[ShapeCounts]) -> NDArray[np.float64]:
    """Return a metric of a data set for each class, float64 (c,) in [0, 1].

    Parameters
    ----------
    name
        A key of `DEFINITIONS`.
    images
        Counts of n images.

    Raises
    ------
    ValueError
        When the name is unknown, there is no image, or the numbers of classes differ.

    """
    if name not in DEFINITIONS:
        raise ValueError(f"unknown metric of shapes {name!r}; known are {', '.join(DEFINITIONS)}")
    if not images:
        raise ValueError(f"{name} needs the counts of at least one image")
    definition = DEFINITIONS[name]
    if definition.per_image:
        return np.asarray(np.mean([definition.from_counts(one) for one in images], axis=0), dtype=np.float64)
    whole = images[0]
    for one in images[1:]:
        whole = whole.merge(one)
    return definition.from_counts(whole)


def score(name: str, images: Sequence[ShapeCounts]) -> float:
    """Return a metric of a data set in [0, 1]: the macro mean (over classes) of `score_per_class`."""
    return float(score_per_class(name, images).mean())


def rule(name: str) -> str:
    """Return in a sentence what a metric pools, what it averages, and what an empty mask counts: of every definition.

    Raises
    ------
    ValueError
        When the name is unknown.

    """
    if name not in DEFINITIONS:
        return metrics.rule(name)
    definition = DEFINITIONS[name]
    return metrics.sentence(definition.formula, metrics.EMPTY, per_image=definition.per_image)
