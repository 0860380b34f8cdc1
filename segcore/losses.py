"""What our losses mean, in numpy: the textbook formulas that the tensor twins are tested against.

Throughout, `truth` T and `probability` P are arrays (b, h, w, c): T is 0 or 1, P lies in [0, 1], and every
function returns one float. Sums run in float64.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SMOOTH = 1.0
"""Pixels added to numerator and denominator: an empty truth met by an empty prediction costs 0."""

EPSILON = 2.0**-23
"""Probabilities are kept this far from 0 and 1 where a logarithm is taken: the step of float32 at 1."""

ALPHA = 0.25
GAMMA = 2.0

Pixels: TypeAlias = NDArray[np.floating[Any]] | NDArray[np.integer[Any]] | NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Definition: TypeAlias = Callable[[Pixels, Pixels, str], float]


def _floats(truth: Pixels, probability: Pixels) -> tuple[Floats, Floats]:
    if truth.shape != probability.shape or truth.ndim != 4:
        raise ValueError(f"expected two arrays (b, h, w, c), got {truth.shape} and {probability.shape}")
    return truth.astype(np.float64), probability.astype(np.float64)


def _clipped(probability: Floats) -> Floats:
    return np.clip(probability, EPSILON, 1 - EPSILON)


def dice_loss(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over images and classes of ``1 - (2 sum TP + s) / (sum T + sum P + s)``.

    Sums run over the pixels of one image and class; s is `SMOOTH`. Milletari et al., V-Net (2016),
    with the linear denominator of Sudre et al. (2017).
    """
    target, predicted = _floats(truth, probability)
    both = (target * predicted).sum(axis=(1, 2))
    total = (target + predicted).sum(axis=(1, 2))
    return float(np.mean(1 - (2 * both + SMOOTH) / (total + SMOOTH)))


def jaccard_loss(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over images and classes of ``1 - (sum TP + s) / (sum (T + P - TP) + s)``.

    Sums run over the pixels of one image and class; s is `SMOOTH`. Rahman & Wang (2016).
    """
    target, predicted = _floats(truth, probability)
    both = (target * predicted).sum(axis=(1, 2))
    union = (target + predicted).sum(axis=(1, 2)) - both
    return float(np.mean(1 - (both + SMOOTH) / (union + SMOOTH)))


def iou_loss(truth: Pixels, probability: Pixels) -> float:
    """Return 1 minus the mean over classes of the batch's soft IoU, ``(I + s) / (U + s)``.

    I = sum TP and U = sum (T + P - TP) run over all pixels of all images of the batch, so that a large
    object weighs more than a small one; s is `SMOOTH`. Rahman & Wang (2016).
    """
    target, predicted = _floats(truth, probability)
    both = (target * predicted).sum(axis=(0, 1, 2))
    union = (target + predicted).sum(axis=(0, 1, 2)) - both
    return float(1 - np.mean((both + SMOOTH) / (union + SMOOTH)))


def binary_focal_loss(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over pixels and channels of ``-a_t (1 - p_t)^2 log p_t``.

    p_t is P where T = 1 and 1 - P elsewhere, a_t is `ALPHA` and 1 - `ALPHA`. Lin et al. (2017), eq. 5.
    """
    target, predicted = _floats(truth, probability)
    likelihood = _clipped(np.where(target > 0.5, predicted, 1 - predicted))
    balance = np.where(target > 0.5, ALPHA, 1 - ALPHA)
    return float(np.mean(-balance * (1 - likelihood) ** GAMMA * np.log(likelihood)))


def categorical_focal_loss(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over pixels of ``-a sum_c T_c (1 - P_c)^2 log P_c`` for one-hot T; a is `ALPHA`.

    Lin et al. (2017), eq. 5, with one weight for all classes.
    """
    target, predicted = _floats(truth, probability)
    likelihood = _clipped(predicted)
    return float(np.mean(np.sum(-ALPHA * target * (1 - likelihood) ** GAMMA * np.log(likelihood), axis=-1)))


def _jaccard_steps(target: Floats) -> Floats:
    """Return how much each pixel, in order of falling error, adds to the Jaccard loss (Berman, Alg. 1)."""
    positives = target.sum()
    missed = positives - np.cumsum(target)
    union = positives + np.cumsum(1 - target)
    return np.diff(1 - missed / union, prepend=0.0)


def _lovasz_extension(errors: Floats, target: Floats) -> float:
    order = np.argsort(-errors, kind="stable")
    return float(np.maximum(errors[order], 0) @ _jaccard_steps(target[order]))


def lovasz_hinge(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over images and channels of the Lovász hinge.

    The errors are ``max(0, 1 - (2T - 1) logit P)``; the logits are recovered from probabilities kept
    `EPSILON` away from 0 and 1. Berman et al. (2018), section 2.1, per image.
    """
    target, predicted = _floats(truth, probability)
    kept = _clipped(predicted)
    errors = 1 - (2 * target - 1) * (np.log(kept) - np.log1p(-kept))
    maps = ((image, channel) for image in range(target.shape[0]) for channel in range(target.shape[3]))
    return float(
        np.mean([_lovasz_extension(errors[i, ..., c].ravel(), target[i, ..., c].ravel()) for i, c in maps])
    )


def lovasz_softmax(truth: Pixels, probability: Pixels) -> float:
    """Return the mean over the classes present in the batch of the Lovász extension of ``|T - P|``.

    Pixels of all images stand together; 0 where no class is present. Berman et al. (2018), section 2.2.
    """
    target, predicted = _floats(truth, probability)
    flat, errors = (maps.reshape(-1, maps.shape[-1]) for maps in (target, np.abs(target - predicted)))
    present = np.flatnonzero(flat.any(axis=0))
    costs = [_lovasz_extension(errors[:, channel], flat[:, channel]) for channel in present]
    return float(np.mean(costs)) if costs else 0.0


def focal_loss(truth: Pixels, probability: Pixels, activation: str) -> float:
    """Return `categorical_focal_loss` for ``softmax`` and `binary_focal_loss` for any other activation."""
    of = categorical_focal_loss if activation == "softmax" else binary_focal_loss
    return of(truth, probability)


def lovasz_loss(truth: Pixels, probability: Pixels, activation: str) -> float:
    """Return `lovasz_softmax` for ``softmax`` and `lovasz_hinge` for any other activation."""
    return (lovasz_softmax if activation == "softmax" else lovasz_hinge)(truth, probability)


DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        "dice_loss": lambda truth, probability, _activation: dice_loss(truth, probability),
        "jaccard_loss": lambda truth, probability, _activation: jaccard_loss(truth, probability),
        "iou_loss": lambda truth, probability, _activation: iou_loss(truth, probability),
        "focal_loss": focal_loss,
        "lovasz_loss": lovasz_loss,
    }
)
"""Name of each loss of ours to its definition: (truth, probability, activation) to the cost."""
