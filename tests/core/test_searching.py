"""The space of a search: what is enumerated, what is drawn, and what is one of its values."""

import json
import math
from fractions import Fraction
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from segcore.searching import (
    Choices,
    Parameter,
    Range,
    Search,
    combination,
    combinations,
    count,
    drawn,
    fits,
    holds,
    nearest,
    size,
    written,
)

CHOICES = Choices(("8", '"Adam"', '{"SGD": {"momentum": 0.9}}'))


def search_over(*domains, method="random", trials=5, seed=0):
    over = tuple(Parameter((f"p{number}",), domain) for number, domain in enumerate(domains))
    return Search(method, trials, seed, "val_iou", "max", (0,), over)


def many(domain, seed=0, number=2000):
    """Return the values of one parameter in many trials, as numbers."""
    search = search_over(domain, seed=seed)
    return np.array([json.loads(drawn(search, trial)[0][1]) for trial in range(number)])


@st.composite
def ranges(draw):
    """Draw a range as a config may hold it."""
    is_whole, is_log = draw(st.booleans()), draw(st.booleans())
    if is_whole:
        low, steps = draw(st.integers(1, 50)), draw(st.integers(1, 60))
        step = None if is_log else draw(st.none() | st.integers(1, 9))
        return Range(low, low + steps * (step or 1), step, is_log, is_whole)
    low = draw(st.floats(1e-6, 1e6))
    if is_log or draw(st.booleans()):
        return Range(low, low * draw(st.floats(1.001, 1e6)), None, is_log)
    tick, first, steps = draw(st.integers(1, 99)), draw(st.integers(-500, 500)), draw(st.integers(1, 40))
    return Range(first / 100, (first + steps * tick) / 100, tick / 100)


domains = ranges() | st.lists(st.integers(), min_size=1, max_size=5, unique=True).map(
    lambda found: Choices(tuple(map(str, found)))
)


@given(st.lists(domains, min_size=1, max_size=4), st.integers(0, 2**31 - 1), st.integers(0, 500))
def test_what_is_drawn_is_of_the_space_and_follows_from_seed_number_and_attempt_alone(
    given_domains, seed, number
):
    search = search_over(*given_domains, seed=seed)
    values = drawn(search, number)
    assert fits(search, values)
    assert values == drawn(search, number)
    for one, (_, value) in zip(search.over, values, strict=True):
        assert written(json.loads(value)) == value, "it is read as it was written"
        if isinstance(one.domain, Range):
            assert one.domain.low <= json.loads(value) <= one.domain.high
            assert isinstance(json.loads(value), int) == one.domain.is_whole


@given(st.lists(domains, min_size=2, max_size=4), st.integers(0, 99))
def test_what_is_drawn_for_a_parameter_does_not_depend_on_the_others(given_domains, number):
    every, fewer = search_over(*given_domains), search_over(*given_domains[:-1])
    assert drawn(every, number)[:-1] == drawn(fewer, number)


def test_other_trials_attempts_and_seeds_are_drawn_otherwise():
    search, other = search_over(Range(0.0, 1.0)), search_over(Range(0.0, 1.0), seed=1)
    found = {drawn(search, trial, attempt) for trial in range(20) for attempt in range(5)}
    assert len(found) == 100
    assert drawn(other, 0) not in found


@pytest.mark.parametrize(("low", "high"), [(1e-5, 1e-1), (0.9, 40.0)])
def test_a_logarithmic_range_is_uniform_in_the_logarithm(low, high):
    found = np.log(many(Range(low, high, is_log=True)) / low) / math.log(high / low)
    assert stats.kstest(found, "uniform").pvalue > 0.001


def test_a_linear_range_is_uniform():
    assert stats.kstest((many(Range(-3.0, 5.0)) + 3) / 8, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    "domain", [Range(2, 10, 2, is_whole=True), Range(0.0, 0.4, 0.1), Range(3, 7, is_whole=True)]
)
def test_steps_are_equally_likely(domain):
    counts = np.unique(many(domain), return_counts=True)[1]
    assert len(counts) == count(domain) == 5
    assert stats.chisquare(counts).pvalue > 0.001


def test_whole_numbers_of_a_logarithmic_range_are_as_likely_as_what_rounds_to_them():
    numbers = np.arange(1, 9)
    edges = np.log(np.append(numbers, 9) - 0.5)
    found, counts = np.unique(many(Range(1, 8, is_log=True, is_whole=True)), return_counts=True)
    assert found.tolist() == numbers.tolist()
    assert stats.chisquare(counts, 2000 * np.diff(edges) / (edges[-1] - edges[0])).pvalue > 0.001


def test_steps_are_decimal_numbers():
    """0.1 + 2 * 0.1 is 0.30000000000000004 in doubles, which nobody wants in a config."""
    found = [values[0][1] for values in combinations(search_over(Range(0.1, 0.5, 0.1)))]
    assert found == ["0.1", "0.2", "0.3", "0.4", "0.5"]


@settings(max_examples=30)
@given(st.lists(domains.filter(lambda one: (count(one) or 99) < 10), min_size=1, max_size=3))
def test_a_grid_is_the_product_of_its_values_in_order_each_once(given_domains):
    search = search_over(*given_domains, method="grid", trials=None)
    per_parameter = [
        [dict(one)["p0"] for one in combinations(search_over(domain))] for domain in given_domains
    ]
    expected = list(product(*per_parameter))
    found = [tuple(value for _, value in values) for values in combinations(search)]
    assert found == expected
    assert size(search) == len(expected) == len(set(found)) == search.wanted
    assert all(fits(search, combination(search, position)) for position in range(len(expected)))


def test_a_grid_of_any_size_is_begun_at_once():
    huge = search_over(*[Range(1, 10**6, is_whole=True)] * 5, method="grid", trials=None)
    assert size(huge) == 10**30
    assert [dict(one)["p4"] for one in islice(combinations(huge), 3)] == ["1", "2", "3"]
    assert dict(combination(huge, 10**30 - 1)) == {f"p{number}": str(10**6) for number in range(5)}


def test_a_range_of_real_numbers_has_no_size_and_trials_limit_a_grid():
    assert size(search_over(Range(0.0, 1.0), CHOICES)) is None
    assert search_over(Range(0.0, 1.0), trials=7).wanted == 7
    assert search_over(CHOICES, method="grid", trials=2).wanted == 2
    assert search_over(CHOICES, trials=20).wanted == 3


@pytest.mark.parametrize(
    ("domain", "value", "expected"),
    [
        (CHOICES, "8", True),
        (CHOICES, "8.0", False),
        (CHOICES, '{"SGD": {"momentum": 0.9}}', True),
        (Range(2, 10, 2, is_whole=True), "4", True),
        (Range(2, 10, 2, is_whole=True), "5", False),
        (Range(2, 10, 2, is_whole=True), "4.0", False),
        (Range(2, 10, 2, is_whole=True), "12", False),
        (Range(0.0, 1.0), "true", False),
        (Range(0.0, 1.0), '"0.5"', False),
        (Range(0.0, 1.0), "null", False),
        (Range(0.0, 1.0), "0.123456789012", True),
        (Range(0.0, 1.0, 0.1), "0.3", True),
        (Range(0.0, 1.0, 0.1), "0.35", False),
    ],
)
def test_what_is_one_of_a_domain(domain, value, expected):
    assert holds(domain, value) is expected


def test_values_fit_only_where_all_parameters_are_there_and_no_others():
    search = search_over(CHOICES, Range(0.0, 1.0))
    assert fits(search, (("p1", "0.5"), ("p0", "8")))
    assert not fits(search, (("p0", "8"),))
    assert not fits(search, (("p0", "8"), ("p1", "0.5"), ("p2", "1")))


@given(ranges(), st.floats(0, 1))
def test_the_nearest_value_is_of_the_range_and_not_far(domain, share):
    if domain.is_whole and domain.is_log:
        return  # samplers give whole numbers there
    low, high = Fraction(domain.low), Fraction(domain.high)
    value = min(max(float(low + Fraction(share) * (high - low)), domain.low), domain.high)
    found = nearest(domain, value)
    assert holds(domain, found)
    apart = abs(json.loads(found) - value)
    if count(domain) is None:
        assert apart <= 1e-5 * (
            min(value, domain.high - domain.low) if domain.is_log else domain.high - domain.low
        )
    else:
        assert apart <= 0.51 * float(domain.step or 1)


def test_real_numbers_have_six_digits():
    assert nearest(Range(1e-5, 1e-2, is_log=True), 0.00012345678) == "0.000123457"
    assert nearest(Range(0.0, 1.0), 1 / 3) == "0.33333"
    assert nearest(Range(1e-5, 1e-2, is_log=True), 0.999999999e-5) == "1e-05"
    assert nearest(CHOICES, '"Adam"') == '"Adam"'
