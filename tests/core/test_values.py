"""Indices, calls and their kin: immutable, equal by content, the same after a pickle."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.values import Call, Indices
from tests import record_strategies as records


@given(records.positions)
def test_indices_hold_the_positions_in_their_order(given_positions):
    made = Indices(given_positions)
    assert list(made) == given_positions
    assert len(made) == len(given_positions)
    assert made.array.dtype == np.int32


@given(records.positions, records.positions)
def test_indices_are_equal_exactly_where_the_positions_are(one, other):
    assert (Indices(one) == Indices(other)) == (one == other)
    assert hash(Indices(one)) == hash(Indices(np.array(one, dtype=np.int64)))


@given(records.indices)
def test_indices_are_the_same_after_a_pickle_and_still_read_only(made):
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - made in the line before
    assert again == made
    assert not again.array.flags.writeable


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9) | st.just(2**31 - 1)))
def test_positions_are_among_others_and_united_as_those_of_sets(one, other):
    assert Indices(one).among(Indices(other)).tolist() == [position in other for position in one]
    assert list(Indices(one).union(Indices(other))) == sorted({*one, *other})


def test_indices_cannot_be_written_to():
    made = Indices([1, 2])
    with pytest.raises(ValueError, match="read-only"):
        made.array[0] = 5
    with pytest.raises(AttributeError):
        made.array = np.zeros(2, np.int32)


def test_indices_do_not_follow_the_array_that_they_were_made_of():
    source = np.array([1, 2], dtype=np.int32)
    made = Indices(source)
    source[0] = 9
    assert list(made) == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [[-1], [2**31], [2**70], [1.5], [True], ["1"], np.array([True, False]), np.zeros((2, 2), np.int32)],
)
def test_indices_refuse_what_is_no_position(wrong):
    with pytest.raises(ValueError, match="positions must"):
        Indices(wrong)


def test_no_indices_are_false_and_equal_no_other_type():
    assert not Indices()
    assert Indices() != ()


def test_long_indices_are_shown_shortened_with_their_number():
    assert repr(Indices(range(100))) == "Indices([0, 1, 2, 3, 4, 5, ...], n=100)"
    assert len(repr(Indices(range(100000)))) < 80


@given(records.names, records.pairs(records.values), st.randoms(use_true_random=False))
def test_calls_that_mean_the_same_are_equal(name, arguments, shuffler):
    shuffled = shuffler.sample(list(arguments), len(arguments))
    one, other = Call(name, arguments), Call(name, shuffled)
    assert one == other
    assert hash(one) == hash(other)


@given(records.calls)
def test_a_call_gives_its_arguments_by_name_and_else_the_default(call):
    assert all(call.get(name) is value for name, value in call.arguments)
    assert call.get("no such argument", 7) == 7


@given(records.values)
def test_every_value_hashes_and_is_the_same_after_a_pickle(value):
    again = pickle.loads(pickle.dumps(value))  # noqa: S301 - made in the line before
    assert again == value
    assert hash(again) == hash(value)
