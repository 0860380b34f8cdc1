"""Which experiments cannot win any more, as far as the folds that are done can tell."""

from collections.abc import Sequence

from attrs import frozen

from segcore.comparability import Side
from segcore.comparing import MOST_LEVEL, Comparison, compared, level_of_each
from segcore.fold_values import Measure
from segcore.intervals import LEVEL
from segcore.metrics import DEFINITIONS


@frozen
class Losing:
    """An experiment that is worse than another one, by the interval of their difference.

    Attributes
    ----------
    name, better
        The experiment, and the one that it is worse than.
    folds
        How many folds both have.
    value, low, high
        Its metric less that of the better one, and the ends of the interval.
    level
        Of the interval, so that all of them hold at once.

    """

    name: str
    better: str
    folds: int
    value: float
    low: float
    high: float
    level: float

    @property
    def text(self) -> str:
        """The reason in a sentence."""
        return (
            f"worse than {self.better} by {abs(self.value):.4f} in {self.folds} folds "
            f"[{self.low:+.4f}, {self.high:+.4f}] at {self.level:.2%}"
        )


def leader(sides: Sequence[Side], measure: Measure) -> Side | None:
    """Return the experiment that is the best in the folds that it shares with each that was the best before it.

    None where there is none, or no two can be compared.
    """
    best, is_compared = sides[0] if sides else None, False
    for other in sides[1:]:
        found = compared(best, other, measure).difference if best is not None else None
        if found is None:
            continue
        is_compared = True
        if (found.value > 0) == (DEFINITIONS[measure.metric].direction == "max") and found.value:
            best = other
    return best if is_compared else None


def _losing(found: Comparison, level: float) -> Losing | None:
    one = found.difference.headline if found.difference else None
    if found.verdict != "worse" or one is None or found.difference is None:
        return None
    names = found.second.name, found.first.name
    return Losing(*names, len(found.folds), found.difference.value, one.low, one.high, level)


def most_experiments(looks: int, level: float = LEVEL) -> int:
    """Return for how many experiments the intervals of all pairs at all looks can hold at once, see `losing`."""
    count = 1
    while (1 - level) / (looks * count * (count + 1) // 2) >= 1 - MOST_LEVEL:
        count += 1
    return count


def losing(
    sides: Sequence[Side],
    measure: Measure,
    looks: int,
    experiments: int | None = None,
    *,
    level: float = LEVEL,
) -> tuple[Losing, ...]:
    """Return the experiments that are worse than the best one, by intervals that hold all at once.

    The best one is the best by these very data, and it is looked at again with every fold: of k experiments each
    interval has the level at which those of all k (k - 1) / 2 pairs at all looks hold at once (Bonferroni).

    Parameters
    ----------
    sides
        What the experiments have recorded; those without a fold in common with the best one are passed over.
    measure
        What decides.
    looks
        How often is looked at most, from 1.
    experiments
        How many take part, with those that have recorded nothing yet; by default those of `sides`. Of more than
        `most_experiments` the intervals do not hold all at once.
    level
        Of all intervals together, above 0 and below 1.

    Raises
    ------
    ConfigError
        As `segcore.comparing.compared`.

    """
    best = leader(sides, measure)
    if best is None:
        return ()
    count = len(sides) if experiments is None else experiments
    each = level_of_each(level, looks * count * (count - 1) // 2)
    found = (compared(best, other, measure, level=each) for other in sides if other.name != best.name)
    return tuple(one for comparison in found if (one := _losing(comparison, each)) is not None)
