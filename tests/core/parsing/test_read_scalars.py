"""Readers of flags, numbers and texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import kinds
from tests.core.parsing.kind_reading import codes_of, findings_of, value_of

numbers = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)


@given(st.integers(-(10**60), 10**60), st.integers(-100, 100), st.integers(0, 100))
def test_a_whole_number_is_read_exactly_when_it_lies_within_the_bounds(value, low, width):
    kind = kinds.Integer(low, low + width)
    inside = value in range(low, low + width + 1)
    assert codes_of(kind, str(value)) == ([] if inside else ["out-of-range"])
    if inside:
        assert value_of(kind, str(value)) == value


@given(numbers, numbers, numbers)
def test_bounds_that_are_allowed_and_bounds_that_are_not(value, low, high):
    text = repr(value)
    assert codes_of(kinds.Number(low, high), text) == ([] if low <= value <= high else ["out-of-range"])
    assert codes_of(kinds.Number(above=low, below=high), text) == (
        [] if low < value < high else ["out-of-range"]
    )


@given(numbers)
def test_a_number_is_a_float_of_the_same_value(value):
    read = value_of(kinds.Number(), repr(value))
    assert isinstance(read, float)
    assert read == value


@pytest.mark.parametrize("text", [".nan", ".inf", "-.inf", "1e999"])
def test_a_number_is_finite(text):
    assert codes_of(kinds.Number(), text) == ["not-finite"]


def test_a_number_is_no_flag_and_a_flag_no_number():
    assert codes_of(kinds.Number(), "true") == codes_of(kinds.Integer(), "true") == ["wrong-type"]
    assert codes_of(kinds.Flag(), "1") == ["wrong-type"]
    assert value_of(kinds.Flag(), "TRUE") is True


def test_a_fraction_is_no_whole_number_even_where_it_is_whole():
    assert codes_of(kinds.Integer(), "2.0") == ["wrong-type"]


@pytest.mark.parametrize("text", ["3", "~", "[a]", "{a: b}", "true"])
def test_a_text_is_nothing_else(text):
    assert codes_of(kinds.Text(), text) == ["wrong-type"]


def test_a_choice_is_spelled_exactly_and_the_nearest_is_suggested():
    (found,) = findings_of(kinds.Text(("sigmoid", "softmax")), "Sigmoid")
    assert (found.code, found.nearest[0]) == ("not-a-choice", "sigmoid")


def test_an_empty_text_is_refused():
    assert codes_of(kinds.Text(), "''") == ["empty-text"]
