"""A mask as runs of pixels down its columns, as COCO counts, and as 8-connected components."""

from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

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
    result: NDArray[np.bool_] = given if given.dtype == np.bool_ else given != 0
    return result


def _flat_edges(flat: NDArray[np.bool_]) -> NDArray[np.int64]:
    padded = np.zeros(flat.size + 2, dtype=np.bool_)
    padded[1:-1] = flat
    return np.flatnonzero(padded[1:] != padded[:-1]).astype(np.int64, copy=False)


def column_edges(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where the column-major flattened mask changes: start, end, start, end … ascending.

    Parameters
    ----------
    mask
        Bool (h, w).

    Returns
    -------
    NDArray[np.int64]
        An even number of positions from 0 to h * w; the ends are one past the last pixel.

    """
    if mask.flags.f_contiguous:
        return _flat_edges(mask.ravel(order="F"))
    # Comparing whole rows and sorting the few changes is several times faster than transposing every pixel.
    height, width = mask.shape
    changed = np.empty_like(mask, order="C")
    np.not_equal(mask[1:], mask[:-1], out=changed[1:])
    np.not_equal(mask[0, 1:], mask[-1, :-1], out=changed[0, 1:])
    changed[0, 0] = mask[0, 0]
    rows, columns = np.divmod(np.flatnonzero(changed), width)
    edges = np.sort(columns.astype(np.int64, copy=False) * height + rows)
    return np.append(edges, mask.size) if mask[-1, -1] else edges


def interleaved(left: NDArray[Scalar], right: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return ``left[0], right[0], left[1], right[1] …``."""
    return np.stack((left, right), axis=1).reshape(-1)


def union(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return runs that cover the same pixels, ascending and without overlap, as starts and ends."""
    if bool((starts[1:] >= ends[:-1]).all()):
        return starts, ends
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    apart = starts[1:] > reach[:-1]
    return starts[np.append(True, apart)], reach[np.append(apart, True)]


def painted(counts: NDArray[np.int64], shape: tuple[int, int], order: Literal["F", "C"]) -> NDArray[np.uint8]:
    """Return the mask (h, w) of 0 and 1 whose runs of 0, of 1, of 0 … have these lengths, read in `order`."""
    values = np.zeros(counts.size, dtype=np.uint8)
    values[1::2] = 1
    return np.repeat(values, counts).reshape(shape, order=order)


def column_counts(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the lengths of the runs of 0, of 1, of 0 … of a bool mask (h, w) down its columns.

    There is at least one, and the first is 0 where the first pixel is mask.
    """
    counts = np.diff(column_edges(mask), prepend=0, append=mask.size)
    return counts[:-1] if counts.size > 1 and counts[-1] == 0 else counts


def compressed(counts: NDArray[np.int64]) -> str:
    """Return counts as COCO's text: differences to the count before last, in groups of 5 bits, lowest first.

    The format is that of `rleToString` in https://github.com/cocodataset/cocoapi, common/maskApi.c: from the
    fourth count on, the difference is written; bit 5 of a character says that another group follows.

    Parameters
    ----------
    counts
        From 0 to 2**59, int64.

    """
    numbers = counts.copy()
    numbers[3:] -= counts[1:-2]
    widest = int(np.abs(numbers).max(initial=0)).bit_length() // 5 + 1
    shifts = 5 * np.arange(widest, dtype=np.int64)
    groups = (numbers[:, None] >> shifts) & 31
    # A number ends with the group that holds its sign bit and after which nothing but that sign would follow.
    more = (numbers[:, None] >> (shifts + 5)) != np.where(groups & 16, -1, 0)
    used = np.ones_like(more)
    used[:, 1:] = np.logical_and.accumulate(more, axis=1)[:, :-1]
    characters: bytes = (groups + 32 * more + 48)[used].astype(np.uint8).tobytes()
    return characters.decode("ascii")


def uncompressed(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the counts of a COCO text, the inverse of `compressed`, and the character at which each begins.

    Parameters
    ----------
    text
        Groups of at most 12 characters: any number of `P` to `o`, then one of `0` to `O`.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        n counts, not checked for their range, and n + 1 positions; the last is the length of the text.

    """
    codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    ends = np.flatnonzero(codes < 32) + 1
    positions = np.concatenate((np.zeros(1, dtype=np.int64), ends))
    lengths = np.diff(positions)
    place = spread(np.zeros_like(lengths), lengths)
    sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum((codes & 31) << (5 * place))))
    counts = np.diff(sums[positions]) - np.where(codes[ends - 1] & 16, 1 << (5 * lengths), 0)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    return counts, positions


def spread(firsts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ranges ``first, first + 1, …`` of `counts` members each, one after the other."""
    offsets = np.cumsum(counts) - counts
    return np.repeat(firsts - offsets, counts) + np.arange(int(counts.sum()), dtype=np.int64)


def _touching(
    starts: NDArray[np.int64], ends: NDArray[np.int64], stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # A half-open run of the column before touches one of this column, diagonals included, exactly when
    # neither begins after the other's end. One background pixel between columns keeps others out of reach.
    first = np.searchsorted(ends, starts - stride, side="left")
    last = np.searchsorted(starts, ends - stride, side="right")
    counts = np.maximum(last - first, 0)
    return spread(first, counts), np.repeat(np.arange(starts.size, dtype=np.int64), counts)


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
    roots = roots.copy()
    left, right = roots[left], roots[right]
    while left.size:
        np.minimum.at(roots, np.maximum(left, right), np.minimum(left, right))
        while not np.array_equal(roots, jumped := roots[roots]):
            roots = jumped
        left, right = roots[left], roots[right]
        apart = left != right
        left, right = left[apart], right[apart]
    return roots


def component_runs(mask: NDArray[np.bool_]) -> Runs:
    """Return the runs of each 8-connected component, maximal within the component.

    Components are numbered by their first pixel in column-major order; the runs of one ascend. They are
    merged by hooking the later root to the earlier one and jumping pointers (Shiloach and Vishkin, 1982,
    "An O(log n) parallel connectivity algorithm"), so that no loop goes over pixels or runs.

    Parameters
    ----------
    mask
        Bool (h, w).

    """
    stride = mask.shape[0] + 1
    edges = column_edges(np.pad(mask, ((0, 1), (0, 0))))
    starts, ends = edges[::2], edges[1::2]
    roots = linked(np.arange(starts.size, dtype=np.int64), *_touching(starts, ends, stride))
    order = np.argsort(roots, kind="stable")
    roots, columns = roots[order], starts[order] // stride
    starts, ends = starts[order] - columns, ends[order] - columns
    begins = np.ones(starts.size, dtype=np.bool_)
    begins[1:] = (roots[1:] != roots[:-1]) | (starts[1:] != ends[:-1])
    finishes = np.append(begins[1:], np.ones(min(1, starts.size), dtype=np.bool_))
    roots = roots[begins]
    numbers = np.cumsum(np.diff(roots, prepend=roots[:1]) != 0, dtype=np.int64)
    return Runs(starts[begins], ends[finishes], numbers)
