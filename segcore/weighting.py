"""How the pixels of a batch are weighted in a loss: classes by weights, void not at all.

b images, h and w pixels, c classes. The tensor twin stands in `segshell.reduction`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def balanced(pixels: Sequence[int]) -> tuple[float, ...]:
    """Return the weight of each class: all pixels / (number of classes x pixels of the class).

    Classes without a pixel get 0 and do not count among the classes. That is ``class_weight="balanced"`` of
    scikit-learn (King and Zeng, 2001, "Logistic Regression in Rare Events Data").

    Parameters
    ----------
    pixels
        Number of pixels per class, from 0.

    Raises
    ------
    ValueError
        When no class has a pixel.

    """
    total, present = sum(pixels), sum(1 for one in pixels if one)
    if not total:
        raise ValueError("class weights need at least one pixel")
    return tuple(total / (present * one) if one else 0.0 for one in pixels)


def pixel_weights(truth: NDArray[Any], weights: Sequence[float], *, exclusive: bool) -> Floats:
    """Return what each pixel counts, float64 (b,h,w), or (b,h,w,c) for classes that do not exclude each other.

    Parameters
    ----------
    truth
        0 and 1, (b,h,w,c).
    weights
        For one class those of background and mask; else one per class. Empty: all count alike.
    exclusive
        Whether a pixel has exactly one class; a void pixel then has none and weighs nothing.

    """
    target = truth.astype(np.float64)
    if not weights:
        return np.ones(truth.shape[:3])
    if truth.shape[3] == 1:
        return np.asarray(weights[0] + (weights[1] - weights[0]) * target[..., 0])
    if exclusive:
        return np.asarray(target @ np.asarray(weights, dtype=np.float64))
    return np.broadcast_to(np.asarray(weights, dtype=np.float64), truth.shape)


def weighted_mean(cost: NDArray[Any], weights: Floats, valid: NDArray[np.bool_] | None = None) -> float:
    """Return ``sum(weight cost) / sum(weight)`` over the pixels that count; 0 where their weights sum to 0.

    Parameters
    ----------
    cost
        Per pixel (b,h,w) or per pixel and class (b,h,w,c).
    weights
        As `pixel_weights` returns them.
    valid
        Bool (b,h,w): pixels that count; None for all.

    """
    whole = weights[..., None] if weights.ndim < cost.ndim else weights
    known = np.ones(cost.shape[:3], dtype=bool) if valid is None else valid
    shown = np.where(known[..., None] if cost.ndim == 4 else known, whole, 0.0)
    shown = np.broadcast_to(shown, cost.shape)
    total = shown.sum()
    return float((np.where(shown > 0, cost, 0.0) * shown).sum() / total) if total else 0.0
