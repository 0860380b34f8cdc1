"""Pairs of 64-bit hashes that differ in few bits, found without comparing each with every other."""

from collections.abc import Iterator
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from segcore.components import spread

FURTHEST = 10  # differing bits; further apart, unrelated images of large data sets begin to meet
BLOCK = 1 << 20  # pairs compared at a time: 8 MiB for each side


def differing_bits(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return in how many of 64 bits hashes differ, element by element.

    References
    ----------
    Warren, 2013, "Hacker's Delight", figure 5-2: bits are added in pairs, fours and bytes.

    """
    bits = np.bitwise_xor(left, right)
    bits = bits - ((bits >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = np.uint64(0x3333333333333333)
    bits = (bits & fours) + ((bits >> np.uint64(2)) & fours)
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.asarray((bits * np.uint64(0x0101010101010101)) >> np.uint64(56), dtype=np.int64)


def _followers(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return for each of some sorted keys how many equal ones come after it."""
    return np.searchsorted(ordered, ordered, side="right") - np.arange(ordered.size) - 1


def _equal_pairs(keys: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield all pairs of positions with equal keys, the lower one first, in blocks of bounded size."""
    order = np.argsort(keys, kind="stable")
    followers = _followers(keys[order])
    firsts = np.flatnonzero(followers)
    counts = followers[firsts]
    total = np.cumsum(counts)
    ends = np.searchsorted(total, range(BLOCK, int(counts.sum()), BLOCK)) + 1
    for begin, end in pairwise((0, *ends.tolist(), firsts.size)):
        left = np.repeat(firsts[begin:end], counts[begin:end])
        yield order[left], order[spread(firsts[begin:end] + 1, counts[begin:end])]


def _near_in(
    hashes: NDArray[np.uint64], shared: np.uint64, others: NDArray[np.uint64], distance: int
) -> Iterator[NDArray[np.int64]]:
    """Yield the near pairs that agree in the bits `shared` but in none of the chunks `others`."""
    for first, second in _equal_pairs(hashes & shared):
        near = differing_bits(hashes[first], hashes[second]) <= distance
        left, right = first[near], second[near]
        differing = hashes[left] ^ hashes[right]
        new = ((differing[:, None] & others) != 0).all(axis=1)
        yield np.stack((left[new], right[new]), axis=1)


def near_blocks(hashes: NDArray[np.uint64], distance: int) -> Iterator[NDArray[np.int64]]:
    """Yield all pairs of hashes that differ in at most `distance` bits, each once.

    The bits are dealt to `distance` + 2 chunks. Two of them are equal in every near pair, so only hashes that share
    two chunks are compared, and time grows with those. Where most hashes share most chunks, each is compared with
    every other instead.

    Parameters
    ----------
    hashes
        uint64 (n,).
    distance
        0 to `FURTHEST` bits.

    Yields
    ------
    NDArray[np.int64]
        (pairs, 2): positions i < j; of bounded size, in no order, perhaps empty.

    Raises
    ------
    ValueError
        When the distance is out of range.

    References
    ----------
    Norouzi, Punjani and Fleet, 2012, "Fast Search in Hamming Space with Multi-Index Hashing", with two equal chunks
    in place of one.

    """
    if not 0 <= distance <= FURTHEST:
        raise ValueError(f"hashes are compared up to a distance of 0 to {FURTHEST} bits, got {distance}")
    parts = distance + 2
    # A chunk takes every n-th bit: neighbouring ones often agree throughout a data set.
    masks = np.array(
        [sum(1 << bit for bit in range(part, 64, parts)) for part in range(parts)], dtype=np.uint64
    )
    chunks = tuple(combinations(range(parts), 2))
    compared = sum(int(_followers(np.sort(hashes & (masks[a] | masks[b]))).sum()) for a, b in chunks)
    if compared >= hashes.size * (hashes.size - 1) // 2:
        yield from _near_in(hashes, np.uint64(0), masks[:0], distance)
        return
    for a, b in chunks:
        # A pair is found where its first two equal chunks are, and nowhere else.
        others = masks[[part for part in range(b) if part != a]]
        yield from _near_in(hashes, masks[a] | masks[b], others, distance)
