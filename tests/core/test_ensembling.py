"""A weighted mean is numpy's average, whatever the order of the members; what is no prediction is told."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.ensembling import member_fault, shares, value_fault, weighted_mean
from segcore.errors import ConfigError

WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=5).filter(any)
UNIT = st.floats(0, 1, width=32)


@given(WEIGHTS)
def test_shares_are_the_weights_over_their_sum(weights):
    exact = [Fraction(one) / sum(map(Fraction, weights)) for one in weights]
    assert shares(weights, len(weights)) == pytest.approx([float(one) for one in exact], rel=1e-12)


@given(st.integers(1, 9), st.floats(1e-300, 1e300))
def test_members_without_weights_count_as_those_of_one_weight(count, weight):
    assert shares(None, count) == shares([weight] * count, count) == pytest.approx([1 / count] * count)


def test_weights_whose_sum_is_infinite_have_shares():
    assert shares([1e308, 1e308, 0], 3) == (0.5, 0.5, 0)


@pytest.mark.parametrize(
    ("weights", "members", "told"),
    [
        ([1.0], 2, "1 weights for 2 folders"),
        ([1.0, 2.0, 3.0], 2, "3 weights for 2 folders"),
        ([1.0, -0.5], 2, "-0.5 is no weight"),
        ([math.nan, 1.0], 2, "nan is no weight"),
        ([math.inf, 1.0], 2, "inf is no weight"),
        ([0.0, 0.0], 2, "all weights are 0"),
        (None, 0, "one folder"),
    ],
)
def test_weights_that_are_none_say_what_is_allowed(weights, members, told):
    with pytest.raises(ConfigError, match=told) as caught:
        shares(weights, members)
    assert caught.value.exit_code == 2


@st.composite
def ensembles(draw):
    """Draw members of one shape, and a weight for each."""
    weights = draw(WEIGHTS)
    shape = draw(npst.array_shapes(min_dims=3, max_dims=3, max_side=4))
    return [draw(npst.arrays(np.float32, shape, elements=UNIT)) for _ in weights], weights


@given(ensembles(), st.randoms())
def test_the_mean_is_numpys_average_in_any_order(ensemble, random):
    members, weights = ensemble
    found = weighted_mean(members, shares(weights, len(members)))
    expected = np.average([one.astype(np.float64) for one in members], axis=0, weights=weights)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    order = random.sample(range(len(members)), len(members))
    again = weighted_mean(
        [members[one] for one in order], shares([weights[one] for one in order], len(order))
    )
    np.testing.assert_allclose(again, found, atol=1e-6)


@given(ensembles())
def test_the_mean_is_a_probability_between_those_of_the_members(ensemble):
    members, weights = ensemble
    found = weighted_mean(members, shares(weights, len(members)))
    assert (found.dtype, value_fault(found)) == (np.float32, "")
    assert (found <= np.nextafter(np.max(members, axis=0), np.float32(2))).all()
    assert (found >= np.nextafter(np.min(members, axis=0), np.float32(-1))).all()


@given(ensembles(), st.integers(0, 3))
def test_a_member_without_weight_changes_nothing(ensemble, place):
    members, weights = ensemble
    more = [*members[:place], np.ones_like(members[0]), *members[place:]]
    heavier = [*weights[:place], 0.0, *weights[place:]]
    found = weighted_mean(more, shares(heavier, len(more)))
    np.testing.assert_array_equal(found, weighted_mean(members, shares(weights, len(members))))


def test_members_that_do_not_fit_each_other_are_refused():
    one = np.zeros((2, 3, 1), np.float32)
    for members, parts in (([one, one[:1]], (0.5, 0.5)), ([], ()), ([one, one], (1.0,))):
        with pytest.raises(ValueError, match=r"shape|argument"):
            weighted_mean(members, parts)


@pytest.mark.parametrize(
    ("shape", "kind", "expected", "told"),
    [
        ((4, 6, 2), "f4", (4, 6), ""),
        ((4, 6, 2), "f4", (4, 6, 2), ""),
        ((6, 4, 2), "f4", (4, 6), "(6, 4, 2); (4, 6, classes)"),
        ((4, 6, 2), "f4", (4, 6, 1), "(4, 6, 2); (4, 6, 1)"),
        ((4, 6), "f4", (4, 6), "(4, 6); (4, 6, classes)"),
        ((4, 6, 0), "f4", (4, 6), "(4, 6, 0); (4, 6, classes)"),
        ((4, 6, 1, 1), "f4", (4, 6, 1), "(4, 6, 1, 1)"),
        ((4, 6, 2), "f8", (4, 6), "float64"),
        ((4, 6, 2), "u1", (4, 6), "uint8"),
        ((4, 6, 2), ">f4", (4, 6), ""),
    ],
)
def test_a_member_is_float32_of_the_images_size(shape, kind, expected, told):
    found = member_fault(shape, np.dtype(kind), expected)
    assert told in found
    assert bool(found) == bool(told)


@given(
    npst.arrays(np.float32, (2, 2, 1), elements=UNIT), st.sampled_from([math.nan, -0.001, 1.001, math.inf])
)
def test_one_value_that_is_no_probability_is_found_wherever_it_is(values, wrong):
    assert value_fault(values) == ""
    for place in np.ndindex(values.shape):
        changed = values.copy()
        changed[place] = wrong
        assert "from 0 to 1" in value_fault(changed)
