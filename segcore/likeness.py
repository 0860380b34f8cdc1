"""How alike images are: a perceptual hash of 64 bits, the pairs of near hashes, and what they link."""

import math
from collections.abc import Hashable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore import hamming
from segcore.components import linked

FLAT = 0
"""The hash of an image without structure, such as one colour; it is near no other."""
SIDE = 32  # pixels to which an image is reduced
LOW = 8  # frequencies kept along each axis
NEAR = 8  # differing bits; unrelated images differ in about 32, and one pair in billions in 8 or fewer
FAINT = 1.0  # grey levels; a coefficient below it is noise
STEP = 1 / 16  # grey levels; coefficients are rounded to it, so that machines agree on ties


def _area_weights(size: int) -> NDArray[np.float64]:
    """Return (SIDE, size): the share of each pixel in each of SIDE equal parts of an axis; rows sum to 1."""
    edges = np.arange(SIDE + 1) * (size / SIDE)
    pixels = np.arange(size)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(np.maximum(covered, 0.0) * (SIDE / size))


def _reduced(grey: NDArray[Any]) -> NDArray[np.float64]:
    """Return area means (SIDE, SIDE) of an image (h, w)."""
    height, width = grey.shape
    if height == width == SIDE:
        return grey.astype(np.float64)
    weights, edges = _area_weights(height), np.arange(SIDE + 1) * (height / SIDE)
    bands = [slice(math.floor(low), math.ceil(high)) for low, high in pairwise(edges.tolist())]
    # Band by band, so that never more than one of them is held as floating-point numbers.
    rows = np.stack([part[band] @ grey[band] for part, band in zip(weights, bands, strict=True)])
    return np.asarray(rows @ _area_weights(width).T)


def _cosines() -> NDArray[np.float64]:
    """Return (LOW, SIDE): frequencies 1 to LOW of the orthonormal DCT-II."""
    frequencies = np.arange(1, LOW + 1)[:, None]
    return np.asarray(
        math.sqrt(2 / SIDE) * np.cos(math.pi / (2 * SIDE) * frequencies * (2 * np.arange(SIDE) + 1))
    )


def phash(grey: NDArray[Any]) -> int:
    """Return the perceptual hash of an image, a number of 64 bits.

    The image is reduced to 32 x 32 by area means, and of its two-dimensional DCT-II the frequencies 1 to 8 of both
    axes are kept: one bit each, row by row from the highest, 1 where the coefficient is above the median of all. So
    neither brightness nor contrast changes it, and noise, compression and another size change few bits.

    Parameters
    ----------
    grey
        Grey levels (h, w) from 0 to 255, uint8 or any other numbers, at least 1 x 1.

    Returns
    -------
    int
        0 to 2**64 - 1; `FLAT` where no coefficient is as large as one grey level.

    Raises
    ------
    ValueError
        When the shape is not (h, w) with at least one pixel.

    References
    ----------
    Zauner, 2010, "Implementation and Benchmarking of Perceptual Image Hash Functions", section 3.2.1, with area
    means in place of its 7 x 7 mean filter.

    """
    if grey.ndim != 2 or not grey.size:
        raise ValueError(f"an image to hash has shape (h, w) and at least one pixel, got {grey.shape}")
    cosines = _cosines()
    coefficients = np.round(cosines @ _reduced(grey) @ cosines.T / STEP) * STEP
    if not np.abs(coefficients).max() >= FAINT:
        return FLAT
    half = LOW**2 // 2
    # The median, which np.median takes five times as long to find.
    median = np.partition(coefficients.ravel(), (half - 1, half))[half - 1 : half + 1].mean()
    bits = (coefficients > median).ravel()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def near_blocks(phashes: Iterable[int], distance: int = NEAR) -> Iterator[NDArray[np.int64]]:
    """Yield the pairs of `near_pairs` in blocks of bounded size, in no order; see there."""
    given = np.fromiter(phashes, dtype=np.uint64)
    rows = np.flatnonzero(given != FLAT)
    return (rows[pairs] for pairs in hamming.near_blocks(given[rows], distance))


def near_pairs(phashes: Iterable[int], distance: int = NEAR) -> NDArray[np.int64]:
    """Return all pairs of images whose hashes differ in at most `distance` bits.

    Parameters
    ----------
    phashes
        n numbers from 0 to 2**64 - 1; `FLAT` ones are in no pair. Equal hashes are pairs too: where many are equal,
        give each once.
    distance
        0 to `segcore.hamming.FURTHEST` bits.

    Returns
    -------
    NDArray[np.int64]
        (pairs, 2): positions i < j, sorted.

    Raises
    ------
    ValueError
        When the distance is out of range.

    """
    pairs = np.concatenate([np.empty((0, 2), dtype=np.int64), *near_blocks(phashes, distance)])
    return np.asarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])


def numbered(keys: Iterable[Hashable]) -> NDArray[np.int64]:
    """Return for each key its number, int64 (n,): equal keys share one, counted from 0 in order of appearance."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def components(phashes: Iterable[int], ids: Iterable[str], distance: int = NEAR) -> tuple[str, ...]:
    """Return one label per image: images that near hashes link, directly or through others, share one.

    Parameters
    ----------
    phashes, ids
        n hashes, and n unique names in their order.
    distance
        0 to `segcore.hamming.FURTHEST` bits; see `near_pairs`.

    Returns
    -------
    tuple[str, ...]
        The name of the first image of each one's component; images whose hash is `FLAT` stand alone.

    Raises
    ------
    ValueError
        When there are more or fewer names than hashes, or the distance is out of range.

    """
    hashes, names = tuple(phashes), tuple(ids)
    if len(hashes) != len(names):
        raise ValueError(f"{len(hashes)} hashes need as many names, got {len(names)}")
    nodes = numbered(name if one == FLAT else one for name, one in zip(names, hashes, strict=True))
    distinct = dict(zip(nodes.tolist(), hashes, strict=True))
    roots = np.arange(len(distinct))
    for pairs in near_blocks(distinct.values(), distance):
        roots = linked(roots, pairs[:, 0], pairs[:, 1])
    first: dict[int, str] = {}
    return tuple(
        first.setdefault(root, name) for root, name in zip(roots[nodes].tolist(), names, strict=True)
    )
