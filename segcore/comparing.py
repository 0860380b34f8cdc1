"""Two experiments on the same split: which is better, by how much, and how sure that is."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
from attrs import evolve, frozen

from segcore.comparability import Records, Side, chosen, refusal, warnings
from segcore.fold_values import Measure, check_measure, check_metric, differences, fold_values
from segcore.intervals import LEVEL
from segcore.metrics import DEFINITIONS, rule
from segcore.statistics import Difference, difference

Verdict: TypeAlias = Literal["better", "worse", "not distinguishable", "not comparable"]


MOST_LEVEL: Final = 0.9999  # up to which quantiles are known, see segcore.student_t


@frozen
class Summary:
    """One side of a comparison: its name, its metric on the folds that are compared, and its replicates.

    Attributes
    ----------
    value
        The mean over folds and replicates; None where no fold is compared.
    folds
        The mean over replicates of each fold.

    """

    name: str
    value: float | None
    folds: tuple[float, ...]
    replicates: int


@frozen
class Comparison:
    """What two experiments have told about each other.

    Attributes
    ----------
    measure, rule
        What was measured, and in a sentence what it pools, averages and makes of empty masks.
    class_name
        Of `measure.number`; empty for the mean over classes.
    first, second
        The sides.
    folds
        The numbers of the folds that are compared.
    images
        How many they hold.
    difference
        Of the second less the first; None where nothing is compared.
    refusal
        Why there is no interval; empty where there is one.
    warnings
        What has to be said beside the numbers.
    is_exclusive
        Whether classes exclude each other, so that the likeliest is taken and no threshold.

    """

    measure: Measure
    rule: str
    class_name: str
    first: Summary
    second: Summary
    folds: tuple[int, ...]
    images: int
    difference: Difference | None
    refusal: str = ""
    warnings: tuple[str, ...] = ()
    is_exclusive: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the headline interval says of the second side, and nothing else does."""
        if self.difference is None or self.difference.headline is None:
            return "not comparable"
        if not self.difference.is_told_apart:
            return "not distinguishable"
        is_more = self.difference.value > 0
        return "better" if is_more == (DEFINITIONS[self.measure.metric].direction == "max") else "worse"


def _seed_variance(*sides: Sequence[Sequence[float]]) -> float | None:
    """Return the variance that seeds make in a fold's difference of means; None where a side has one replicate."""
    tables = [np.array(values) for values in sides]
    if any(one.shape[1] < 2 for one in tables):
        return None
    return float(sum(one.var(axis=1, ddof=1).mean() / one.shape[1] for one in tables))


def _summary(name: str, values: Sequence[Sequence[float]]) -> Summary:
    folds = tuple(float(np.mean(one)) for one in values)
    return Summary(name, float(np.mean(folds)), folds, len(values[0]))


def _class_name(records: Records, number: int | None) -> str:
    if number is None:
        return ""
    names = next((one.classes for _, one in records), ())
    return names[number] if number < len(names) else f"class {number}"


def compared(one: Side, other: Side, measure: Measure, *, level: float = LEVEL, seed: int = 0) -> Comparison:
    """Return what the second experiment's metric is less the first's, with intervals, or why that says nothing.

    Folds with a record of the first replicate on both sides are compared; those that leak are left out. A fold's
    value is that of its images, pooled or averaged as the metric's name says; then come the mean over replicates and
    the mean over folds.

    Parameters
    ----------
    one, other
        The experiments.
    measure
        What is measured.
    level
        Of all intervals, above 0 and at most 0.9999.
    seed
        Of the bootstrap.

    Raises
    ------
    ConfigError
        As `segcore.fold_values.check_measure`, of the records that are compared.
    ValueError
        When the level is out of its range.

    """
    check_metric(measure.metric)
    what = chosen(one, other)
    why, name = refusal(one, other, what), _class_name(one.records, measure.number)
    sides = (
        Summary(one.name, None, (), len(what.first)),
        Summary(other.name, None, (), len(what.second)),
    )
    is_exclusive = any(found.is_exclusive for _, found in one.records)
    empty = Comparison(
        measure, rule(measure.metric), name, *sides, what.folds, 0, None, why, what.left_out, is_exclusive
    )
    if why:
        return empty
    pairs = list(what.pairs(one, other))
    check_measure(measure, [found for pair in pairs for each in pair for found in each])
    first, second = ([fold_values(pair[side], measure) for pair in pairs] for side in (0, 1))
    clusters = [differences(*pair, measure) for pair in pairs]
    found = difference(clusters, one.folds, _seed_variance(first, second), level=level, seed=seed)
    return evolve(
        empty,
        first=_summary(one.name, first),
        second=_summary(other.name, second),
        images=sum(len(pair[0][0].ids) for pair in pairs),
        difference=found,
        refusal=found.refusal,
        warnings=(*warnings(one, other, what), *found.warnings),
    )


def level_of_each(level: float, count: int) -> float:
    """Return the level of each of some intervals that hold all at once at a level, by Bonferroni's inequality."""
    return min(1 - (1 - level) / count, MOST_LEVEL)


def compared_to_first(
    sides: Sequence[Side], measure: Measure, *, level: float = LEVEL, seed: int = 0
) -> tuple[Comparison, ...]:
    """Return every experiment but the first compared to the first, such as the best of a leaderboard or a baseline.

    Of m comparisons each has an interval of the level 1 - (1 - level) / m, so that all of them hold at once at the
    level that was asked for (Dunn, 1961, "Multiple comparisons among means", JASA 56:52,
    https://doi.org/10.1080/01621459.1961.10482090). It does not undo that a best one was chosen by its luck, too: what
    is left of its lead on new data is less.

    Parameters
    ----------
    sides
        The experiments; nothing is compared where there are fewer than two.
    measure, level, seed
        As in `compared`.

    Raises
    ------
    ConfigError, ValueError
        As `compared`.

    """
    if len(sides) < 2:
        return ()
    each = level_of_each(level, len(sides) - 1)
    return tuple(compared(sides[0], other, measure, level=each, seed=seed) for other in sides[1:])
