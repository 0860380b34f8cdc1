"""How far experiments are from the best one, as a leaderboard shows it: difference, interval and verdict."""

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from segcore.catalog.columns import column_name
from segcore.comparability import Side
from segcore.comparing import Comparison, compared, level_of_each
from segcore.errors import ConfigError, sentence
from segcore.evaluating import definition_name, threshold_of
from segcore.fold_values import Measure
from segcore.intervals import LEVEL
from segcore.metrics import DEFINITIONS
from segcore.scores import GRID, MASK_THRESHOLD
from segcore.values import Call

MOST = 20  # experiments of which the best is told apart: with more, all intervals together say little


@frozen
class Against:
    """How an experiment differs from the best one in the metric that ranks.

    Attributes
    ----------
    difference
        This experiment less the best one; None where they cannot be compared.
    low, high
        Ends of the interval of the difference; those of all experiments hold at once at 95 %. None where there is none.
    verdict
        ``better``, ``worse``, ``not distinguishable`` or ``not comparable``: what the interval says, and nothing else.
    notes
        Why there is no interval, or what has to be said beside it, a sentence each.

    """

    difference: float | None
    low: float | None = None
    high: float | None = None
    verdict: str = ""
    notes: tuple[str, ...] = ()


def measure_of(column: str, metrics: Iterable[Call]) -> Measure | None:
    """Return what a column of the metrics file measures on validation data, as it follows from out-of-fold records.

    None where it does not: losses, metrics of Keras' own, columns of the training part, other thresholds than those
    at which pixels are counted.
    """
    bare = column.removeprefix("val_")
    if bare == column:
        return None
    call = next((one for one in metrics if column_name(one.name, one.arguments) == bare), None)
    if call is None:
        return Measure(bare) if bare in DEFINITIONS else None
    name, threshold, number = definition_name(call), threshold_of(call), call.get("of_class")
    at = MASK_THRESHOLD if threshold is None else threshold
    if name is None or at not in GRID:
        return None
    return Measure(name, at, number if isinstance(number, int) else None)


def _of(found: Comparison) -> Against:
    own = f"{found.second.name}: "  # which is told beside it
    told = tuple(one.removeprefix(own) for one in (found.refusal, *found.warnings) if one)
    if found.difference is None:
        return Against(None, verdict=found.verdict, notes=told)
    one = found.difference.headline
    low, high = (None, None) if one is None else (one.low, one.high)
    return Against(found.difference.value, low, high, found.verdict, told)


def _against(best: Side, other: Side, measure: Measure, level: float) -> Against:
    try:
        return _of(compared(best, other, measure, level=level))
    except ConfigError as error:  # what was not counted for these two may have been for others of the report
        return Against(None, verdict="not comparable", notes=tuple(map(sentence, error.findings)))


def against_best(sides: Sequence[Side], measure: Measure) -> tuple[tuple[str, Against], ...]:
    """Return for every experiment but the first how it differs from the first, by its name.

    The first is the best by these very data, so that it is not one pair that is looked at but the one that came out
    among all pairs: of k experiments each interval has the level at which all k (k - 1) / 2 hold at once.

    Parameters
    ----------
    sides
        The experiments, the best first; of more than `MOST` the others are left out.
    measure
        What ranked them; its threshold has no effect where classes exclude each other, as in training.

    """
    shown = sides[:MOST]
    if len(shown) < 2:
        return ()
    if any(one.is_exclusive for _, one in shown[0].records):
        measure = evolve(measure, threshold=MASK_THRESHOLD)
    level = level_of_each(LEVEL, len(shown) * (len(shown) - 1) // 2)
    return tuple((side.name, _against(shown[0], side, measure, level)) for side in shown[1:])


def text(found: Against) -> str:
    """Return a difference with its interval and the verdict, as one line."""
    if found.difference is None:
        return found.verdict
    interval = "" if found.low is None or found.high is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    said = f" {found.verdict}" if found.verdict else ""
    return f"{found.difference:+.4f}{interval}{said}"
