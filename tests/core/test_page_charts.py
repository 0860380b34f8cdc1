"""Charts: every finite value has a place inside, ticks are round, and thinning keeps what can be seen."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segcore.page_charts import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    axis_of,
    number_text,
    points,
    thinned,
    tick_values,
    x_of,
    x_ticks,
    y_of,
    y_ticks,
)

anything = st.lists(st.floats(), max_size=30)
positive = st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=30)


@given(anything | positive, st.booleans())
def test_every_finite_value_lies_inside_whatever_else_there_is(values, may_be_log):
    axis = axis_of(values, may_be_log=may_be_log)
    assert math.isfinite(axis.low)
    assert axis.low < axis.high
    for value in filter(math.isfinite, values):
        assert TOP <= y_of(value, axis) <= HEIGHT - BOTTOM
    for tick in y_ticks(axis):
        assert TOP <= tick.at <= HEIGHT - BOTTOM


@given(positive, st.data())
def test_more_is_higher_up(values, data):
    axis = axis_of(values, may_be_log=True)
    one, other = data.draw(st.sampled_from(values)), data.draw(st.sampled_from(values))
    if one < other:
        assert y_of(one, axis) >= y_of(other, axis)


def test_logarithms_are_for_positive_values_of_very_different_size():
    assert axis_of([1e-4, 1], may_be_log=True).is_log
    assert not axis_of([1e-4, 1]).is_log
    assert not axis_of([0, 1e-4, 1], may_be_log=True).is_log
    assert not axis_of([0.5, 1], may_be_log=True).is_log


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
@example(5e-324, 6.0)
def test_ticks_are_evenly_spaced_multiples_of_one_two_or_five(low, span):
    axis = Axis(low, low + span)
    ticks = tick_values(axis)
    assert 1 <= len(ticks) <= 6
    assert all(low <= one <= low + span for one in ticks)
    if len(ticks) > 1:
        step = ticks[1] - ticks[0]
        leading = step / 10 ** math.floor(math.log10(step * (1 + 1e-6)))
        assert any(leading == pytest.approx(one, rel=1e-3) for one in (1, 2, 5))


@given(st.integers(1, 5000))
def test_epochs_are_marked_by_whole_numbers(last):
    marks = x_ticks(Axis(0.5, last + 0.5))
    assert all(float(one.text) == int(float(one.text)) for one in marks)
    assert 1 <= len(marks) <= 7
    assert len({one.text for one in marks}) == len(marks)


def test_a_span_of_one_size_is_marked_between_the_powers_of_ten():
    assert [number_text(one) for one in tick_values(Axis(0.8, 70, is_log=True))] == [
        "1", "2", "5", "10", "20", "50",
    ]  # fmt: skip
    assert [number_text(one) for one in tick_values(Axis(1e-9, 1, is_log=True))][:2] == ["1e-09", "1e-07"]


@given(st.lists(st.floats(-1e9, 1e9), max_size=400), st.integers(4, 50))
def test_thinning_keeps_the_ends_and_the_extremes(values, most):
    kept = thinned(values, most)
    assert list(kept) == sorted(set(kept))
    if values:
        assert (kept[0], kept[-1]) == (0, len(values) - 1)
        assert {max(values), min(values)} <= {values[at] for at in kept}
    assert len(kept) <= max(most + 2, 0)


def test_a_line_goes_from_left_to_right_within_the_frame():
    x_axis, y_axis = Axis(0.5, 3.5), Axis(0.0, 1.0)
    line = [
        tuple(map(float, one.split(",")))
        for one in points([(1, 0.0), (2, 1.0), (3, 0.5)], x_axis, y_axis).split()
    ]
    assert [one for one, _ in line] == sorted(one for one, _ in line)
    assert [one for _, one in line] == [HEIGHT - BOTTOM, TOP, (TOP + HEIGHT - BOTTOM) / 2]
    assert x_of(0.5, x_axis) == LEFT
    assert x_of(3.5, x_axis) == WIDTH - RIGHT
