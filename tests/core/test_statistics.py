"""Differences over folds: the headline is the interval of its parts, and what cannot be known is refused or said."""

import numpy as np
import pytest
from attrs import astuple
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from segcore.clusters import Clusters, mean_of
from segcore.intervals import interval, nadeau_bengio, overlapping
from segcore.statistics import difference, paired


def images(folds=5, each=20, shift=0.0, spread=1.0, seed=0):
    """Return differences of images, and the fold of each."""
    random = np.random.default_rng(seed)
    return shift + spread * random.normal(size=folds * each), np.repeat(np.arange(folds), each)


@settings(max_examples=10)
@given(st.integers(3, 7), st.integers(4, 12), st.integers(0, 99))
def test_the_headline_is_made_of_the_variance_within_folds_and_between_them(folds, each, seed):
    values, places = images(folds, each, seed=seed)
    found, table = paired(values, places), values.reshape(folds, each)
    a = float((table.var(axis=1, ddof=1) / each).mean())
    expected = overlapping(table.mean(axis=1), a, image_freedom=folds * (each - 1))
    assert found.image_variance == pytest.approx(a)
    assert found.fold_variance == pytest.approx(table.mean(axis=1).var(ddof=1))
    assert astuple(found.headline) == pytest.approx(astuple(interval(found.value, expected)))
    assert found.value == pytest.approx(table.mean(axis=1).mean())
    corrected = interval(found.value, nadeau_bengio(table.mean(axis=1)))
    assert astuple(dict(found.alternatives)["Nadeau-Bengio"]) == pytest.approx(astuple(corrected))


@settings(max_examples=10)
@given(st.integers(0, 99))
def test_the_order_of_images_does_not_matter(seed):
    values, places = images(4, 6, seed=seed)
    order = np.random.default_rng(seed).permutation(len(values))
    one, other = paired(values, places), paired(values[order], places[order])
    assert other.folds == pytest.approx(one.folds)
    assert other.headline.error == pytest.approx(one.headline.error)


def test_the_sign_is_that_of_the_order():
    values, places = images(shift=0.3)
    one, other = paired(values, places), paired(-values, places)
    assert other.value == -one.value
    assert (other.headline.low, other.headline.high) == pytest.approx((-one.headline.high, -one.headline.low))


def test_a_large_difference_is_told_apart_and_none_is_not():
    assert paired(*images(shift=2.0)).is_told_apart
    assert not paired(*images()).is_told_apart
    same = paired(np.zeros(20), np.repeat(range(5), 4))
    assert (same.headline.low, same.headline.high, same.is_told_apart) == (0, 0, False)


def test_the_interval_over_images_is_shorter_and_near_that_of_students():
    values, places = images(each=60)
    found = paired(values, places, seed=3)
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    assert found.over_images == pytest.approx((low, high), abs=0.15 * (high - low))
    headline = found.headline.high - found.headline.low
    assert found.over_images[1] - found.over_images[0] < headline


@pytest.mark.parametrize("level", [0.5, 0.99])
def test_a_level_is_that_of_all_intervals(level):
    values, places = images(each=60)
    found, usual = paired(values, places, level=level), paired(values, places)
    assert found.headline.level == level
    narrower = level < 0.95
    for one, other in (
        (found.over_images, usual.over_images),
        *(
            ((a.low, a.high), (b.low, b.high))
            for (_, a), (_, b) in zip(found.alternatives, usual.alternatives, strict=True)
        ),
        ((found.headline.low, found.headline.high), (usual.headline.low, usual.headline.high)),
    ):
        assert (one[1] - one[0] < other[1] - other[0]) is narrower


def test_copies_in_a_group_count_once():
    values, places = images(each=10)
    groups = [str(number) for number in range(len(values))]
    once = paired(values, places, groups)
    fourfold = paired(np.repeat(values, 4), np.repeat(places, 4), np.repeat(groups, 4).tolist())
    assert fourfold.headline.error == pytest.approx(once.headline.error)
    assert fourfold.over_images == pytest.approx(once.over_images)
    assert paired(np.repeat(values, 4), np.repeat(places, 4)).image_variance < once.image_variance / 3


@pytest.mark.parametrize("folds", [1, 2])
def test_fewer_than_three_folds_have_no_interval(folds):
    found = paired(*images(folds))
    assert (found.headline, found.over_images, found.is_told_apart) == (None, None, False)
    assert f"{folds} fold" in found.refusal
    assert found.value == pytest.approx(np.mean(found.folds))


def test_one_replicate_is_said_and_several_are_not():
    assert any(one.startswith("fewer than two replicates") for one in paired(*images()).warnings)
    told = paired(*images(), seed_variance=0.01)
    assert told.warnings == ()
    assert told.seed_variance == 0.01


def test_seeds_that_are_known_to_explain_the_folds_make_the_interval_shorter():
    values, places = images(each=50)
    values = values + np.repeat([0.8, -0.8, 0.5, -0.5, 0.0], 50)
    unknown, known = paired(values, places), paired(values, places, seed_variance=0.4)
    assert known.headline.error < unknown.headline.error
    assert known.fold_variance == unknown.fold_variance


def test_folds_that_differ_too_much_are_said():
    values, places = images(each=50)
    assert not any("differ more" in one for one in paired(values, places).warnings)
    values = values + np.repeat([0, 0, 0, 0, -2], 50)
    assert any("differ more" in one for one in paired(values, places).warnings)
    assert not any("differ more" in one for one in paired(values, places, seed_variance=0.8).warnings)


def test_the_warning_of_unlike_folds_is_rare_where_they_are_as_assumed():
    """The model itself, with training sets that weigh as assumed, is warned of once in a hundred times."""
    random, runs = np.random.default_rng(7), 60
    folds = np.repeat(np.arange(5), 8)
    told = 0
    for _ in range(runs):
        parts = random.normal(scale=0.125**0.5 * 8**-0.5, size=5)
        shift = parts.sum() - parts
        values = random.normal(size=40) + np.repeat(shift, 8)
        parts = [Clusters(np.stack([values[folds == f], np.ones(8)], axis=1), mean_of) for f in range(5)]
        told += any("differ more" in one for one in difference(parts).warnings)
    assert told <= 4


def test_missing_folds_and_few_groups_are_said():
    found = paired(*images(4, 3), planned=5)
    assert found.planned == 5
    assert any(one.startswith("4 of 5 folds") for one in found.warnings)
    assert any(one.startswith("12 groups of images are few") for one in found.warnings)


def test_a_fold_of_one_group_is_left_to_nadeau_and_bengio():
    found = paired([0.1, 0.3, 0.2, 0.4], [0, 1, 2, 2])
    assert found.image_variance is None
    assert found.headline == dict(found.alternatives)["Nadeau-Bengio"]
    assert any("single group" in one for one in found.warnings)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (([], []), "need a fold"),
        (([1.0], [0, 1]), "need a fold"),
        (([1.0, 2.0], [0, 1], ("a",)), "need a fold"),
        (([np.nan, 2.0, 1.0], [0, 1, 2]), "finite"),
        (([1.0, 2.0, 3.0], [0, 1, 2], (), 2), "at most those planned"),
    ],
)
def test_what_is_no_difference_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        paired(*given)


def test_without_folds_there_is_none():
    with pytest.raises(ValueError, match="at least one fold"):
        difference([])
