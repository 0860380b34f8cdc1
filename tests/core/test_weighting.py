"""Class weights are those of scikit-learn, and a weighted mean is numpy's average."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.utils.class_weight import compute_class_weight

from segcore.weighting import balanced, pixel_weights, weighted_mean

quick = settings(deadline=None, max_examples=60)


@quick
@given(st.lists(st.integers(1, 30), min_size=2, max_size=5))
def test_balanced_weights_are_those_of_scikit_learn(pixels):
    labels = np.repeat(np.arange(len(pixels)), pixels)
    expected = compute_class_weight("balanced", classes=np.arange(len(pixels)), y=labels)
    np.testing.assert_allclose(balanced(pixels), expected)


@quick
@given(st.lists(st.integers(0, 9), min_size=2, max_size=5).filter(any))
def test_a_class_without_pixels_weighs_nothing_and_changes_no_other(pixels):
    there = [number for number in pixels if number]
    assert [one for one in balanced(pixels) if one] == list(balanced(there))
    assert [bool(one) for one in balanced(pixels)] == [bool(one) for one in pixels]


def test_no_pixel_at_all_is_refused():
    with pytest.raises(ValueError, match="at least one pixel"):
        balanced([0, 0])


def test_each_pixel_weighs_what_its_class_does():
    truth = np.array([[[[1, 0], [0, 1], [0, 0]]]])
    assert pixel_weights(truth, (2, 5), exclusive=True).tolist() == [[[2, 5, 0]]]
    assert pixel_weights(truth, (2, 5), exclusive=False)[0, 0].tolist() == [[2, 5]] * 3
    assert pixel_weights(truth[..., :1], (2, 5), exclusive=False).tolist() == [[[5, 2, 2]]]
    assert pixel_weights(truth, (), exclusive=True).tolist() == [[[1, 1, 1]]]


@quick
@given(st.data(), st.booleans())
def test_the_weighted_mean_is_the_average_over_pixels_that_count(data, per_class):
    shape = data.draw(st.tuples(*[st.integers(1, 4)] * 3))
    whole = (*shape, 2) if per_class else shape
    cost = data.draw(npst.arrays(np.float64, whole, elements=st.floats(0, 9)))
    weights = data.draw(npst.arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.5, 3.0])))
    valid = data.draw(npst.arrays(np.bool_, shape))
    shown = np.broadcast_to((weights * valid)[..., None] if per_class else weights * valid, whole)
    expected = np.average(cost, weights=shown) if shown.sum() else 0.0
    assert weighted_mean(cost, weights, valid) == pytest.approx(expected)


def test_a_cost_that_is_not_finite_does_not_count_where_the_pixel_does_not():
    cost = np.array([[[np.inf, 2.0]]])
    assert weighted_mean(cost, np.ones((1, 1, 2)), np.array([[[False, True]]])) == 2.0
