"""Pairs of 64-bit hashes that differ in few bits, found without comparing each with every other."""

from collections.abc import Iterable, Iterator
from functools import reduce
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.components import spread

FURTHEST = 10  # differing bits; further apart, unrelated images of large data sets begin to meet
BLOCK = 1 << 16  # pairs compared at a time, so that they stay in a processor's cache
FEW = 256  # hashes of which all pairs cost less than to sort the chunks
MANY = 1 << 17  # hashes from which on a third equal chunk spares more pairs than it costs to sort the chunks
KEY_BITS = 16  # of a key: NumPy sorts numbers of so many in linear time


def _bits_in(words: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return how many bits of each word are set, as NumPy 2 counts them itself.

    References
    ----------
    Warren, 2013, "Hacker's Delight", figure 5-2: bits are added in pairs, fours and bytes.

    """
    bits = words - ((words >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = np.uint64(0x3333333333333333)
    bits = (bits & fours) + ((bits >> np.uint64(2)) & fours)
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.asarray((bits * np.uint64(0x0101010101010101)) >> np.uint64(56), dtype=np.int64)


def differing_bits(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.integer]:
    """Return in how many of 64 bits hashes differ, element by element, as integers of any width."""
    words = np.bitwise_xor(left, right)
    return np.asarray(np.bitwise_count(words)) if hasattr(np, "bitwise_count") else _bits_in(words)


def _chunks(parts: int) -> list[list[int]]:
    """Return the bits of each chunk: every n-th one, since neighbouring ones often agree throughout a data set."""
    return [list(range(part, 64, parts)) for part in range(parts)]


def _mask(bits: Iterable[int]) -> np.uint64:
    return np.uint64(sum(1 << bit for bit in bits))


def _numbers(hashes: NDArray[np.uint64], bits: Iterable[int]) -> NDArray[np.uint16]:
    """Return some bits of each hash side by side."""
    found = np.zeros(hashes.size, dtype=np.uint16)
    for place, bit in enumerate(bits):
        found |= ((hashes >> np.uint64(bit)).astype(np.uint16) & np.uint16(1)) << np.uint16(place)
    return found


def _key(numbers: Iterable[NDArray[np.uint16]], width: int) -> NDArray[np.uint16]:
    """Return the numbers of some chunks side by side; what finds no room only lets more be compared."""
    return reduce(np.bitwise_or, (one << np.uint16(width * place) for place, one in enumerate(numbers)))


def _equal_pairs(keys: NDArray[np.uint16]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield all pairs of equal keys, which are sorted, as positions, the lower one first, in blocks of bounded size."""
    sizes = np.bincount(keys)
    followers = np.repeat(np.cumsum(sizes), sizes) - np.arange(keys.size) - 1
    firsts = np.flatnonzero(followers)
    counts = followers[firsts]
    total = np.cumsum(counts)
    ends = np.searchsorted(total, range(BLOCK, int(counts.sum()), BLOCK)) + 1
    for begin, end in pairwise((0, *ends.tolist(), firsts.size)):
        left = np.repeat(firsts[begin:end], counts[begin:end])
        yield left, spread(firsts[begin:end] + 1, counts[begin:end])


def _near_in(
    hashes: NDArray[np.uint64],
    keys: NDArray[np.uint16],
    distance: int,
    shared: np.uint64,
    others: NDArray[Any],
) -> Iterator[NDArray[np.int64]]:
    """Yield the near pairs with equal keys that agree in the bits `shared` but in none of the chunks `others`."""
    order = np.argsort(keys, kind="stable")
    ordered = hashes[order]  # so that both sides of the pairs are read from neighbouring places
    for first, second in _equal_pairs(keys[order]):
        near = np.flatnonzero(differing_bits(ordered[first], ordered[second]) <= distance)
        left, right = first[near], second[near]
        differing = ordered[left] ^ ordered[right]
        new = ((differing[:, None] & others) != 0).all(axis=1) & (differing & shared == 0)
        yield np.stack((order[left[new]], order[right[new]]), axis=1)


def _compared(keys: NDArray[np.uint16]) -> int:
    sizes = np.bincount(keys)
    return int((sizes * (sizes - 1) // 2).sum())


def near_blocks(hashes: NDArray[np.uint64], distance: int) -> Iterator[NDArray[np.int64]]:
    """Yield all pairs of hashes that differ in at most `distance` bits, each once.

    The bits are dealt to `distance` + 2 chunks, of many hashes to `distance` + 3. Two of them (three) are equal in
    every near pair, so only hashes that share as many are compared, and time grows with those. Few hashes, and those
    of which most share most chunks, are each compared with every other instead.

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
    Norouzi, Punjani and Fleet, 2012, "Fast Search in Hamming Space with Multi-Index Hashing", with two or three
    equal chunks in place of one.

    """
    if not 0 <= distance <= FURTHEST:
        raise ValueError(f"hashes are compared up to a distance of 0 to {FURTHEST} bits, got {distance}")
    # A third chunk helps where the key has room for it.
    equal = 3 if hashes.size >= MANY and KEY_BITS * (distance + 2) > 2 * 64 else 2
    chunks, width = _chunks(distance + equal), KEY_BITS // 2 if equal == 2 else 6
    masks = np.array([_mask(bits) for bits in chunks], dtype=np.uint64)
    numbers = [_numbers(hashes, bits[:width]) for bits in chunks]
    choices = list(combinations(range(len(chunks)), equal))
    keys = (_key([numbers[part] for part in chosen], width) for chosen in choices)
    pairs = hashes.size * (hashes.size - 1) // 2
    if hashes.size <= FEW or sum(map(_compared, keys)) >= pairs:
        yield from _near_in(hashes, np.zeros(hashes.size, np.uint16), distance, np.uint64(0), masks[:0])
        return
    for chosen in choices:
        # A pair is found where its first equal chunks are, and nowhere else.
        others = masks[[part for part in range(chosen[-1]) if part not in chosen]]
        key = _key([numbers[part] for part in chosen], width)
        yield from _near_in(hashes, key, distance, np.bitwise_or.reduce(masks[list(chosen)]), others)
