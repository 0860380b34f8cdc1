"""How far experiments are from the best one, as a leaderboard shows it: difference, interval and verdict."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from segcore.catalog.columns import column_name
from segcore.comparability import Side
from segcore.comparing import Comparison, compared_to_first
from segcore.evaluating import DEFAULT_THRESHOLD, definition_name, threshold_of
from segcore.fold_values import Measure
from segcore.metrics import DEFINITIONS
from segcore.out_of_fold import GRID
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
    at = DEFAULT_THRESHOLD if threshold is None else threshold
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


def against_best(sides: Sequence[Side], measure: Measure) -> tuple[tuple[str, Against], ...]:
    """Return for every experiment but the first how it differs from the first, by its name.

    Parameters
    ----------
    sides
        The experiments, the best first; of more than `MOST` the others are left out.
    measure
        What ranked them.

    """
    compared = compared_to_first(sides[:MOST], measure)
    return tuple((side.name, _of(one)) for side, one in zip(sides[1:MOST], compared, strict=True))


def text(found: Against) -> str:
    """Return a difference with its interval and the verdict, as one line."""
    if found.difference is None:
        return found.verdict
    interval = "" if found.low is None or found.high is None else f" [{found.low:+.4f}, {found.high:+.4f}]"
    said = f" {found.verdict}" if found.verdict else ""
    return f"{found.difference:+.4f}{interval}{said}"
