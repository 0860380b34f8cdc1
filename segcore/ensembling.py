"""Ensembles of stored predictions: the share of each member, what a member must be, and their weighted mean."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segcore.errors import ConfigError, Finding

Floats = NDArray[np.float32]


def _weight_fault(weights: Sequence[float], members: int) -> str:
    if len(weights) != members:
        return f"{len(weights)} weights for {members} folders; one for each is needed"
    wrong = [one for one in weights if not (math.isfinite(one) and one >= 0)]
    if wrong:
        return f"{wrong[0]} is no weight; they are finite and not negative"
    return "" if any(weights) else "all weights are 0; one at least is above it"


def shares(weights: Sequence[float] | None, members: int) -> tuple[float, ...]:
    """Return the share of each member of an ensemble: weights divided by their sum, w_i / sum_j w_j.

    Parameters
    ----------
    weights
        One finite number for each member, 0 or more, not all 0; None where all count the same.
    members
        How many there are.

    Raises
    ------
    ConfigError
        ``ensemble-members`` where there are none, ``ensemble-weights`` where a weight is missing or none.

    """
    if not members:
        raise ConfigError(
            [Finding("ensemble-members", "an ensemble needs one folder of predictions at least.")]
        )
    given = (1.0,) * members if weights is None else tuple(float(one) for one in weights)
    fault = _weight_fault(given, members)
    if fault:
        advice = "Give each folder a weight, in their order, or none at all."
        raise ConfigError([Finding("ensemble-weights", f"{fault}.", advice=advice)])
    largest = max(given)  # divided by first: the sum of great weights would be infinite
    scaled = [one / largest for one in given]
    return tuple(one / math.fsum(scaled) for one in scaled)


def member_fault(shape: tuple[int, ...], kind: np.dtype[np.generic], expected: tuple[int, ...]) -> str:
    """Return why an array is no prediction of an image, or an empty text.

    Parameters
    ----------
    shape, kind
        Of the array.
    expected
        Height and width of the image in pixels and, where it is known, the number of classes.

    """
    if (kind.kind, kind.itemsize) != ("f", 4):  # of either order of bytes
        return f"it holds {kind}; predictions are float32"
    if len(shape) != 3 or shape[2] < 1 or shape[: len(expected)] != expected:
        classes = expected[2] if len(expected) > 2 else "classes"
        return f"its shape is {shape}; ({expected[0]}, {expected[1]}, {classes}) is needed"
    return ""


def value_fault(values: Floats) -> str:
    """Return why values are no probabilities, all of them from 0 to 1, or an empty text."""
    lowest, highest = float(values.min(initial=0.0)), float(values.max(initial=0.0))  # NaN wins both
    if math.isnan(lowest):
        return "it holds NaN; probabilities are from 0 to 1"
    if lowest < 0 or highest > 1:
        return f"it holds values from {lowest:g} to {highest:g}; probabilities are from 0 to 1"
    return ""


def weighted_mean(members: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """Return the mean sum_i s_i p_i of probabilities, added up in double precision.

    Parameters
    ----------
    members
        float32, all of one shape, such as (h, w, classes).
    shares
        As `shares` returns them.

    Returns
    -------
    array
        float32 of that shape; within the range of the members' values at each place, so from 0 to 1.

    Raises
    ------
    ValueError
        Where members and shares do not fit each other.

    """
    if not members or len({one.shape for one in members}) > 1:
        raise ValueError("an ensemble needs members of one shape")
    total = np.zeros(members[0].shape)
    for one, share in zip(members, shares, strict=True):
        total += np.multiply(one, share, dtype=np.float64)
    return total.astype(np.float32)
