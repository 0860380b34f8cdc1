"""Looking for a learning rate: the rates that are tried, when to stop, and which one the losses speak for."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_WINDOW: Final = 5
_EXPLODED: Final = 4.0


def tried_rates(start: float, end: float, steps: int) -> Floats:
    """Return `steps` rates, float64 (n,), each the same factor above the one before, from `start` to `end`.

    Raises
    ------
    ValueError
        When `start` is not above 0 and below `end`, or with fewer than 2 steps.

    """
    if not 0 < start < end < float("inf"):
        raise ValueError(f"rates go up from above 0, got {start:g} to {end:g}")
    if steps < 2:
        raise ValueError(f"at least 2 training steps are needed, got {steps}")
    return start * (end / start) ** (np.arange(steps) / (steps - 1))


def has_exploded(losses: Sequence[float] | Floats) -> bool:
    """Return whether the mean of the last 5 losses is more than 4 times the lowest mean of 5 neighbours before.

    A single loss says little, since batches differ. Losses that are not finite have exploded.
    """
    given = np.asarray(losses, np.float64)
    if given.size and not np.isfinite(given[-1]):
        return True
    if given.size <= _WINDOW:
        return False
    means = np.convolve(given, np.full(_WINDOW, 1 / _WINDOW), "valid")
    return bool(means[-1] > _EXPLODED * means.min())


def smoothed(losses: Sequence[float] | Floats) -> Floats:
    """Return the losses, float64 (n,), each the mean of all with weights exp(-d^2 / (2 s^2)) of their distance d.

    s is a fortieth of their number, at least 1. The mean looks to both sides, so that it does not lag behind: over
    rates that rise, a running average would show every turn at too high a rate.
    """
    given = np.asarray(losses, np.float64)
    wide = max(1.0, given.size / 40)
    reach = min(given.size, int(np.ceil(4 * wide)))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / wide) ** 2)
    total = np.convolve(np.ones(given.size), weights, "full")[reach : reach + given.size]
    summed = np.convolve(given, weights, "full")[reach : reach + given.size]
    return np.asarray(summed / total)


def slopes(rates: Sequence[float] | Floats, losses: Sequence[float] | Floats) -> Floats:
    """Return how much a loss changes per factor 10 of the rate, float64 (n,), n at least 2."""
    return np.asarray(np.gradient(np.asarray(losses, np.float64), np.log10(np.asarray(rates, np.float64))))


def suggested(rates: Sequence[float] | Floats, losses: Sequence[float] | Floats) -> float | None:
    """Return the rate of steepest descent of the smoothed loss before its minimum, or None where it never falls.

    Parameters
    ----------
    rates
        (n,), rising; n at least 2.
    losses
        (n,), as measured; they are smoothed here.

    """
    smooth = smoothed(losses)
    falling = slopes(rates, smooth)[: int(smooth.argmin()) + 1]
    steepest = int(falling.argmin())
    return float(rates[steepest]) if falling[steepest] < 0 else None
