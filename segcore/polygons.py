"""The pixels inside a polygon, as runs down the columns: exactly those that the COCO tools paint.

The rule is that of `rleFrPoly` in https://github.com/cocodataset/cocoapi, common/maskApi.c: corners are rounded
to a fifth of a pixel, the outline is walked in such steps, and where it crosses the middle of a column the
pixels below change between outside and inside. Only these crossings are computed here, not the whole walk.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore.components import Shape, checked_shape, spread

FINENESS = 5  # steps per pixel
FARTHEST = 1e7  # pixels from the image's corner; beyond it steps could no longer be told apart
MOST_CROSSINGS = 1 << 24
_WHAT = "a polygon is a list of numbers x, y, x, y … in pixels"

_Integers: TypeAlias = NDArray[np.int64]


class _Edges(NamedTuple):
    """Lines between corners in steps, each along its longer axis upwards."""

    x: _Integers
    y: _Integers
    width: _Integers
    height: _Integers


class _Crossings(NamedTuple):
    """Which edge crosses the middle of which column."""

    edge: _Integers
    column: _Integers


def _corners(outline: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    try:
        points = np.asarray(outline)
    except ValueError as error:  # lists of different lengths
        raise ValueError(_WHAT) from error
    if points.dtype.kind not in "iuf":
        raise ValueError(_WHAT)
    if points.ndim != 1 or points.size < 6 or points.size % 2:
        raise ValueError(f"a polygon has at least 3 corners x, y, x, y …; {points.size} numbers are given")
    points = points.astype(np.float64)
    near = np.abs(points) <= FARTHEST  # false for NaN too
    if not near.all():
        worst = points[int(near.argmin())]
        raise ValueError(
            f"the corner coordinate {worst} is farther than {FARTHEST:.0f} pixels from the image"
        )
    return points


def _edges(points: NDArray[np.float64]) -> _Edges:
    steps = (FINENESS * points + 0.5).astype(np.int64)  # towards zero, as C rounds
    start, end = steps.reshape(-1, 2).T, np.roll(steps.reshape(-1, 2), -1, axis=0).T
    wide = np.abs(end[0] - start[0]) >= np.abs(end[1] - start[1])
    backward = np.where(wide, start[0] > end[0], start[1] > end[1])
    first, last = np.where(backward, end, start), np.where(backward, start, end)
    return _Edges(first[0], first[1], last[0] - first[0], last[1] - first[1])


def _crossings(edges: _Edges, width: int) -> _Crossings:
    # The middle of column n lies between the steps 5 n + 2 and 5 n + 3.
    low, high = np.minimum(edges.x, edges.x + edges.width), np.maximum(edges.x, edges.x + edges.width)
    half = FINENESS // 2
    first = np.clip(-((half - low) // FINENESS), 0, width)
    last = np.clip((high - half - 1) // FINENESS, -1, width - 1)
    counts = np.maximum(last - first + 1, 0)
    if (total := int(counts.sum())) > MOST_CROSSINGS:
        raise ValueError(f"the outline crosses columns {total} times; at most {MOST_CROSSINGS} are allowed")
    return _Crossings(np.repeat(np.arange(counts.size), counts), spread(first, counts))


def _heights_of_wide(edges: _Edges, step: _Integers) -> _Integers:
    """Return the upper of an edge's heights at two neighbouring steps of x, for edges wider than high."""
    slope = edges.height / np.maximum(edges.width, 1)
    along = step - edges.x
    before, after = ((edges.y + slope * place + 0.5).astype(np.int64) for place in (along, along + 1))
    return np.minimum(before, after)


def _heights_of_high(edges: _Edges, step: _Integers) -> _Integers:
    """Return the height at which an edge passes between two neighbouring steps of x, where higher than wide."""
    slope = edges.width / np.maximum(edges.height, 1)
    guess = np.floor((step + 0.5 - edges.x) / np.where(slope == 0, 1.0, slope)).astype(np.int64)
    # The walk rounds each place by itself, so that the passage is looked for around the exact one.
    places = np.clip(guess[:, None] + np.arange(-2, 4), 0, edges.height[:, None])
    x = (edges.x[:, None] + slope[:, None] * places + 0.5).astype(np.int64)
    passes = (np.minimum(x[:, 1:], x[:, :-1]) == step[:, None]) & (x[:, 1:] != x[:, :-1])
    found: _Integers = places[np.arange(step.size), passes.argmax(axis=1)]
    return np.asarray(edges.y + found)


def _rows(steps: _Integers, height: int) -> _Integers:
    pixels = (steps + 0.5) / FINENESS - 0.5
    return np.ceil(np.clip(pixels, 0, height)).astype(np.int64)


def polygon_runs(
    outline: Sequence[float] | NDArray[np.float64], shape: Shape
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the runs of pixels inside a polygon, ascending and apart, as (starts, ends), counted from 0.

    What lies inside an outline that crosses itself follows the even-odd rule. Parts outside of the image
    are cut off.

    Parameters
    ----------
    outline
        x, y, x, y … in pixels, at least three corners; (0, 0) is the upper left corner of the first pixel.
    shape
        (h, w) or (h, w, 1) of the image in pixels.

    Raises
    ------
    ValueError
        Where these are no such numbers, or more of them than can be painted.

    """
    height, width = checked_shape(shape)
    every = _edges(_corners(outline))
    crossings = _crossings(every, width)
    edges = _Edges(*(part[crossings.edge] for part in every))
    step = crossings.column * FINENESS + FINENESS // 2
    wide = np.abs(edges.width) >= np.abs(edges.height)
    heights = np.empty_like(step)
    for chosen, measure in ((wide, _heights_of_wide), (~wide, _heights_of_high)):
        heights[chosen] = measure(_Edges(*(part[chosen] for part in edges)), step[chosen])
    changes = np.sort(crossings.column * height + _rows(heights, height))
    places, times = np.unique(changes, return_counts=True)
    odd = places[times % 2 == 1]
    return odd[::2], odd[1::2]
