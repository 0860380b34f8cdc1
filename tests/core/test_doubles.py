"""Alike samples, their groups and the parts that they cross are those that comparing all with all finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.doubles import SHOWN, Crossing, Pair, Part, doubles
from segcore.hamming import FURTHEST
from segcore.likeness import FLAT
from segcore.values import Indices

quick = settings(deadline=None, max_examples=150)
DISTANCE = 3
# Some near (0b1011 and 0b1111), some far, one flat.
HASHES = (FLAT, 0b1011, 0b1111, 0b1111 << 8, 0b111111 << 20, (1 << 64) - 1)


@st.composite
def cases(draw):
    """Draw samples as (hash, key) and parts in which no row is both trained on and scored."""
    size = draw(st.integers(1, 14))
    samples = draw(
        st.lists(
            st.tuples(st.sampled_from(HASHES), st.sampled_from("abcdefgh")), min_size=size, max_size=size
        )
    )
    parts = []
    for number in range(draw(st.integers(0, 3))):
        sides = draw(
            st.lists(st.sampled_from(("training", "scored", "neither")), min_size=size, max_size=size)
        )
        training, scored = (
            Indices([row for row, side in enumerate(sides) if side == name])
            for name in ("training", "scored")
        )
        parts.append(Part(f"fold {number}", training, scored))
    return samples, tuple(parts)


def is_like(left, right, distance):
    (left_hash, left_key), (right_hash, right_key) = left, right
    if left_key == right_key:
        return True
    if distance is None or FLAT in (left_hash, right_hash):
        return False
    return (left_hash ^ right_hash).bit_count() <= distance


def groups_of(samples, distance):
    """Return sets of positions, joined as long as any two of them have alike members."""
    groups = [{row} for row in range(len(samples))]
    for row, left in enumerate(samples):
        for other, right in enumerate(samples[:row]):
            if is_like(left, right, distance):
                joined = {one for group in groups if {row, other} & group for one in group}
                groups = [group for group in groups if not group & joined] + [joined]
    return [group for group in groups if len(group) > 1]


def found_in(samples, parts, distance):
    ids = tuple(f"i{row:02}" for row in range(len(samples)))
    return doubles(ids, tuple(one for one, _ in samples), [key for _, key in samples], parts, distance)


def consistent(samples):
    """Give all samples of a key the hash of the first: equal contents have equal hashes."""
    first = {}
    return [(first.setdefault(key, one), key) for one, key in samples]


distances = st.none() | st.integers(0, FURTHEST)


@quick
@given(cases(), distances)
def test_samples_and_groups_are_those_of_brute_force(case, distance):
    samples = consistent(case[0])
    groups = groups_of(samples, distance)
    found = found_in(samples, case[1], distance)
    assert found.groups == len(groups)
    assert found.samples == sum(map(len, groups))


@quick
@given(cases(), distances)
def test_a_scored_sample_crosses_when_it_is_itself_like_a_training_sample(case, distance):
    """Not when it only belongs to the same group through others."""
    samples, parts = consistent(case[0]), case[1]
    expected = tuple(
        Crossing(
            part.name,
            sum(
                any(is_like(samples[row], samples[other], distance) for other in part.training)
                for row in part.scored
            ),
            len(part.scored),
        )
        for part in parts
    )
    assert found_in(samples, parts, distance).crossings == expected


@quick
@given(cases(), distances)
def test_examples_are_alike_pairs_of_different_groups(case, distance):
    samples, parts = consistent(case[0]), case[1]
    groups = groups_of(samples, distance)
    found = found_in(samples, parts, distance)
    rows = [tuple(int(name[1:]) for name in pair.ids) for pair in found.pairs]
    shown = [next(number for number, group in enumerate(groups) if row in group) for row, _ in rows]
    assert len(set(shown)) == len(rows) == min(SHOWN, len(groups))
    by_name = {part.name: part for part in parts}
    for (row, other), pair in zip(rows, found.pairs, strict=True):
        assert row != other
        assert is_like(samples[row], samples[other], distance)
        assert pair.distance == (samples[row][0] ^ samples[other][0]).bit_count()
        if pair.part:
            assert row in set(by_name[pair.part].scored)
            assert other in set(by_name[pair.part].training)


@quick
@given(cases(), distances)
def test_groups_on_both_sides_of_a_part_are_shown_first(case, distance):
    samples, parts = consistent(case[0]), case[1]
    found = found_in(samples, parts, distance)
    named = [bool(pair.part) for pair in found.pairs]
    assert named == sorted(named, reverse=True)
    crossed = sum(
        any(
            is_like(samples[row], samples[other], distance)
            for part in parts
            for row in group & set(part.scored)
            for other in part.training
        )
        for group in groups_of(samples, distance)
    )
    assert sum(named) == min(SHOWN, crossed)


def test_the_nearest_training_sample_is_the_example():
    samples = [(0b1, "a"), (0b111, "b"), (0b11, "c")]
    part = Part("held out", Indices((0, 1)), Indices((2,)))
    assert found_in(samples, (part,), DISTANCE).pairs == (Pair(("i02", "i00"), 1, "held out"),)


def test_no_samples_have_no_doubles():
    found = found_in([], (Part("fold 0", Indices(), Indices()),), DISTANCE)
    assert (found.samples, found.groups, found.pairs) == (0, 0, ())


def test_many_copies_cost_no_pair_each():
    """A camera that stands still: 20,000 copies make 200 million pairs and one group."""
    size = 20_000
    part = Part("fold 0", Indices(range(0, size, 2)), Indices(range(1, size, 2)))
    found = found_in([(5, "a")] * size, (part,), DISTANCE)
    assert (found.samples, found.groups) == (size, 1)
    assert found.crossings == (Crossing("fold 0", size // 2, size // 2),)


def test_a_distance_out_of_range_is_refused():
    with pytest.raises(ValueError, match=f"0 to {FURTHEST} bits"):
        found_in([(5, "a"), (6, "b")], (), FURTHEST + 1)
