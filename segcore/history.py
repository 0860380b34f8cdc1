"""Epoch rows: which epoch is better, and which one was kept."""

import math

from attrs import frozen

from segcore.monitors import Watch


@frozen
class EpochRow:
    """One epoch: its number from 1, its columns, and whether its weights were the best so far."""

    epoch: int
    columns: tuple[tuple[str, float], ...]
    improved: bool


def is_better(candidate: float, best: float | None, watch: Watch) -> bool:
    """Return whether a value improves on the best so far: a strict order in which any number improves on nothing.

    What is not finite never improves on anything: a metric that is NaN is none, and one that is infinite has overflown.
    """
    if not math.isfinite(candidate):
        return False
    if best is None or not math.isfinite(best):
        return True
    return candidate > best if watch.mode == "max" else candidate < best


def kept_epoch(values: tuple[float, ...], watch: Watch) -> int | None:
    """Return the position of the first best value, or None where no value is finite."""
    best: int | None = None
    for position, value in enumerate(values):
        if is_better(value, None if best is None else values[best], watch):
            best = position
    return best


def best_value(rows: tuple[EpochRow, ...], watch: Watch) -> float | None:
    """Return the watched value of the epoch that is kept so far; None where no epoch is."""
    improved = [dict(row.columns)[watch.column] for row in rows if row.improved]
    return improved[-1] if improved else None
