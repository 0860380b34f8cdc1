"""The order of an epoch: exact counts, rotating negatives, and a function of the address alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.epochs import Span, batches_of, epoch_order, epoch_steps, fixed_negatives, spans
from segcore.values import Indices

sizes = st.integers(0, 40)
places = st.tuples(st.integers(0, 2**40), st.integers(0, 4), st.integers(0, 3))


@st.composite
def parts(draw):
    positives, negatives = draw(sizes), draw(sizes)
    rows = draw(st.permutations(range(positives + negatives)))
    return Indices(rows[:positives]), Indices(rows[positives:])


@given(parts(), st.none() | st.integers(0, 50), places, st.integers(0, 100))
def test_an_epoch_has_all_positives_and_the_asked_number_of_negatives_once_each(split, count, place, epoch):
    positives, negatives = split
    order = list(epoch_order(positives, negatives, count, *place, epoch))
    wanted = len(negatives) if count is None else min(count, len(negatives))
    assert len(order) == len(set(order)) == len(positives) + wanted
    assert set(order) >= set(positives)
    assert set(order) - set(positives) <= set(negatives)


@given(parts(), st.integers(1, 50), places)
def test_every_negative_is_seen_within_one_round_of_epochs(split, count, place):
    positives, negatives = split
    epochs = -(-len(negatives) // count)
    seen = {row for epoch in range(epochs) for row in epoch_order(positives, negatives, count, *place, epoch)}
    assert not epochs or seen == {*positives, *negatives}


@given(parts(), st.integers(1, 50), places, st.integers(1, 4))
def test_no_negative_is_favoured_in_the_long_run(split, count, place, rounds):
    _, negatives = split
    epochs = -(-len(negatives) // count) * rounds
    shown = [
        row for epoch in range(epochs) for row in epoch_order(Indices(), negatives, count, *place, epoch)
    ]
    times = [shown.count(row) for row in negatives]
    assert all(rounds <= number <= 2 * rounds for number in times)


@given(parts(), st.integers(0, 50), places, st.permutations(range(6)), st.randoms(use_true_random=False))
def test_the_order_depends_neither_on_earlier_epochs_nor_on_how_the_sets_are_listed(
    split, count, place, asked, shuffler
):
    positives, negatives = split
    in_turn = [epoch_order(positives, negatives, count, *place, epoch) for epoch in range(6)]
    relisted = [Indices(shuffler.sample(list(part), len(part))) for part in split]
    assert {epoch: epoch_order(*relisted, count, *place, epoch) for epoch in asked} == dict(
        enumerate(in_turn)
    )


@pytest.mark.parametrize("change", [0, 1, 2, 3])
def test_every_part_of_the_address_changes_the_order(change):
    place = [5, 0, 0, 0]
    before = epoch_order(Indices(range(50)), Indices(range(50, 100)), 10, *place)
    place[change] += 1
    assert epoch_order(Indices(range(50)), Indices(range(50, 100)), 10, *place) != before


def test_a_new_round_walks_through_another_permutation():
    rounds = [
        [epoch_order(Indices(), Indices(range(60)), 20, 1, 0, 0, 3 * turn + part) for part in range(3)]
        for turn in (0, 1)
    ]
    windows = [[frozenset(order) for order in orders] for orders in rounds]
    assert windows[0] != windows[1]


def test_positives_and_negatives_are_mixed():
    order = epoch_order(Indices(range(500)), Indices(range(500, 1000)), None, 3, 0, 0, 0).array
    first_half = np.count_nonzero(order[:500] < 500)
    assert 200 < first_half < 300, "a fair shuffle is 250 with a deviation of 8"


@given(st.lists(st.integers(0, 1000), unique=True, max_size=80).map(Indices), st.integers(1, 20))
def test_batches_are_the_order_cut_into_pieces_of_nearly_equal_size(order, batch):
    batches = batches_of(order, batch)
    lengths = [len(rows) for rows in batches]
    assert [row for rows in batches for row in rows] == list(order)
    assert len(batches) == int(np.ceil(len(order) / batch))
    assert not lengths or (max(lengths) <= batch and max(lengths) - min(lengths) <= 1)


@given(parts(), st.none() | st.integers(0, 50), places)
def test_fixed_negatives_are_a_sorted_subset_that_depends_on_the_address_alone(split, count, place):
    _, negatives = split
    fixed = fixed_negatives(negatives, count, *place)
    assert list(fixed) == sorted(set(fixed))
    assert set(fixed) <= set(negatives)
    assert len(fixed) == (len(negatives) if count is None else min(count, len(negatives)))
    assert fixed == fixed_negatives(Indices(sorted(negatives)), count, *place)


def test_fixed_negatives_of_two_folds_differ():
    negatives = Indices(range(200))
    assert fixed_negatives(negatives, 20, 1, 0, 0) != fixed_negatives(negatives, 20, 1, 1, 0)


def test_numbers_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="0 or more"):
        epoch_order(Indices(), Indices([1]), -1, 0, 0, 0, 0)
    with pytest.raises(ValueError, match="counted from 0"):
        epoch_order(Indices(), Indices([1]), 1, 0, 0, 0, -1)
    with pytest.raises(ValueError, match="at least 1"):
        batches_of(Indices([1]), 0)
    with pytest.raises(ValueError, match="0 or more"):
        fixed_negatives(Indices([1]), -1, 0, 0, 0)


# --- epochs that are shorter than a pass ------------------------------------------------------------------

lengths = st.integers(1, 12)


@given(lengths, lengths, st.integers(1, 6))
def test_the_epochs_walk_through_one_pass_after_another_without_gap_or_overlap(steps, whole, passes):
    """As many epochs as end with a pass show every batch of every pass once, in order."""
    count = passes * whole
    shown = [
        (span.pass_number, batch)
        for epoch in range(count)
        for span in spans(epoch, steps, whole)
        for batch in range(span.first, span.stop)
    ]
    assert shown == [divmod(number, whole) for number in range(count * steps)]


@given(st.integers(0, 10**6), lengths, lengths)
def test_every_epoch_has_the_same_number_of_steps(epoch, steps, whole):
    assert sum(span.stop - span.first for span in spans(epoch, steps, whole)) == steps


@given(st.integers(0, 10**6), lengths)
def test_an_epoch_as_long_as_a_pass_is_that_pass(epoch, whole):
    assert spans(epoch, whole, whole) == (Span(epoch, 0, whole),)


@given(lengths, st.none() | lengths)
def test_an_epoch_is_a_pass_or_what_is_allowed_where_that_is_less(whole, most):
    found = epoch_steps(whole, most)
    assert found <= whole
    assert found in {whole, most}
    assert most is None or found <= most


@given(st.integers(1, 30), st.integers(0, 20), st.integers(0, 20), st.integers(1, 5), lengths)
def test_every_sample_is_shown_once_before_any_is_shown_again(positives, negatives, count, batch, most):
    """Also where epochs end in the middle of a pass; the negatives are those of the pass."""
    first, second = Indices(range(positives)), Indices(range(positives, positives + negatives))
    whole = len(batches_of(epoch_order(first, second, count, 3, 0, 0, 0), batch))
    steps = epoch_steps(whole, most)
    shown = []
    for epoch in range(2 * whole):
        for span in spans(epoch, steps, whole):
            order = epoch_order(first, second, count, 3, 0, 0, span.pass_number)
            shown += [row for one in batches_of(order, batch)[span.first : span.stop] for row in one]
    size = positives + min(count, negatives)
    for number in range(len(shown) // size):
        one_pass = shown[number * size : (number + 1) * size]
        assert len(set(one_pass)) == size
        assert set(range(positives)) <= set(one_pass)


@pytest.mark.parametrize(("epoch", "steps", "whole"), [(-1, 1, 1), (0, 0, 1), (0, 1, 0)])
def test_epochs_that_cannot_be_are_refused(epoch, steps, whole):
    with pytest.raises(ValueError, match="no epoch"):
        spans(epoch, steps, whole)
