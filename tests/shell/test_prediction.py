"""Probabilities: the mean over weights and flips, whatever the batches, with little held in memory."""

import json
import threading

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import ConfigError
from segcore.keys import canonical
from segcore.tiles import Crops, Framing, gaussian, own_size
from segcore.views import FLIPS, IDENTITY
from segshell.checkpoints import WeightsError
from segshell.image_reader import ImageReader
from segshell.images import resize_image, resize_probability
from segshell.latest import Latest
from segshell.loader_errors import LoaderError
from segshell.memory import OutOfMemoryError
from segshell.prediction import (
    AHEAD,
    RESIZED,
    Predictor,
    ahead,
    framing_for,
    grouped,
    predict_and,
    predict_decoded,
    predictor_for,
    views_for,
)
from tests.shell.pictures import noise
from tests.shell.small import BUILDERS, claiming, copied, picture

IMAGES = np.stack([picture(number, positive=True)[0] for number in range(5)])


@pytest.fixture(scope="module")
def spec(trained):
    return trained.prepare().plan.find(0, 1).network


@pytest.fixture(scope="module")
def members(trained):
    """Give the models of both folds, loaded one by one."""
    return [trained.load_model(fold) for fold in (0, 1)]


def predictor(trained, spec, folds, views=(IDENTITY,), **options):
    weights = [trained.folder.weights(fold, 1) for fold in folds]
    return Predictor(spec, weights, views, BUILDERS, **options)


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


@pytest.mark.parametrize("shares", [(0.25, 0.75), (3, 1), (0, 2), (1, 1)])
def test_members_may_be_weighted(trained, spec, members, shares):
    plain = predictor(trained, spec, [0, 1], FLIPS[:2])
    before = plain.predict(IMAGES)
    views = [
        np.mean([np.flip(np.asarray(model(np.flip(IMAGES, axis))), axis) for axis in ((), (2,))], axis=0)
        for model in members
    ]
    expected = np.average(views, axis=0, weights=shares)
    np.testing.assert_allclose(plain.weighted(shares).predict(IMAGES), expected, atol=1e-6)
    np.testing.assert_array_equal(plain.predict(IMAGES), before, "the predictor itself is as it was")


@pytest.mark.parametrize("shares", [(1,), (0, 0), (-1, 2), (np.nan, 1), (np.inf, 1)])
def test_shares_that_are_no_weights_are_refused(trained, spec, shares):
    with pytest.raises(ValueError, match="a number from 0 each"):
        predictor(trained, spec, [0, 1]).weighted(shares)


def test_a_predictor_without_views_is_refused(trained, spec):
    with pytest.raises(ValueError, match="at least one view"):
        predictor(trained, spec, [0], ()).predict(IMAGES)


def test_flips_are_four_views_where_they_are_asked_for():
    assert views_for(flips=True) == FLIPS
    assert views_for(flips=None) == views_for(flips=False) == (IDENTITY,)
    assert len(FLIPS) == 4


@given(st.lists(st.integers(), max_size=60), st.integers(1, 4))
def test_what_is_computed_ahead_comes_in_order(items, workers):
    assert list(ahead(lambda item: item * 2, items, workers)) == [item * 2 for item in items]


@pytest.mark.parametrize("waiting", [2, AHEAD])
def test_no_more_than_a_few_items_wait(waiting):
    """However many images a directory holds, few are decoded at a time."""
    begun = []
    made = ahead(lambda item: begun.append(item) or item, range(10_000), waiting=waiting)
    next(made)
    made.close()
    assert len(begun) <= waiting + 1


def test_an_error_comes_in_its_place_and_leaves_no_thread():
    def decode(item):
        if item == 3:
            raise KeyError("three")
        return item

    made = ahead(decode, range(100))
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LoaderError, match=r"Sample '3' .*KeyError: 'three'"):
        next(made)
    assert not [one for one in threading.enumerate() if one.name.startswith("ahead")]


def test_memory_that_is_used_up_is_told_with_what_needs_less(one_in_windows):
    """NumPy itself refuses an image that no memory holds, in a thread that reads ahead."""
    decoded = ahead(lambda size: np.zeros(size, np.uint8), [1 << 60])
    with pytest.raises(OutOfMemoryError, match="Lower inference_batch"):
        next(predict_decoded(one_in_windows, decoded, 4))


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_groups_hold_every_item_once_and_only_the_last_is_short(items, size):
    groups = list(grouped(items, size))
    assert [item for group in groups for item in group] == items
    assert all(len(group) == size for group in groups[:-1])


SIZES = [(32, 32), (20, 50), (64, 16), (33, 31), (7, 9)]


@pytest.fixture(scope="module")
def one(trained, spec):
    return predictor(trained, spec, [0])


def pictures():
    """Return noise of several sizes."""
    return [noise(*size, 3, seed=number) for number, size in enumerate(SIZES)]


def predicted(one, images, batch=4, at="source"):
    """Return the maps of images, in order."""
    decoded = [one.decoded(f"{number}.png", image) for number, image in enumerate(images)]
    found = list(predict_decoded(one, decoded, batch, at=at))
    assert [given.name for given, _ in found] == [given.name for given in decoded]
    assert all(probability.dtype == np.float32 for _, probability in found)
    return [probability for _, probability in found]


@pytest.mark.parametrize("batch", [1, 2, 5, 32])
def test_each_image_gets_its_own_map_at_its_own_size_for_any_batch(one, batch):
    alone = [one.predict(resize_image(image, (32, 32))[None])[0] for image in pictures()]
    at_source = predicted(one, pictures(), batch)
    for probability, size, expected in zip(at_source, SIZES, alone, strict=True):
        assert probability.shape == (*size, 1)
        np.testing.assert_allclose(probability, resize_probability(expected, size), atol=1e-5)
    for probability, expected in zip(predicted(one, pictures(), batch, "network"), alone, strict=True):
        np.testing.assert_allclose(probability, expected, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 9), st.sampled_from(["source", "network"]), st.integers(0, 40))
def test_what_threads_make_of_maps_comes_in_order_and_from_the_same_maps(one_in_windows, batch, at, count):
    """Also where more images are given than wait, and where the last ones are the first to be finished."""
    images = [noise(*SIZES[number % 5], 3, seed=number) for number in range(count)]
    decoded = [one_in_windows.decoded(str(number), image) for number, image in enumerate(images)]

    def finish(given, probability):
        assert threading.current_thread() is not threading.main_thread()
        return given.name, probability

    found = list(predict_and(finish, one_in_windows, decoded, batch, at=at))
    expected = list(predict_decoded(one_in_windows, decoded, batch, at=at))
    assert [name for name, _ in found] == [given.name for given, _ in expected]
    for (_, probability), (_, other) in zip(found, expected, strict=True):
        np.testing.assert_array_equal(probability, other)


def test_what_fails_in_a_thread_names_its_image_and_leaves_no_thread(one):
    def finish(given, _probability):
        if given.name == "3.png":
            raise ZeroDivisionError("by hand")
        return given.name

    decoded = [one.decoded(f"{number}.png", image) for number, image in enumerate(pictures())]
    made = predict_and(finish, one, decoded, 2)
    assert [next(made) for _ in range(3)] == ["0.png", "1.png", "2.png"]
    with pytest.raises(LoaderError, match=r"3\.png.*ZeroDivisionError: by hand"):
        next(made)
    assert not [one for one in threading.enumerate() if one.name.startswith("ahead")]


def test_memory_that_a_thread_uses_up_is_told_with_what_needs_less(one):
    decoded = [one.decoded("a.png", noise(32, 32, 3))]
    with pytest.raises(OutOfMemoryError, match="Lower inference_batch"):
        next(predict_and(lambda *_: np.zeros(1 << 60, np.uint8), one, decoded, 4))


def in_crops(trained, spec, folder, crops):
    """Return the predictor of weights that claim to be trained on crops."""
    other = claiming(trained, folder / "cropped", crops=canonical(crops))
    return predictor(other, spec, [0], framing=Framing(crops))


@pytest.mark.parametrize("batch", [1, 3, 7, 32])
def test_crops_are_predicted_one_by_one_and_put_side_by_side(trained, spec, batch, tmp_path):
    """Without an overlap a map of the canvas is nothing but the maps of its four quarters."""
    one = in_crops(trained, spec, tmp_path, Crops(2))
    quarters = [(row, column) for row in (0, 32) for column in (0, 32)]
    for image, probability in zip(pictures(), predicted(one, pictures(), batch, "network"), strict=True):
        canvas = resize_image(image, (64, 64))
        assert probability.shape == (64, 64, 1)
        for row, column in quarters:
            alone = one.predict(canvas[None, row : row + 32, column : column + 32])[0]
            np.testing.assert_allclose(probability[row : row + 32, column : column + 32], alone, atol=1e-5)
    for size, probability in zip(SIZES, predicted(one, pictures(), batch), strict=True):
        assert probability.shape == (*size, 1)


def test_windows_of_an_image_of_the_networks_size_give_what_resizing_gives(trained, spec, one):
    windows = predictor(trained, spec, [0], framing=Framing(at_own_size=True))
    np.testing.assert_array_equal(predicted(windows, IMAGES), predicted(one, IMAGES))


@pytest.mark.parametrize("size", [(48, 32), (50, 81), (20, 70), (7, 9), (1, 33)])
def test_windows_are_blended_at_the_images_own_resolution(trained, spec, size):
    """The oracle cuts, predicts and weighs the windows of the padded image one by one, in double precision."""
    one = predictor(trained, spec, [0], FLIPS, framing=Framing(at_own_size=True))
    image, frame = noise(*size, 3), own_size(size, (32, 32))
    (top, left), (below, right) = frame.before, frame.after
    padded = np.pad(image, ((top, below), (left, right), (0, 0)), "reflect")
    weights = np.outer(gaussian(32), gaussian(32))[..., None]
    total, seen = np.zeros((*padded.shape[:2], 1)), np.zeros((*padded.shape[:2], 1))
    for row in frame.grid.tops:
        for column in frame.grid.lefts:
            where = slice(row, row + 32), slice(column, column + 32)
            total[where] += weights * one.predict(padded[where][None])[0]
            seen[where] += weights
    expected = (total / seen)[top : top + size[0], left : left + size[1]]
    for at in ("source", "network"):
        (found,) = predicted(one, [image], 3, at)
        assert found.shape == (*size, 1)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def brightness(one):
    """Let a predictor give back the first channel of what it sees, as a share of 255, and return it."""
    one.predict = lambda batch: batch[..., :1].astype(np.float32) / 255
    return one


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), min_size=1, max_size=4), st.integers(1, 9))
def test_windows_of_a_network_that_gives_its_input_give_the_image(one_in_windows, sizes, batch):
    images = [noise(*size, 3, seed=number) for number, size in enumerate(sizes)]
    for image, found in zip(images, predicted(one_in_windows, images, batch), strict=True):
        np.testing.assert_allclose(found[..., 0], image[..., 0] / 255, atol=1e-6)


@pytest.fixture(scope="module")
def one_in_windows(trained, spec):
    return brightness(predictor(trained, spec, [0], framing=Framing(at_own_size=True)))


@pytest.mark.parametrize("overlap", [0, 0.25, 0.6])
def test_crops_of_a_network_that_gives_its_input_give_the_canvas(trained, spec, overlap, tmp_path):
    one = brightness(in_crops(trained, spec, tmp_path, Crops(3, overlap)))
    (found,) = predicted(one, [noise(50, 70, 3)], at="network")
    canvas = resize_image(noise(50, 70, 3), found.shape[:2])
    np.testing.assert_allclose(found[..., 0], canvas[..., 0] / 255, atol=1e-6)


def test_few_images_of_any_size_are_held_while_others_are_predicted(one_in_windows):
    """What is decoded ahead of the map that is given is a batch at most."""
    begun = []

    def decoded():
        for number in range(50):
            begun.append(number)
            yield one_in_windows.decoded(str(number), noise(64, 64, 3))

    found = predict_decoded(one_in_windows, decoded(), 6)
    next(found)
    assert len(begun) == 2  # nine windows are one image and a half


@pytest.mark.parametrize(
    ("inference", "windows", "expected"),
    [("resize", None, False), ("windows", None, True), ("resize", True, True), ("windows", False, False)],
)
def test_windows_are_those_of_the_config_unless_told(trained, inference, windows, expected):
    config = evolve(trained.config, inference=inference)
    assert framing_for(config, windows) == Framing(at_own_size=expected)


def test_crops_are_not_predicted_in_windows(trained):
    config = evolve(trained.config, crops=Crops(2, 0.25))
    assert framing_for(config, None) == framing_for(config, windows=False) == Framing(Crops(2, 0.25))
    with pytest.raises(ConfigError, match="inference-crops"):
        framing_for(config, windows=True)


@pytest.mark.parametrize(
    ("flip_pred", "flips", "views"), [(True, None, 4), (True, False, 1), (False, None, 1), (False, True, 4)]
)
def test_flips_are_those_of_the_config_unless_told(trained, spec, flip_pred, flips, views):
    config = evolve(trained.config, flip_pred=flip_pred)
    weights = [trained.folder.weights(0, 1)]
    assert len(predictor_for(config, spec, weights, BUILDERS, flips=flips).views) == views


def test_the_next_call_takes_the_traced_network_and_reads_new_weights_only(trained, spec, tmp_path):
    """The same predictions whether the network is kept or not, also after the weights have changed."""
    latest, mine = Latest(), copied(trained, tmp_path / "mine")
    first = predictor(mine, spec, [0], latest=latest)
    again = predictor(mine, spec, [1, 0], FLIPS, latest=latest)
    assert again._forward is first._forward
    assert again._members[1] is first._members[0]
    anew = predictor(trained, spec, [1, 0], FLIPS)
    assert anew._forward is not first._forward
    np.testing.assert_array_equal(again.predict(IMAGES), anew.predict(IMAGES))
    mine.folder.weights(1, 1).replace(mine.folder.weights(0, 1))
    told = json.loads(mine.folder.sidecar(1, 1).read_text())
    mine.folder.sidecar(0, 1).write_text(json.dumps({**told, "fold": 0}))  # as if trained again
    changed = predictor(mine, spec, [0], latest=latest).predict(IMAGES)
    np.testing.assert_array_equal(changed, predictor(trained, spec, [1]).predict(IMAGES))


def test_an_experiment_keeps_its_network_from_call_to_call(trained):
    one, other = trained.predictor(0), trained.predictor([0, 1], flips=True, windows=True)
    assert one._forward is other._forward
    assert (one.framing, other.framing) == (RESIZED, Framing(at_own_size=True))


def test_a_config_that_reads_images_otherwise_than_it_was_trained_is_refused(trained, tmp_path, pictures):
    """Also where the data are the same; what is written out as the default is no change."""
    folders = {"images": str(pictures / "images"), "masks": str(pictures / "masks")}
    copied(trained, tmp_path / "same", dataset={**folders, "channels": "rgb"}).predictor(0)
    for name, changed in (("deep", {"range": [0, 4000]}), ("grey", {"channels": "grey"})):
        with pytest.raises(WeightsError, match="default channels and range"):
            copied(trained, tmp_path / name, dataset={**folders, **changed}).predictor(0)


def test_a_reader_of_its_own_is_verified_and_without_one_images_come_decoded(trained, spec, tmp_path):
    other = claiming(trained, tmp_path / "deep", reading="another")
    weights = [other.folder.weights(0, 1)]
    Predictor(spec, weights, builders=BUILDERS)
    with pytest.raises(WeightsError, match="read with another"):
        Predictor(spec, weights, builders=BUILDERS, reader=ImageReader())
