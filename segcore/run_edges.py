"""Where a mask changes down its columns, found by comparing eight pixels at a time."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8] | NDArray[np.bool_]

_SMALL = 20_000
"""Pixels below which turning the whole mask costs less than finding and sorting its changes."""


_BLOCK = 2**19
"""Pixels that are compared at a time where each becomes a flag."""


def _places(words: NDArray[np.int64], flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return where flags are set, eight of each of these words."""
    found = flags.nonzero()[0]
    # How far each word stands behind its place among those that are looked at: three steps for each flag, not five.
    places: NDArray[np.int64] = found + ((words - np.arange(words.size)) << 3)[found >> 3]
    return places


def _set(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    # numpy walks from one set flag to the next, which stumbles where many are set; so words of eight flags first.
    whole = flags.size // 8 * 8
    words = flags[:whole].view(np.uint64)
    filled = (words != 0).nonzero()[0]
    places = _places(filled, words[filled].view(np.bool_))
    if whole == flags.size:
        return places
    return np.concatenate((places, flags[whole:].nonzero()[0] + whole))


def changes(flat: NDArray[np.uint8], step: int) -> NDArray[np.int64]:
    """Return where a pixel differs from the one `step` pixels further on, ascending.

    Parameters
    ----------
    flat
        0 and 1, (n,), without gaps in memory.
    step
        From 1 to n.

    Returns
    -------
    NDArray[np.int64]
        Positions of the first pixel of each pair, from 0 to n - step - 1.

    """
    upper, lower = flat[: flat.size - step], flat[step:]
    whole = upper.size // 8 * 8
    left, right = upper[:whole].view(np.uint64), lower[:whole].view(np.uint64)
    if not (left.flags.aligned and right.flags.aligned):
        # Such words would be copied first; bytes are compared wherever they lie.
        return _octets_apart(upper, lower)
    words = _set(left != right)
    # What two words of 0 and 1 differ by is 0 and 1 again, and flags are found faster than numbers.
    places = _places(words, (left[words] ^ right[words]).view(np.bool_))
    if whole == upper.size:
        return places
    return np.concatenate((places, (upper[whole:] != lower[whole:]).nonzero()[0] + whole))


def _octets_apart(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.int64]:
    # One flag for each pixel is as much as the mask: block after block they stay in the processor's own memory.
    flags = np.empty(min(_BLOCK, upper.size), dtype=np.bool_)
    found = [np.zeros(0, dtype=np.int64)]
    for start in range(0, upper.size, _BLOCK):
        block = upper[start : start + _BLOCK]
        differ = np.not_equal(block, lower[start : start + _BLOCK], out=flags[: block.size])
        found.append(_set(differ) + start)
    return np.concatenate(found)


def _turned(pixels: NDArray[np.uint8], gap: int) -> NDArray[np.int64]:
    # Background in front, behind, and as wide as the gap below each column.
    height, width = pixels.shape
    flat = np.zeros((height + gap) * width + 2, dtype=np.uint8)
    flat[1:-1].reshape(width, height + gap)[:, :height] = pixels.T
    found = changes(flat, 1) if flat.size > _SMALL else (flat[1:] != flat[:-1]).nonzero()[0]
    return found.astype(np.int64, copy=False)


def _along(flat: NDArray[np.uint8]) -> NDArray[np.int64]:
    first, last = np.zeros(int(flat[0]), dtype=np.int64), np.full(int(flat[-1]), flat.size)
    return np.concatenate((first, changes(flat, 1) + 1, last))


def _borders(pixels: NDArray[np.uint8], gap: int) -> NDArray[np.int64]:
    """Return the edges at the upper and lower ends of columns, in any order."""
    height, stride = pixels.shape[0], pixels.shape[0] + gap
    top, bottom = pixels[0].view(np.bool_), pixels[-1].view(np.bool_)
    if gap:
        return np.concatenate((top.nonzero()[0] * stride, bottom.nonzero()[0] * stride + height))
    seam = np.zeros(top.size + 1, dtype=np.bool_)
    seam[:-1] = top
    seam[1:] ^= bottom
    edges: NDArray[np.int64] = seam.nonzero()[0] * stride
    return edges


def _across(pixels: NDArray[np.uint8], gap: int) -> NDArray[np.int64]:
    # Rows lie in memory, so rows are compared; the few changes are then sorted as they follow down the columns.
    height, width = pixels.shape
    kind = np.uint32 if (height + gap) * width < 2**32 else np.int64
    places = changes(pixels.reshape(-1), width).astype(kind)
    rows = places // width
    edges = (places - rows * width) * (height + gap) + rows + 1
    edges = np.concatenate((edges, _borders(pixels, gap).astype(kind)))
    edges.sort()
    return edges.astype(np.int64)


def column_edges(pixels: Pixels, gap: int = 0) -> NDArray[np.int64]:
    """Return where the column-major flattened mask changes: start, end, start, end … ascending.

    Parameters
    ----------
    pixels
        Booleans, or 0 and 1 as uint8, (h, w).
    gap
        Rows of background that are thought below the mask, so that no run goes on into the next column: 0 or 1.

    Returns
    -------
    NDArray[np.int64]
        An even number of positions from 0 to (h + gap) * w; the ends are one past the last pixel.

    """
    given = pixels.view(np.uint8)
    if given.size <= _SMALL:
        return _turned(given, gap)
    if given.flags.f_contiguous:
        return _turned(given, gap) if gap else _along(given.ravel(order="F"))
    return _across(np.ascontiguousarray(given), gap)
