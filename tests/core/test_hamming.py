"""Near hashes are exactly those that a comparison of all with all finds, however alike the data are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.hamming import BLOCK, FEW, FURTHEST, MANY, _bits_in, differing_bits, near_blocks

quick = settings(deadline=None, max_examples=100)
hashes = st.integers(0, 2**64 - 1)
flips = st.lists(st.integers(0, 63), max_size=12)


@st.composite
def families(draw):
    """Draw hashes, most of them a few bits away from another."""
    found = draw(st.lists(hashes, min_size=1, max_size=5))
    for parent, bits in draw(st.lists(st.tuples(st.integers(0, 10**6), flips), max_size=30)):
        child = found[parent % len(found)]
        for bit in bits:
            child ^= 1 << bit
        found.append(child)
    return found


def near(given, distance):
    """Compare each with every other, one by one."""
    return [
        (i, j)
        for i, left in enumerate(given)
        for j, right in enumerate(given)
        if i < j and (left ^ right).bit_count() <= distance
    ]


def found_in(given, distance):
    """Return the pairs of all blocks; a pair that stands in two blocks stands here twice."""
    blocks = near_blocks(np.array(given, dtype=np.uint64), distance)
    return sorted(tuple(pair) for block in blocks for pair in block.tolist())


@quick
@given(st.lists(st.tuples(hashes, hashes), max_size=20))
def test_differing_bits_are_those_of_the_integers(pairs):
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.uint64) for side in (0, 1))
    counts = [(a ^ b).bit_count() for a, b in pairs]
    assert differing_bits(left, right).tolist() == counts
    assert _bits_in(left ^ right).tolist() == counts  # with NumPy 1, which counts no bits


@quick
@given(families(), st.integers(0, FURTHEST))
def test_every_near_pair_is_found_once_and_no_other(given, distance):
    assert found_in(given, distance) == near(given, distance)


@settings(deadline=None, max_examples=30)
@given(families(), st.integers(0, FURTHEST))
def test_every_near_pair_is_found_once_where_too_many_are_given_to_compare_all(given, distance):
    """More hashes stand around them than are compared each with every other."""
    drawn = np.random.default_rng(5)
    every = np.array([*given, *drawn.integers(0, 2**64, FEW, dtype=np.uint64).tolist()], dtype=np.uint64)
    first, second = np.nonzero(np.triu(differing_bits(every[:, None], every) <= distance, 1))
    assert found_in(every, distance) == list(zip(first.tolist(), second.tolist(), strict=True))


def test_near_pairs_among_very_many_are_found_by_three_shared_chunks():
    """Each hash has one other in 0 to 12 bits, and none but by chance elsewhere."""
    drawn = np.random.default_rng(7)
    half = drawn.integers(0, 2**64, MANY // 2, dtype=np.uint64)
    flipped = [sum(1 << int(bit) for bit in drawn.choice(64, row % 13, replace=False)) for row in range(1000)]
    other = drawn.integers(0, 2**64, half.size, dtype=np.uint64)
    other[:1000] = half[:1000] ^ np.array(flipped, dtype=np.uint64)
    planted = {(row, half.size + row) for row in range(1000) if row % 13 <= 8}
    found = found_in(np.concatenate([half, other]), 8)
    assert planted <= set(found)
    assert len(found) == len(set(found)) < len(planted) + 20


@pytest.mark.parametrize("distance", [0, 3, 8, FURTHEST])
def test_near_pairs_among_many_far_ones_are_found_by_what_they_share(distance):
    """Enough hashes that comparing only those with two equal chunks pays."""
    drawn = np.random.default_rng(3)
    given = drawn.integers(0, 2**64, 900, dtype=np.uint64)
    for row in range(300):
        flipped = sum(1 << int(bit) for bit in drawn.choice(64, row % 13, replace=False))
        given[600 + row] = given[row] ^ np.uint64(flipped)
    compared = given[:, None] ^ given
    differing = np.unpackbits(compared.view(np.uint8).reshape(900, 900, 8), axis=2).sum(axis=2)
    first, second = np.nonzero(np.triu(differing <= distance, 1))
    assert found_in(given, distance) == list(zip(first.tolist(), second.tolist(), strict=True))
    assert len(first) >= 300 // 13


def test_blocks_are_bounded_and_together_complete():
    """1500 equal hashes make a pair each with each, more than some blocks hold."""
    blocks = list(near_blocks(np.full(1500, 7, dtype=np.uint64), 2))
    assert len(blocks) == -(-1500 * 1499 // 2 // BLOCK)
    assert max(map(len, blocks)) <= BLOCK + 1500
    left, right = np.concatenate(blocks).T
    assert (left < right).all()
    assert len(set((1500 * left + right).tolist())) == len(left) == 1500 * 1499 // 2


@pytest.mark.parametrize("distance", [-1, FURTHEST + 1])
def test_a_distance_out_of_range_is_refused(distance):
    with pytest.raises(ValueError, match=f"0 to {FURTHEST} bits, got {distance}"):
        list(near_blocks(np.array([1], dtype=np.uint64), distance))
