"""A metric of two experiments on the images of one fold, as sums over groups of which their difference is made."""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.clusters import Clusters, grouped, mean_of
from segcore.errors import ConfigError, Finding
from segcore.metrics import DEFINITIONS, values_of
from segcore.out_of_fold import OutOfFold
from segcore.scores import MASK_THRESHOLD


@frozen
class Measure:
    """What is measured.

    Attributes
    ----------
    metric
        A key of `segcore.metrics.DEFINITIONS`.
    threshold
        Above which a probability is mask; 0.5 where classes exclude each other, as the likeliest is taken.
    number
        Of one class, from 0; None for the mean over all classes.

    """

    metric: str = "iou_per_image"
    threshold: float = MASK_THRESHOLD
    number: int | None = None


def check_metric(name: str) -> None:
    """Check that a metric follows from counts of pixels.

    Raises
    ------
    ConfigError
        ``metric``: there is none of this name.

    """
    if name in DEFINITIONS:
        return
    import difflib

    near = tuple(difflib.get_close_matches(name, DEFINITIONS, 3))
    advice = f"There are {', '.join(DEFINITIONS)}."
    message = f"no metric {name!r} follows from counts of pixels."
    raise ConfigError([Finding("metric", message, (), None, near, advice)])


def check_measure(measure: Measure, records: Sequence[OutOfFold]) -> None:
    """Check that records can be measured so.

    Raises
    ------
    ConfigError
        ``metric``, ``threshold`` or ``class``: what is asked for, and what there is.

    """
    check_metric(measure.metric)
    for one in records:
        if one.is_exclusive and measure.threshold != MASK_THRESHOLD:
            message = (
                f"classes exclude each other: the likeliest is taken, and no threshold {measure.threshold:g}."
            )
            raise ConfigError([Finding("threshold", message, advice="Leave it away.")])
        if not one.is_exclusive and measure.threshold not in one.thresholds:
            shown = ", ".join(f"{level:g}" for level in one.thresholds)
            message = f"no pixels were counted at the threshold {measure.threshold:g}."
            raise ConfigError([Finding("threshold", message, advice=f"There are {shown}.")])
        if measure.number is not None and not 0 <= measure.number < one.class_count:
            message = f"there is no class {measure.number}."
            advice = f"Classes are 0 to {one.class_count - 1}."
            raise ConfigError([Finding("class", message, advice=advice)])


def _counts(records: Sequence[OutOfFold], measure: Measure) -> NDArray[np.int64]:
    """Return counts int64 (n,r,c,4) of n images in r replicates."""
    every = [
        one.at(one.thresholds[0] if one.is_exclusive else measure.threshold)[:, _classes(measure)]
        for one in records
    ]
    return np.stack(every, axis=1)


def _classes(measure: Measure) -> slice:
    return slice(None) if measure.number is None else slice(measure.number, measure.number + 1)


def image_values(records: Sequence[OutOfFold], measure: Measure) -> NDArray[np.float64]:
    """Return the metric of each image by itself, the mean over classes and replicates, float64 (n,)."""
    return np.asarray(values_of(measure.metric, _counts(records, measure)).mean(axis=(1, 2)))


def fold_values(records: Sequence[OutOfFold], measure: Measure) -> tuple[float, ...]:
    """Return the metric of a fold in each replicate, reduced over images as the metric's name says.

    Parameters
    ----------
    records
        Replicates of one fold-stage, on the same images.
    measure
        As `check_measure` has let pass.

    """
    counts = _counts(records, measure)
    if DEFINITIONS[measure.metric].per_image:
        return tuple(values_of(measure.metric, counts).mean(axis=(0, 2)).tolist())
    return tuple(values_of(measure.metric, counts.sum(axis=0)).mean(axis=1).tolist())


def _pooled(name: str, replicates: int, classes: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    def value(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        found = values_of(name, sums.reshape(*sums.shape[:-1], -1, classes, 4)).mean(axis=-1)
        first, second = found[..., :replicates], found[..., replicates:]
        return np.asarray(second.mean(axis=-1) - first.mean(axis=-1))

    return value


def differences(first: Sequence[OutOfFold], second: Sequence[OutOfFold], measure: Measure) -> Clusters:
    """Return the images of a fold as sums whose value is the second experiment's metric less the first's.

    Parameters
    ----------
    first, second
        Replicates of one fold-stage of each experiment, on the same images in the same order.
    measure
        As `check_measure` has let pass.

    """
    groups = first[0].groups
    if DEFINITIONS[measure.metric].per_image:
        each = image_values(second, measure) - image_values(first, measure)
        return Clusters(grouped(np.stack([each, np.ones_like(each)], axis=1), groups), mean_of)
    one, other = _counts(first, measure), _counts(second, measure)
    both = np.concatenate([one, other], axis=1)
    sums = grouped(both.reshape(len(both), -1), groups)
    return Clusters(sums, _pooled(measure.metric, one.shape[1], one.shape[2]))
