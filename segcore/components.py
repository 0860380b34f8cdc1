"""A mask as runs of pixels down its columns, and as 8-connected components."""

from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from segcore.run_edges import Pixels, column_edges

Shape: TypeAlias = tuple[int, int] | tuple[int, int, int]
Scalar = TypeVar("Scalar", np.int64, np.bool_)


class Runs(NamedTuple):
    """Runs of mask pixels in a column-major flattened mask, grouped by component.

    Attributes
    ----------
    starts, ends
        First pixel and one past the last pixel of each run, int64, counted from 0.
    components
        Number of the component that each run belongs to, int64, from 0, ascending.

    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    components: NDArray[np.int64]


def checked_shape(shape: Shape) -> tuple[int, int]:
    """Return (h, w) of (h, w) or (h, w, 1); raise ValueError for anything else."""
    if len(shape) not in (2, 3) or tuple(shape[2:]) not in ((), (1,)) or min(shape) < 0:
        raise ValueError(f"shape is (h, w) or (h, w, 1) in pixels, got {tuple(shape)}")
    return int(shape[0]), int(shape[1])


def _grid(mask: NDArray[Any]) -> NDArray[Any]:
    given = np.asarray(mask)
    if given.dtype.kind not in "biufc":
        raise TypeError(
            f"a mask holds numbers or booleans, got dtype {given.dtype}; decode run-length texts first"
        )
    if given.ndim == 3 and given.shape[2] == 1:
        given = given[:, :, 0]
    if given.ndim != 2:
        raise ValueError(
            f"a mask has shape (h, w) or (h, w, 1), got {given.shape}; pass each class on its own"
        )
    return given


def as_mask(mask: NDArray[Any]) -> NDArray[np.bool_]:
    """Return a mask as bool (h, w); any non-zero value (NaN too) is mask.

    Parameters
    ----------
    mask
        Numbers or booleans (h, w) or (h, w, 1), in any memory order.

    Raises
    ------
    ValueError
        When the shape is neither (h, w) nor (h, w, 1).
    TypeError
        When the values are not numbers.

    """
    given = _grid(mask)
    result: NDArray[np.bool_] = given if given.dtype == np.bool_ else given != 0
    return result


def as_pixels(mask: NDArray[Any]) -> tuple[NDArray[np.uint8], bool]:
    """Return a mask as 0 and 1, (h, w), and whether there is a 1.

    The mask itself, seen as bytes, where it holds nothing else. `mask` and errors are as in `as_mask`.
    """
    given = _grid(mask)
    if given.itemsize == 1 and (given.flags.c_contiguous or given.flags.f_contiguous):
        octets = given.view(np.uint8)
        # A maximum is one quick read, several times cheaper than to compare and to write.
        peak = np.maximum.reduce(octets, axis=None, initial=0)
        if peak <= 1:
            return octets, bool(peak)
    filled = given != 0
    return filled.view(np.uint8), bool(filled.any())


def interleaved(left: NDArray[Scalar], right: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return ``left[0], right[0], left[1], right[1] …``."""
    return np.stack((left, right), axis=1).reshape(-1)


def union(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return runs that cover the same pixels, ascending and without overlap, as starts and ends."""
    if (starts[1:] >= ends[:-1]).all():
        return starts, ends
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    apart = starts[1:] > reach[:-1]
    return starts[np.append(True, apart)], reach[np.append(apart, True)]


def painted(counts: NDArray[np.int64], shape: tuple[int, int], order: Literal["F", "C"]) -> NDArray[np.uint8]:
    """Return the mask (h, w) of 0 and 1 whose runs of 0, of 1, of 0 … have these lengths, read in `order`."""
    if counts.size == 1:
        return np.zeros(shape, dtype=np.uint8, order=order)
    values = np.zeros(counts.size, dtype=np.uint8)
    values[1::2] = 1
    return values.repeat(counts).reshape(shape, order=order)


def column_counts(mask: Pixels) -> NDArray[np.int64]:
    """Return the lengths of the runs of 0, of 1, of 0 … of a mask (h, w) of `column_edges` down its columns.

    There is at least one, and the first is 0 where the first pixel is mask.
    """
    counts = np.diff(column_edges(mask), prepend=0, append=mask.size)
    return counts[:-1] if counts.size > 1 and counts[-1] == 0 else counts


def spread(firsts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ranges ``first, first + 1, …`` of `counts` members each, one after the other."""
    offsets = np.cumsum(counts) - counts
    return np.repeat(firsts - offsets, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def _jumped(roots: NDArray[np.int64]) -> NDArray[np.int64]:
    while not np.array_equal(roots, jumped := roots[roots]):
        # Two leaps to a look, which costs as much as a leap.
        roots = jumped[jumped]
    return roots


def linked(roots: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the lowest position that pairs lead to from each position, int64 (n,).

    Roots are hooked to lower roots and pointers jump (Shiloach and Vishkin, 1982, "An O(log n) parallel connectivity
    algorithm"), so that no loop goes over pairs.

    Parameters
    ----------
    roots
        What earlier pairs lead to, int64 (n,); ``arange(n)`` where there are none.
    left, right
        Positions, int64 (k,) each: those of one pair stand at one place.

    """
    left, right = roots[left], roots[right]
    while (apart := left != right).any():
        left, right = left[apart], right[apart]
        hooked = roots.copy()
        np.minimum.at(hooked, np.maximum(left, right), np.minimum(left, right))
        roots = _jumped(hooked)
        left, right = roots[left], roots[right]
    return roots


def _roots(starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int) -> NDArray[np.int64] | None:
    """Return the lowest run that each run of a mask hangs together with; None where all hang together."""
    # A half-open run of the column before touches one of this column, diagonals included, exactly when
    # neither begins after the other's end. One background pixel between columns keeps others out of reach.
    first = ends.searchsorted(starts - stride, side="left")
    beyond = starts.searchsorted(ends - stride, side="right")
    alone = first >= beyond
    # Every run hooks onto the first one that it touches, which stands before it, and few pairs are left.
    if np.count_nonzero(alone) == 1:
        return None
    roots = np.where(alone, np.arange(starts.size), first)
    roots = _jumped(roots)
    several = (beyond > first + 1).nonzero()[0]
    more = beyond[several] - first[several] - 1
    return linked(roots, spread(first[several] + 1, more), np.repeat(several, more))


def _grouped(starts: NDArray[np.int64], ends: NDArray[np.int64], roots: NDArray[np.int64]) -> Runs:
    numbers = (np.cumsum(roots == np.arange(roots.size)) - 1)[roots]
    # numpy sorts integers of 16 bits by radix, in linear time.
    order = np.argsort(numbers.astype(np.uint16) if numbers.size < 2**16 else numbers, kind="stable")
    return Runs(starts[order], ends[order], numbers[order])


def _merged(runs: Runs) -> Runs:
    """Return runs in which those that follow upon each other, across the end of a column, are one."""
    follows = runs.starts[1:] == runs.ends[:-1]
    if not follows.any():
        return runs
    follows &= runs.components[1:] == runs.components[:-1]
    begins, finishes = np.append(True, ~follows), np.append(~follows, True)
    return Runs(runs.starts[begins], runs.ends[finishes], runs.components[begins])


def component_runs(mask: Pixels) -> Runs:
    """Return the runs of each 8-connected component, maximal within the component.

    Components are numbered by their first pixel in column-major order; the runs of one ascend. No loop goes over
    pixels or runs: see `linked`.

    Parameters
    ----------
    mask
        Booleans, or 0 and 1 as uint8, (h, w).

    """
    stride = mask.shape[0] + 1
    edges = column_edges(mask, gap=1)
    starts, ends = edges[::2], edges[1::2]
    if not starts.size:
        return Runs(starts, ends, starts)
    roots = _roots(starts, ends, stride)
    columns = starts // stride
    starts, ends = starts - columns, ends - columns
    if roots is None:
        return _merged(Runs(starts, ends, np.zeros(starts.size, dtype=np.int64)))
    return _merged(_grouped(starts, ends, roots))
