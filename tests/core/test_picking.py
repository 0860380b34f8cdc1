"""Uniform numbers select values: every part of a range and a choice is reached, and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.picking import NotDrawnError, both_axes, number, pick, pick_whole, whole
from segcore.values import Call, Choice, Range, Table

units = st.floats(0, 1, exclude_max=True)
numbers = st.floats(-100, 100)
ranges = st.tuples(numbers, numbers).map(lambda pair: Range(*sorted(pair)))


@given(ranges, units)
def test_a_range_gives_a_number_between_its_ends(given_range, unit):
    assert given_range.low <= pick(given_range, unit) <= given_range.high


@given(st.integers(-50, 50), st.integers(0, 20), units)
def test_a_whole_number_of_a_range_is_never_outside_it(low, span, unit):
    assert low <= pick_whole(Range(low, low + span), unit) <= low + span


@given(st.floats(-50, 50), st.floats(0, 20), units)
def test_a_whole_number_of_a_range_with_fractions_lies_within_it(low, span, unit):
    try:
        picked = pick_whole(Range(low, low + span), unit)
    except ValueError:
        assert np.floor(low + span) < np.ceil(low)
    else:
        assert low <= picked <= low + span


def test_a_choice_of_ranges_reaches_every_part_of_each():
    grid = np.linspace(0, 1, 1000, endpoint=False)
    given_choice = Choice((Range(0, 1), Range(10, 11)))
    picked = np.array([pick(given_choice, unit) for unit in grid])
    np.testing.assert_allclose(picked, np.where(grid < 0.5, 2 * grid, 10 + 2 * (grid - 0.5)))


@given(ranges | numbers | st.builds(Choice, st.tuples(numbers, ranges)), units)
def test_a_number_is_what_is_picked(value, unit):
    assert number(value, unit) == pick(value, unit)


@given(st.integers(-9, 9).map(float), units)
def test_a_whole_number_may_be_written_with_a_point(value, unit):
    assert whole(value, unit) == value
    assert isinstance(whole(value, unit), int)


@pytest.mark.parametrize("value", ["much", None, Call("Add"), (1, 2), Choice(("a", "b"))])
def test_what_is_no_number_is_not_drawn(value):
    for draw in (number, whole):
        with pytest.raises(NotDrawnError, match="number"):
            draw(value, 0.3)


@pytest.mark.parametrize("value", [1.5, Range(1.2, 1.8)])
def test_what_is_not_whole_is_not_drawn_as_a_whole_number(value):
    with pytest.raises(NotDrawnError, match="whole number"):
        whole(value, 0.3)


@given(ranges, units, units)
def test_an_axis_with_a_value_of_its_own_has_a_number_of_its_own(value, first, second):
    assert both_axes(value, (first, second), 0) == (pick(value, first),) * 2
    table = Table((("y", value), ("x", value)))
    assert both_axes(table, (first, second), 0) == (pick(value, first), pick(value, second))
    assert both_axes(Table((("y", value),)), (first, second), 7) == (7, pick(value, second))


def test_both_axes_can_be_whole():
    assert both_axes(Range(1, 9), (0, 0), 0, is_whole=True) == (1, 1)
    assert {both_axes(Range(1, 3), (unit, 0), 0, is_whole=True)[0] for unit in (0.1, 0.5, 0.9)} == {1, 2, 3}
