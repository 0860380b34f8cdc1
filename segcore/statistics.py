"""A difference measured in the folds of one cross-validation: its value, its intervals, and what speaks against it."""

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.clusters import Clusters, bootstrap, grouped, mean_of, variance
from segcore.intervals import (
    LEVEL,
    TRAINING_WEIGHT,
    Interval,
    interval,
    nadeau_bengio,
    overlapping,
    uncorrected,
)

FEWEST_FOLDS = 3
_FEW_GROUPS: Final = 20
_UNEXPECTED: Final = 0.99


@frozen
class Difference:
    """The mean over folds of a paired difference.

    Attributes
    ----------
    value
        The mean.
    folds
        The difference of each fold.
    planned
        Into how many folds the data were divided.
    headline
        The interval that counts training sets that overlap; None where nothing honest can be said, see `refusal`.
    over_images
        Low and high end of the bootstrap over groups of images: other images, the same networks. None without
        `headline`.
    alternatives
        Other intervals by name, for comparison: ``Nadeau-Bengio``, and ``uncorrected``, which is too short.
    image_variance, fold_variance
        Of a fold's difference: what its images make, by the jackknife (None where a fold is one group), and what was
        found between folds.
    seed_variance
        What the seeds of training make of a fold's difference; None where that is not known.
    groups
        How many groups of images there are.
    warnings
        What has to be said beside the numbers.
    refusal
        Why there is no interval; empty where there is one.

    """

    value: float
    folds: tuple[float, ...]
    planned: int
    headline: Interval | None
    over_images: tuple[float, float] | None
    alternatives: tuple[tuple[str, Interval], ...]
    image_variance: float | None
    fold_variance: float | None
    seed_variance: float | None
    groups: int
    warnings: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_told_apart(self) -> bool:
        """Whether the headline interval leaves out 0; without an interval nothing is told apart."""
        return self.headline is not None and not self.headline.holds_zero


def _unlikely(freedom: int) -> float:
    """Return what s**2 divided by its expectation exceeds once in a hundred times.

    Wilson and Hilferty, 1931, "The distribution of chi-square", PNAS 17:684, https://doi.org/10.1073/pnas.17.12.684.
    """
    part = 2 / (9 * freedom)
    return float((1 - part + NormalDist().inv_cdf(_UNEXPECTED) * math.sqrt(part)) ** 3)


def _warnings(
    given: int, planned: int, groups: int, image: float | None, between: float, seeds: float | None
) -> Iterator[str]:
    if given < planned:
        yield f"{given} of {planned} folds are there: the others may tell something else."
    if seeds is None:
        yield (
            "fewer than two replicates: the noise of training seeds cannot be told from the effect of training sets, "
            "and the interval holds for both. `replicates: 2` or more tells them apart."
        )
    if image is None:
        yield (
            "a fold is a single group: its images do not say how uncertain it is; the interval is Nadeau and Bengio's."
        )
    elif between > _unlikely(given - 1) * (
        image * (1 + TRAINING_WEIGHT / (planned - 1) ** 2) + (seeds or 0.0)
    ):
        yield (
            "the folds differ more than images and training sets usually make them: by seeds, a fold that failed, or "
            "a network that depends much on its training set. The interval may be too short."
        )
    if groups < _FEW_GROUPS:
        yield f"{groups} groups of images are few: the interval over images is too short."


def difference(
    folds: Sequence[Clusters],
    planned: int | None = None,
    seed_variance: float | None = None,
    *,
    level: float = LEVEL,
    seed: int = 0,
) -> Difference:
    """Return the mean over folds of a difference with its intervals.

    Parameters
    ----------
    folds
        The images of each fold, of which `Clusters.value` makes the fold's difference.
    planned
        Into how many folds the data were divided; by default as many as are given.
    seed_variance
        The variance that the seeds of training make in a fold's difference, from several replicates; None where there
        is one.
    level
        Of all intervals, above 0 and at most 0.9999.
    seed
        Of the bootstrap.

    Raises
    ------
    ValueError
        When there is no fold, there are more than planned, or the level is out of its range.

    """
    if not folds or (planned is not None and planned < len(folds)):
        raise ValueError(f"a difference needs at least one fold and at most those planned, got {len(folds)}")
    values, divided = np.array([one.total for one in folds]), planned or len(folds)
    groups = sum(len(one.sums) for one in folds)
    value = float(values.mean())
    shown = tuple(values.tolist())
    if len(folds) < FEWEST_FOLDS:
        refusal = (
            f"{len(folds)} fold{'s' * (len(folds) > 1)}: an interval over folds needs {FEWEST_FOLDS} or more."
        )
        return Difference(
            value, shown, divided, None, None, (), None, None, seed_variance, groups, (), refusal
        )
    is_known = all(len(one.sums) > 1 for one in folds)
    image = float(np.mean([variance(one) for one in folds])) if is_known else None
    plain = nadeau_bengio(values, divided)
    known = (
        plain
        if image is None
        else overlapping(values, image, seed_variance or 0.0, divided, groups - len(folds))
    )
    others = (("Nadeau-Bengio", plain), ("uncorrected", uncorrected(values)))
    between = float(values.var(ddof=1))
    drawn = np.quantile(bootstrap(folds, seed), ((1 - level) / 2, (1 + level) / 2))
    return Difference(
        value,
        shown,
        divided,
        interval(value, known, level),
        (float(drawn[0]), float(drawn[1])),
        tuple((name, interval(value, one, level)) for name, one in others),
        image,
        between,
        seed_variance,
        groups,
        tuple(_warnings(len(folds), divided, groups, image, between, seed_variance)),
    )


def paired(
    differences: NDArray[Any],
    folds: Sequence[int],
    groups: Sequence[str] = (),
    planned: int | None = None,
    seed_variance: float | None = None,
    *,
    level: float = LEVEL,
    seed: int = 0,
) -> Difference:
    """Return the mean of paired differences of images: their mean in each fold, then the mean over folds.

    Parameters
    ----------
    differences
        Float (n,): of each image, in any unit.
    folds
        Of each image: the fold in which it was scored.
    groups
        Of each image; those of one group are not independent. By default each is one by itself.
    planned, seed_variance, level, seed
        As in `difference`.

    Raises
    ------
    ValueError
        As in `difference`; also when a number is not finite, or there is no fold or group for an image.

    """
    numbers, places = np.asarray(differences, np.float64), np.asarray(folds)
    names = tuple(groups) or tuple(map(str, range(len(numbers))))
    if numbers.ndim != 1 or not numbers.size or not len(numbers) == len(places) == len(names):
        raise ValueError(
            f"differences need a fold and a group each, got {numbers.shape}, {len(places)}, {len(names)}"
        )
    if not bool(np.isfinite(numbers).all()):
        raise ValueError("differences are finite numbers")
    both = np.stack([numbers, np.ones_like(numbers)], axis=1)
    parts = []
    for fold in np.unique(places):
        rows = np.flatnonzero(places == fold)
        parts.append(Clusters(grouped(both[rows], [names[row] for row in rows]), mean_of))
    return difference(parts, planned, seed_variance, level=level, seed=seed)
