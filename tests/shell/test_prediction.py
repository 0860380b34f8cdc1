"""Probabilities: the mean over weights and flips, whatever the batches, with little held in memory."""

import threading

import numpy as np
import pytest
import tensorflow as tf
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.views import FLIPS, IDENTITY
from segshell.images import resize_probability
from segshell.prediction import (
    AHEAD,
    Decoded,
    Predictor,
    ahead,
    as_probability,
    grouped,
    predict_decoded,
    views_for,
)
from tests.shell.pictures import noise
from tests.shell.small import BUILDERS, picture

IMAGES = np.stack([picture(number, positive=True)[0] for number in range(5)])


@pytest.fixture(scope="module")
def spec(trained):
    return trained.prepare().plan.find(0, 1).network


@pytest.fixture(scope="module")
def members(trained):
    """Give the models of both folds, loaded one by one."""
    return [trained.load_model(fold) for fold in (0, 1)]


def predictor(trained, spec, folds, views=(IDENTITY,)):
    return Predictor(spec, [trained.folder.weights(fold, 1) for fold in folds], views, BUILDERS)


def test_one_member_is_the_loaded_model(trained, spec, members):
    for fold, model in enumerate(members):
        predicted = predictor(trained, spec, [fold]).predict(IMAGES)
        assert (predicted.shape, predicted.dtype) == ((5, 32, 32, 1), np.float32)
        np.testing.assert_allclose(predicted, np.asarray(model(IMAGES)), atol=1e-6)


def test_several_members_and_flips_are_the_mean_of_each_one_by_hand(trained, spec, members):
    """Every member sees every flip, and every prediction is flipped back before it is averaged."""
    axes = ((), (2,), (1,), (1, 2))
    by_hand = [np.flip(np.asarray(model(np.flip(IMAGES, axis))), axis) for model in members for axis in axes]
    predicted = predictor(trained, spec, [0, 1], FLIPS).predict(IMAGES)
    np.testing.assert_allclose(predicted, np.mean(by_hand, axis=0), atol=1e-6)
    assert np.abs(predicted - by_hand[0]).max() > 1e-3


def test_members_do_not_share_weights(trained, spec):
    one, both = (predictor(trained, spec, folds).predict(IMAGES) for folds in ([0], [0, 1]))
    twice = predictor(trained, spec, [0, 0]).predict(IMAGES)
    np.testing.assert_allclose(twice, one, atol=1e-6)
    assert np.abs(both - one).max() > 1e-3


def test_a_predictor_without_views_is_refused(trained, spec):
    with pytest.raises(ValueError, match="at least one view"):
        predictor(trained, spec, [0], ()).predict(IMAGES)


def test_flips_are_four_views_where_they_are_asked_for():
    assert views_for(flips=True) == FLIPS
    assert views_for(flips=None) == views_for(flips=False) == (IDENTITY,)
    assert len(FLIPS) == 4


def test_logits_become_probabilities(spec):
    linear = evolve(spec, activation="linear")
    logits = np.random.default_rng(0).normal(size=(2, 3, 4, 3)).astype(np.float32)
    one = as_probability(tf.constant(logits[..., :1]), linear)
    np.testing.assert_allclose(one, 1 / (1 + np.exp(-logits[..., :1])), rtol=1e-5)
    several = as_probability(tf.constant(logits), evolve(linear, classes=3))
    np.testing.assert_allclose(several, np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), rtol=1e-5)
    assert as_probability(logits, spec) is logits


@given(st.lists(st.integers(), max_size=60), st.integers(1, 4))
def test_what_is_computed_ahead_comes_in_order(items, workers):
    assert list(ahead(lambda item: item * 2, items, workers)) == [item * 2 for item in items]


def test_no_more_than_a_few_items_wait():
    """However many images a directory holds, few are decoded at a time."""
    begun = []
    made = ahead(lambda item: begun.append(item) or item, range(10_000))
    next(made)
    made.close()
    assert len(begun) <= AHEAD + 1


def test_an_error_comes_in_its_place_and_leaves_no_thread():
    def decode(item):
        if item == 3:
            raise KeyError("three")
        return item

    made = ahead(decode, range(100))
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError, match="three"):
        next(made)
    assert not [one for one in threading.enumerate() if one.name.startswith("ahead")]


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_groups_hold_every_item_once_and_only_the_last_is_short(items, size):
    groups = list(grouped(items, size))
    assert [item for group in groups for item in group] == items
    assert all(len(group) == size for group in groups[:-1])


@pytest.mark.parametrize("batch", [1, 2, 5, 32])
def test_each_image_gets_its_own_map_at_its_own_size_for_any_batch(trained, spec, batch):
    sizes = [(32, 32), (20, 50), (64, 16), (33, 31), (7, 9)]
    decoded = [
        Decoded(f"{number}.png", noise(*size, 3), image)
        for number, (size, image) in enumerate(zip(sizes, IMAGES, strict=True))
    ]
    one = predictor(trained, spec, [0])
    alone = [one.predict(image[None])[0] for image in IMAGES]
    at_source = list(predict_decoded(one, decoded, batch))
    assert [given.name for given, _ in at_source] == [given.name for given in decoded]
    for (_, probability), size, expected in zip(at_source, sizes, alone, strict=True):
        assert (probability.shape, probability.dtype) == ((*size, 1), np.float32)
        np.testing.assert_allclose(probability, resize_probability(expected, size), atol=1e-5)
    for (_, probability), expected in zip(
        predict_decoded(one, decoded, batch, at="network"), alone, strict=True
    ):
        np.testing.assert_allclose(probability, expected, atol=1e-5)
