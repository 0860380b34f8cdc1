"""Borders of masks: the band along a boundary, and how much of two borders lies within a tolerance.

The border of a mask is the set of its pixels that share an edge with a pixel that is not mask; outside the image
nothing is mask. Distances are Euclidean, between the centres of pixels. A border is counted in pixels: it is not the
length of a line drawn through them (as by marching squares), which other implementations of surface Dice weigh with.
"""

import math

import numpy as np
from numpy.typing import NDArray

BAND_SHARE = 0.02
TOLERANCE = 2.0


def band_width(shape: tuple[int, int], share: float = BAND_SHARE) -> int:
    """Return the width of a boundary band in pixels, from 1: a share of the diagonal of an image (h,w), rounded.

    Source: Cheng et al., "Boundary IoU", CVPR 2021, https://doi.org/10.1109/CVPR46437.2021.01508, whose band is
    2 % of the diagonal wide.

    Raises
    ------
    ValueError
        When the share is not above 0 and finite.

    """
    if not (math.isfinite(share) and share > 0):
        raise ValueError(f"the width of a boundary band is a share of the diagonal, above 0; got {share}")
    return max(1, round(share * math.hypot(*shape)))


def boundary_band(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return the pixels of a mask within a distance of its boundary, inside of it.

    A pixel belongs to the band when the square of 2 width + 1 pixels around it holds one that is not mask: the mask
    less what `width` erosions by a square of 3 pixels leave of it, as in the code of Cheng et al., 2021.

    Parameters
    ----------
    mask
        bool (h,w).
    width
        Pixels, from 1.

    Returns
    -------
    NDArray[np.bool_]
        (h,w); all within the mask.

    """
    side = 2 * width + 1
    sums = np.zeros((mask.shape[0] + side, mask.shape[1] + side), np.int64)
    sums[width + 1 : -width, width + 1 : -width] = mask
    np.cumsum(sums, axis=0, out=sums)
    np.cumsum(sums, axis=1, out=sums)
    inside = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(mask & (inside < side * side))


def border(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the border of a mask, bool (h,w): its pixels that share an edge with one that is not mask."""
    inner = mask.copy()
    inner[:1], inner[-1:], inner[:, :1], inner[:, -1:] = False, False, False, False
    inner[1:] &= mask[:-1]
    inner[:-1] &= mask[1:]
    inner[:, 1:] &= mask[:, :-1]
    inner[:, :-1] &= mask[:, 1:]
    return np.asarray(mask & ~inner)


def near(points: NDArray[np.bool_], others: NDArray[np.bool_], tolerance: float) -> int:
    """Return how many points have another one within a Euclidean distance.

    Parameters
    ----------
    points, others
        bool (h,w).
    tolerance
        Pixels; a distance equal to it is within.

    """
    height, width = points.shape
    rows, columns = points.nonzero()
    before = np.zeros((height, width + 1), np.int32)
    np.cumsum(others, axis=1, out=before[:, 1:])
    found = np.zeros(rows.size, np.bool_)
    # A disc is a stack of runs: one look at each row of it says whether the row holds a point.
    reach = min(math.floor(tolerance), height - 1)
    for step in range(-reach, reach + 1):
        half = min(math.floor(math.sqrt(tolerance * tolerance - step * step)), width)
        there = (rows + step >= 0) & (rows + step < height)
        row, column = rows[there] + step, columns[there]
        first, last = np.maximum(column - half, 0), np.minimum(column + half + 1, width)
        found[there] |= before[row, last] > before[row, first]
    return int(np.count_nonzero(found))


def surface_agreement(
    truth: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    tolerance: float = TOLERANCE,
    counted: NDArray[np.bool_] | None = None,
) -> tuple[int, int]:
    """Return how many border pixels of both masks lie within a tolerance of the other's border, and how many there are.

    Their ratio is surface Dice, the normalised surface distance: Nikolov et al., "Clinically applicable segmentation
    of head and neck anatomy", J Med Internet Res 2021, https://doi.org/10.2196/26151. Numerators and denominators
    of several images add up.

    Parameters
    ----------
    truth, predicted
        bool (h,w).
    tolerance
        Pixels, from 0.
    counted
        Which pixels count, bool (h,w); along the others runs no border. None for all.

    Raises
    ------
    ValueError
        When the tolerance is negative or not finite.

    """
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"the tolerance of a surface is a number of pixels from 0, got {tolerance}")
    first, second = (border(one) for one in without_void(truth, predicted, counted))
    if counted is not None:
        first, second = first & counted, second & counted
    agreed = near(first, second, tolerance) + near(second, first, tolerance)
    return agreed, int(np.count_nonzero(first)) + int(np.count_nonzero(second))


def without_void(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_], counted: NDArray[np.bool_] | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return both masks with all that does not count as part of them, so that no border runs along it."""
    return (truth, predicted) if counted is None else (truth | ~counted, predicted | ~counted)
