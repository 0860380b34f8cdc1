"""Sums over groups: the jackknife is the variance of a mean, the bootstrap spreads as it says, groups stay whole."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from segcore.clusters import Clusters, bootstrap, grouped, mean_of, variance

VALUES = st.lists(st.floats(-10, 10).map(lambda x: round(x, 6)), min_size=2, max_size=30)


def means(values, counts=None):
    """Return clusters of one image each, or of as many as are given, whose value is the mean."""
    many = np.ones(len(values)) if counts is None else np.asarray(counts, float)
    return Clusters(np.stack([np.asarray(values) * many, many], axis=1), mean_of)


@given(VALUES)
def test_the_jackknife_of_a_mean_is_the_variance_of_the_mean(values):
    assert variance(means(values)) == pytest.approx(stats.sem(values) ** 2, abs=1e-12)
    assert means(values).total == pytest.approx(np.mean(values))


def test_the_jackknife_of_a_ratio_is_what_many_data_sets_show():
    random = np.random.default_rng(0)
    truth = random.lognormal(0, 0.5, (4000, 60))
    tp = truth * random.uniform(0.5, 0.9, truth.shape)
    shown = tp.sum(axis=1) / truth.sum(axis=1)
    told = [variance(Clusters(np.stack(one, axis=1), mean_of)) for one in zip(tp, truth, strict=True)]
    assert np.mean(told) == pytest.approx(shown.var(), rel=0.08)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=12))
def test_groups_are_summed_in_the_order_of_their_names(names):
    numbers = np.arange(2 * len(names)).reshape(-1, 2)
    expected = [numbers[[one == name for one in names]].sum(axis=0).tolist() for name in sorted(set(names))]
    assert grouped(numbers, names).tolist() == expected


def test_every_image_needs_a_group():
    with pytest.raises(ValueError, match="3 images need a group each, got 2"):
        grouped(np.zeros((3, 1)), ("a", "b"))


@pytest.mark.parametrize("folds", [1, 3])
def test_the_bootstrap_of_means_spreads_as_theory_says(folds):
    random = np.random.default_rng(4)
    parts = [means(random.normal(size=80)) for _ in range(folds)]
    found = bootstrap(parts, 1, 4000)
    # The bootstrap's variance divides by n, the jackknife's by n - 1.
    expected = math.sqrt(sum(variance(one) * 79 / 80 for one in parts)) / folds
    assert found.std() == pytest.approx(expected, rel=0.05)
    assert found.mean() == pytest.approx(np.mean([one.total for one in parts]), abs=0.1 * expected)
    assert np.array_equal(found, np.sort(found))


def test_images_of_one_group_are_drawn_together():
    """Ten copies of each of 12 images are no more than 12 images."""
    values = np.random.default_rng(5).normal(size=12)
    alone, copied = means(values), means(values, np.full(12, 10))
    np.testing.assert_allclose(bootstrap([copied], 2, 300), bootstrap([alone], 2, 300))
    assert variance(copied) == pytest.approx(variance(alone))


@settings(max_examples=20)
@given(st.integers(0, 99), st.integers(1, 50))
def test_the_bootstrap_depends_on_its_seed_alone(seed, rounds):
    one = means(np.arange(9) / 7)
    found = bootstrap([one], seed, rounds)
    assert found.shape == (rounds,)
    assert np.array_equal(found, bootstrap([one], seed, rounds))
    assert rounds < 10 or not np.array_equal(found, bootstrap([one], seed + 1, rounds))


def test_many_groups_are_drawn_in_pieces():
    one = means(np.zeros(3_000_000))
    assert bootstrap([one], 0, 2).tolist() == [0, 0]


def test_what_is_given_cannot_be_changed_afterwards():
    sums = np.ones((2, 2))
    one = Clusters(sums, mean_of)
    sums[0, 0] = 9
    assert one.total == 1
    with pytest.raises(ValueError, match="read-only"):
        one.sums[0, 0] = 9


@pytest.mark.parametrize(
    "call",
    [
        lambda: Clusters(np.zeros((0, 2)), mean_of),
        lambda: Clusters(np.zeros(2), mean_of),
        lambda: variance(means([1.0])),
        lambda: bootstrap([]),
        lambda: bootstrap([means([1.0])], 0, 0),
    ],
)
def test_what_has_no_spread_is_refused(call):
    with pytest.raises(ValueError, match=r"groups|fold"):
        call()
