"""Epoch rows: which epoch is better, and which one was kept."""

import math

from segcore.monitors import Watch


def is_better(candidate: float, best: float | None, watch: Watch) -> bool:
    """Return whether a value improves on the best so far; NaN never does, and anything improves on nothing."""
    if math.isnan(candidate):
        return False
    if best is None or math.isnan(best):
        return True
    return candidate > best if watch.mode == "max" else candidate < best


def kept_epoch(values: tuple[float, ...], watch: Watch) -> int | None:
    """Return the position of the first best value, or None where every value is NaN."""
    best: int | None = None
    for position, value in enumerate(values):
        if is_better(value, None if best is None else values[best], watch):
            best = position
    return best
