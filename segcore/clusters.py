"""Values that follow from sums over images: their variance over images or groups, and a bootstrap that keeps groups.

What lies in one group (a patient, a tile's picture) is not independent, so a group is left out or drawn as a whole.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.seeds import generator

ROUNDS = 2000
_BLOCK: Final = 1 << 22  # numbers drawn at a time


def _read_only(numbers: NDArray[Any]) -> NDArray[np.float64]:
    made = np.array(numbers, np.float64, order="C")
    made.flags.writeable = False
    return made


@frozen(eq=False)
class Clusters:
    """The images of a fold as sums over each of its groups.

    Attributes
    ----------
    sums
        float64 (g,p): p numbers of each of g groups that add up, such as pixels counted, or a value and a 1.
    value
        From totals (…,p) to float64 (…); it is asked for totals of any groups, some of them more than once.

    """

    sums: NDArray[np.float64] = field(converter=_read_only, repr=False)
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]] = field(repr=False)

    def __attrs_post_init__(self) -> None:
        if self.sums.ndim != 2 or not len(self.sums):
            raise ValueError(f"sums have the shape (groups, numbers), got {self.sums.shape}")

    @property
    def total(self) -> float:
        """The value of all groups."""
        return float(self.value(self.sums.sum(axis=0)))


def mean_of(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a sum divided by how many were added, both the last axis of (…,2)."""
    return np.asarray(sums[..., 0] / sums[..., 1])


def grouped(numbers: NDArray[Any], groups: Sequence[str]) -> NDArray[np.float64]:
    """Return sums over the images of each group, the groups in sorted order.

    Parameters
    ----------
    numbers
        (n,p), of n images.
    groups
        Of each image.

    Raises
    ------
    ValueError
        When there is not one group for each image.

    """
    if len(groups) != len(numbers):
        raise ValueError(f"{len(numbers)} images need a group each, got {len(groups)}")
    place = {name: number for number, name in enumerate(sorted(set(groups)))}
    sums = np.zeros((len(place), numbers.shape[1]))
    np.add.at(sums, [place[name] for name in groups], numbers)
    return sums


def variance(clusters: Clusters) -> float:
    """Return the jackknife's estimate of the variance of the value, leaving out one group after the other.

    (g - 1)/g times the sum of squares of the values without each group around their mean; for a mean of images it is
    the variance of the mean. Source: Efron and Stein, 1981, "The jackknife estimate of variance", Annals of Statistics
    9:586, https://doi.org/10.1214/aos/1176345462.

    Raises
    ------
    ValueError
        When there is one group.

    """
    groups = len(clusters.sums)
    if groups < 2:
        raise ValueError("the variance over groups needs two groups or more, got 1")
    without = clusters.value(clusters.sums.sum(axis=0) - clusters.sums)
    return float((groups - 1) * without.var())


def _drawn(clusters: Clusters, random: np.random.Generator, rounds: int) -> Iterator[NDArray[np.float64]]:
    groups = len(clusters.sums)
    step = max(1, _BLOCK // groups)
    for start in range(0, rounds, step):
        count = min(step, rounds - start)
        chosen = random.integers(groups, size=(count, groups)) + groups * np.arange(count)[:, None]
        times = np.bincount(chosen.ravel(), minlength=count * groups).reshape(count, groups)
        yield clusters.value(times @ clusters.sums)


def bootstrap(folds: Sequence[Clusters], seed: int = 0, rounds: int = ROUNDS) -> NDArray[np.float64]:
    """Return means over folds of values of groups drawn with replacement within each fold, float64 (rounds,), sorted.

    They spread as other images would make the mean do with the same networks; nothing in them tells what other training
    sets or seeds would. Percentiles of them are an interval. Source: Davison and Hinkley, 1997, "Bootstrap Methods and
    their Application", 3.8, https://doi.org/10.1017/CBO9780511802843.

    Parameters
    ----------
    folds
        One or more.
    seed
        Of the drawing.
    rounds
        How often is drawn.

    Raises
    ------
    ValueError
        When there is no fold, or nothing is drawn.

    """
    if not folds or rounds < 1:
        raise ValueError(f"a bootstrap needs a fold and a round, got {len(folds)} and {rounds}")
    total = np.zeros(rounds)
    for number, one in enumerate(folds):
        random = generator(seed, "bootstrap of groups", number)
        total += np.concatenate(list(_drawn(one, random, rounds)))
    return np.sort(total / len(folds))
