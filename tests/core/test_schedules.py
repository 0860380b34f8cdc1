"""Rates as functions of the step: bounds, period, ends, and formulas against independent ones."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.schedules import (
    MODES,
    average_gain,
    cyclic_rate,
    filled,
    share,
    starting_rate,
    variations,
    varied_rate,
)
from segcore.values import Call

rates = st.floats(1e-6, 1.0)
steps = st.integers(0, 5000)
sizes = st.integers(1, 500)

# --- cycles -----------------------------------------------------------------------------------------------


def clr_callback(iteration, base, top, size, scale):
    """Return the rate by the published formula of the CLR callback, in its own words."""
    cycle = np.floor(1 + iteration / (2 * size))
    x = np.abs(iteration / size - 2 * cycle + 1)
    return base + (top - base) * np.maximum(0, 1 - x) * scale(cycle, iteration)


SCALES = {
    "triangular": lambda _cycle, _step: 1.0,
    "triangular2": lambda cycle, _step: 0.5 ** (cycle - 1),
    "exp_range": lambda _cycle, step: 0.999**step,
}


@given(steps, rates, rates, sizes, st.sampled_from(MODES))
def test_a_cycle_follows_the_published_formula(step, base, top, size, mode):
    found = cyclic_rate(step, base, top, size, mode, 0.999)
    assert found == pytest.approx(clr_callback(step, base, top, size, SCALES[mode]), rel=1e-9, abs=1e-12)


@given(steps, rates, rates, sizes, st.sampled_from(MODES), st.floats(0.01, 1))
def test_a_cycle_stays_between_its_bounds(step, one, other, size, mode, gamma):
    base, top = sorted((one, other))
    found = cyclic_rate(step, base, top, size, mode, gamma)
    assert base * (1 - 1e-12) <= found <= top * (1 + 1e-12)


@given(steps, rates, rates, sizes)
def test_a_triangular_cycle_repeats_after_twice_its_step_size(step, base, top, size):
    assert cyclic_rate(step, base, top, size) == pytest.approx(cyclic_rate(step + 2 * size, base, top, size))


@given(st.integers(0, 20), sizes, st.sampled_from(MODES))
def test_cycles_begin_at_the_base_and_turn_in_their_middle(cycle, size, mode):
    assert cyclic_rate(2 * cycle * size, 0.1, 0.5, size, mode) == pytest.approx(0.1)
    height = 0.5**cycle if mode == "triangular2" else 1.0
    assert cyclic_rate((2 * cycle + 1) * size, 0.1, 0.5, size, mode) == pytest.approx(0.1 + 0.4 * height)


def test_the_defaults_of_a_cycle_are_those_of_its_row():
    row = STANDARD.find("callback", "CyclicLR")
    written = {one.name: one.default for one in row.parameters}
    for step in (0, 700, 2000, 5100):
        assert cyclic_rate(step) == cyclic_rate(step, **written)


# --- variations -------------------------------------------------------------------------------------------

named_styles = st.sampled_from(["linear", "sin", "cos", "power", "sin+", "sin-", "cos+", "cos-"])
styles = named_styles | st.floats(0.1, 5)


@given(styles, st.floats(0, 1), st.floats(0, 1))
def test_a_share_goes_from_0_to_1_and_never_back(style, one, other):
    assert (share(style, 0.0), share(style, 1.0)) == (0.0, pytest.approx(1.0))
    early, late = sorted((one, other))
    assert 0 <= share(style, early) <= share(style, late) <= 1 + 1e-12


@given(st.floats(0, 1))
def test_shares_are_the_curves_of_their_names(x):
    assert share("linear", x) == x
    assert share("const", x) == 0
    assert share("sin", x) == pytest.approx(np.sin(np.pi * x / 2))
    assert share("cos", x) == pytest.approx(1 - np.cos(np.pi * x / 2), abs=1e-12)
    assert share("power", x) == share(2.0, x) == pytest.approx(x * x)
    assert share("sin", x) >= x - 1e-12 >= share("cos", x) - 2e-12, "sin is ahead of cos"


def test_another_style_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"linear, const, sin, cos, power or a number, got 'cubic'"):
        share("cubic", 0.5)


def variator(**arguments):
    return Call("LRVariator", tuple(arguments.items()))


@given(rates, rates, sizes, styles, st.integers(0, 2000))
def test_a_variation_begins_and_ends_at_its_rates_and_stays_there(start, end, size, style, step):
    parts = variations(variator(fromVal=start, toVal=end, absSize=size, style=style), 0.3, 10_000)
    found = varied_rate(step, parts)
    assert varied_rate(0, parts) == pytest.approx(start)
    assert varied_rate(size, parts) == varied_rate(size + step, parts) == pytest.approx(end)
    assert min(start, end) * (1 - 1e-9) <= found <= max(start, end) * (1 + 1e-9)


@given(rates, rates, st.integers(1, 1000))
def test_without_a_size_it_takes_all_of_the_stage_and_without_a_start_it_takes_the_rate_in_force(
    start, end, total
):
    parts = variations(variator(toVal=end), start, total)
    assert (parts[0].steps, parts[0].start, parts[0].end) == (total, start, end)


@given(st.floats(0.01, 1), st.integers(1, 10_000))
def test_a_relative_size_is_a_share_of_the_steps_of_the_stage(part, total):
    (found,) = variations(variator(toVal=0.1, relSize=part), 0.2, total)
    assert found.steps == max(1, round(part * total))


@given(st.lists(st.tuples(rates, sizes, styles), min_size=2, max_size=5), rates)
def test_what_follows_begins_where_and_when_the_one_before_ends(given_parts, rate):
    following = None
    for end, size, style in reversed(given_parts):
        following = variator(toVal=end, absSize=size, style=style, then=following)
    parts = variations(following, rate, 10_000)
    assert [(one.end, one.steps) for one in parts] == [(end, size) for end, size, _ in given_parts]
    first = 0
    for one in parts:
        assert one.first == first
        assert varied_rate(first, parts) == pytest.approx(one.start)
        first += one.steps
    assert [one.start for one in parts] == pytest.approx([rate, *(end for end, _, _ in given_parts[:-1])])
    assert varied_rate(first + 7, parts) == pytest.approx(given_parts[-1][0])


def test_a_constant_rate_holds_until_the_next_one_begins():
    after = variator(toVal=0.5, absSize=10)
    parts = variations(variator(style="const", absSize=20, then=after), 0.1, 100)
    assert [varied_rate(step, parts) for step in (0, 19, 20, 25, 30, 99)] == pytest.approx(
        [0.1, 0.1, 0.1, 0.3, 0.5, 0.5]
    )


@given(st.integers(1, 50), st.integers(1, 200))
def test_the_last_one_without_a_size_ends_with_the_stage(first, total):
    parts = variations(variator(toVal=0.5, absSize=first, then=variator(toVal=0.1)), 0.1, total)
    assert parts[1].first + parts[1].steps == max(total, first + 1)


# --- schedules of Keras -----------------------------------------------------------------------------------


@given(st.integers(1, 500), st.integers(0, 100))
def test_a_schedule_without_decay_steps_takes_those_that_its_warm_up_leaves(total, warm):
    assume(warm)
    plain = Call("CosineDecay", (("initial_learning_rate", 0.1),))
    warmed = Call("CosineDecay", (("initial_learning_rate", 0.1), ("warmup_steps", warm)))
    assert filled(plain, total, fills=True).get("decay_steps") == total
    assert filled(warmed, total, fills=True).get("decay_steps") == max(1, total - warm)
    assert filled(warmed, total, fills=True).get("warmup_steps") == warm


def test_what_is_written_or_has_no_such_parameter_stays():
    written = Call("CosineDecay", (("decay_steps", 7), ("initial_learning_rate", 0.1)))
    pieces = Call("PiecewiseConstantDecay", (("boundaries", (3,)), ("values", (0.2, 0.1))))
    assert filled(written, 100, fills=True) == written
    assert filled(pieces, 100, fills=False) == pieces


def test_the_starting_rate_is_the_first_that_is_named():
    assert starting_rate(Call("CosineDecay", (("initial_learning_rate", 0.25),))) == 0.25
    assert (
        starting_rate(Call("PiecewiseConstantDecay", (("boundaries", (3,)), ("values", (0.2, 0.1))))) == 0.2
    )


# --- moving averages --------------------------------------------------------------------------------------


@given(st.floats(0.01, 0.9999), st.lists(st.floats(-5, 5), min_size=1, max_size=40))
def test_the_gains_make_the_mean_with_weights_that_decay(decay, values):
    """However it was set up before: what stood there has no part in the average."""
    average = 1e3
    for number, value in enumerate(values, 1):
        average += average_gain(decay, number) * (value - average)
    weights = decay ** np.arange(len(values) - 1, -1, -1, dtype=float)
    assert average == pytest.approx(np.average(values, weights=weights), abs=1e-8)


@given(st.floats(0.001, 0.9999))
def test_the_first_gain_is_all_and_later_ones_fall_to_one_minus_the_decay(decay):
    assert average_gain(decay, 1) == pytest.approx(1)
    assert average_gain(decay, 10**7) == pytest.approx(1 - decay)
    gains = [average_gain(decay, number) for number in range(1, 20)]
    assert gains == sorted(gains, reverse=True)
    assert all(math.isfinite(one) for one in gains)
