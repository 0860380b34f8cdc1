"""The search for a rate: what is tried, when it ends, and what the losses speak for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from segcore.rate_search import has_exploded, slopes, smoothed, suggested, tried_rates

losses_of = st.lists(st.floats(0, 100), min_size=2, max_size=200)


@given(st.floats(1e-7, 1e-2), st.floats(0.1, 10), st.integers(2, 500))
def test_the_rates_rise_by_one_factor_from_the_first_to_the_last(start, end, steps):
    found = tried_rates(start, end, steps)
    np.testing.assert_allclose(found, np.geomspace(start, end, steps))


@pytest.mark.parametrize(
    ("start", "end", "steps"),
    [(0, 1, 9), (-1, 1, 9), (1, 1, 9), (1, 0.1, 9), (0.1, float("inf"), 9), (0.1, 1, 1)],
)
def test_rates_that_do_not_rise_and_too_few_steps_are_refused(start, end, steps):
    with pytest.raises(ValueError, match=r"rates go up|training steps"):
        tried_rates(start, end, steps)


@given(st.lists(st.floats(1, 3.9), max_size=50))
def test_losses_of_one_magnitude_have_not_exploded(losses):
    assert not has_exploded(losses)


@given(st.lists(st.floats(0.5, 1), min_size=6, max_size=50), st.floats(6, 1e9))
def test_a_loss_that_stays_high_has_exploded(losses, high):
    assert has_exploded([*losses, *[high] * 5])


@given(st.lists(st.floats(0.5, 1), max_size=50), st.sampled_from([float("nan"), float("inf")]))
def test_a_loss_that_is_no_number_has_exploded(losses, last):
    assert has_exploded([*losses, last])


@given(st.lists(st.floats(0.9, 1), min_size=30, max_size=40))
def test_smoothing_is_a_gaussian_of_a_fortieth(losses):
    """Against SciPy, far enough from the ends, where that one needs values from outside."""
    expected = gaussian_filter1d(losses, 1.0, truncate=4.0)
    np.testing.assert_allclose(smoothed(losses)[4:-4], expected[4:-4], atol=1e-3)


@given(losses_of)
def test_smoothing_stays_within_the_losses_and_keeps_a_constant(losses):
    found = smoothed(losses)
    assert found.shape == (len(losses),)
    assert min(losses) - 1e-9 <= found.min() <= found.max() <= max(losses) + 1e-9
    np.testing.assert_allclose(smoothed([3.0] * len(losses)), 3.0)


@given(losses_of)
def test_smoothing_looks_to_both_sides_alike(losses):
    np.testing.assert_allclose(smoothed(losses)[::-1], smoothed(losses[::-1]), atol=1e-9)


@given(st.floats(-3, 3), st.integers(2, 50))
def test_a_slope_is_the_change_per_factor_ten(slope, steps):
    rates = tried_rates(1e-4, 1, steps)
    np.testing.assert_allclose(slopes(rates, slope * np.log10(rates)), slope, atol=1e-9)


@given(st.floats(-4, -1.5), st.floats(0.2, 0.5), st.integers(80, 400))
def test_the_suggestion_is_the_middle_of_a_fall(centre, width, steps):
    """A loss that falls as a logistic curve in log10(rate) falls most steeply at its centre."""
    rates = tried_rates(1e-6, 1, steps)
    losses = 1 / (1 + np.exp((np.log10(rates) - centre) / width))
    assert np.log10(suggested(rates, losses)) == pytest.approx(centre, abs=7 / steps)


def test_what_comes_after_the_minimum_plays_no_part():
    """The loss falls gently, then explodes and falls back steeply: the steep part is not a suggestion."""
    rates = tried_rates(1e-5, 1, 100)
    losses = np.concatenate([np.linspace(1, 0.5, 50), np.linspace(0.5, 9, 25), np.linspace(9, 0.6, 25)])
    assert suggested(rates, losses) < rates[50]


@given(st.integers(2, 100), st.floats(0, 2))
def test_losses_that_never_fall_suggest_nothing(steps, rise):
    assert suggested(tried_rates(1e-5, 1, steps), 1 + rise * np.arange(steps)) is None
