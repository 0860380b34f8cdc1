"""Example pictures: which samples are shown, and that they show image, truth and prediction."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segcore.gallery import in_colour
from segcore.negatives import Balance
from segcore.values import Indices
from segshell.augmenters import Augmenter
from segshell.batches import sample
from segshell.checkpoints import load_into
from segshell.examples import COUNT, chosen, clear, fed, overlay, triple, write, write_data
from segshell.pixels import plain
from segshell.running import pixels_for
from tests.shell.pictures import noise


@pytest.fixture(scope="module")
def prepared(trained):
    return trained.prepare()


@settings(max_examples=50)
@given(positives=st.integers(0, 9), negatives=st.integers(0, 9))
def test_positives_come_first_and_a_negative_is_shown_where_there_is_one(prepared, positives, negatives):
    rows = Indices(range(positives + negatives))
    part = Balance(Indices(range(positives)), Indices(range(positives, positives + negatives)), negatives)
    shown = chosen(evolve(prepared.plan.find(0, 0), validation=part, validation_rows=rows))
    assert len(shown) == len(set(shown)) == min(COUNT, positives + negatives)
    assert list(shown) == sorted(shown)
    if negatives and len(shown) > positives:
        assert shown[-1] >= positives
    if positives and negatives:
        assert any(row < positives for row in shown)
        assert any(row >= positives for row in shown)


def test_a_triple_is_image_truth_and_prediction_side_by_side():
    image, truth = noise(6, 5, 3), noise(6, 5, 1, top=2)
    probability = np.linspace(0, 1, 30, dtype=np.float32).reshape(6, 5, 1)
    shown = triple(image, truth, probability)
    assert shown.shape == (6, 3 * 5 + 2 * 2, 3)
    np.testing.assert_array_equal(shown[:, :5], image)
    np.testing.assert_array_equal(shown[:, 7:12], np.repeat(truth * 255, 3, axis=2))
    np.testing.assert_allclose(shown[:, 14:], np.repeat(probability * 255, 3, axis=2), atol=0.51)


@pytest.mark.parametrize("classes", [2, 3, 5, 20])
@pytest.mark.parametrize("planes", [False, True])
def test_a_perfect_prediction_of_several_classes_looks_like_its_truth(classes, planes):
    """Every class has a colour of its own, the same for truth and prediction, whether truth is ids or planes."""
    ids = (np.arange(100) % classes).reshape(10, 10).astype(np.uint8)
    hot = (ids[..., None] == np.arange(classes)).astype(np.float32)
    truth = hot.astype(np.uint8) if planes else ids[..., None]
    shown = triple(noise(10, 10, 3), truth, hot)
    np.testing.assert_array_equal(shown[:, 12:22], shown[:, 24:])
    assert len(np.unique(shown[:, 24:].reshape(-1, 3), axis=0)) == classes


def test_written_pictures_show_the_networks_prediction_and_are_cleared(prepared, trained, engines, tmp_path):
    run = prepared.plan.find(1, 1)
    folder, pixels, traced = (
        evolve(trained.folder, root=tmp_path),
        pixels_for(prepared)(run),
        engines.get(run),
    )
    load_into(traced.model, trained.folder.weights(1, 1))
    write(run, folder, traced, pixels, 7)
    names = sorted(one.name for one in folder.examples(1, 1).iterdir())
    assert names == [f"t_epoch_7.{number}.jpg" for number in range(4)]
    image, mask = plain(pixels, chosen(run)[0])
    predicted = traced.predict_step(image[None]).numpy()[0]
    shown = np.asarray(Image.open(folder.examples(1, 1) / names[0])).astype(int)
    assert np.abs(shown - triple(image, mask, predicted)).mean() < 8  # jpg
    clear(run, folder)
    assert not folder.examples(1, 1).exists()
    clear(run, folder)


def test_only_improved_epochs_of_the_last_training_are_pictured(trained):
    """The trained experiment keeps pictures of exactly the epochs that improved."""
    from tests.shell.small import history

    for fold, stage in ((0, 0), (0, 1), (1, 0), (1, 1)):
        shown = {one.name.split(".")[0] for one in trained.folder.examples(fold, stage).iterdir()}
        assert shown == {
            f"t_epoch_{row['epoch']:.0f}" for row in history(trained, fold, stage) if row["improved"]
        }


# --- training samples ---------------------------------------------------------------------------------------


def test_a_mask_of_one_class_is_tinted_and_the_rest_of_the_image_is_itself():
    image, mask = noise(6, 5, 3), noise(6, 5, 1, top=2)
    shown = overlay(image, mask, 1, exclusive=False)
    assert shown.shape == (6, 2 * 5 + 2, 3)
    np.testing.assert_array_equal(shown[:, :5], image)
    inside = mask[..., 0] > 0
    np.testing.assert_array_equal(shown[:, 7:][~inside], image[~inside])
    np.testing.assert_array_equal(shown[:, 7:][inside], np.add(image[inside], [255, 0, 0], dtype=int) // 2)


@pytest.mark.parametrize(("classes", "exclusive"), [(3, True), (3, False), (20, True)])
def test_every_class_has_a_tint_of_its_own_and_background_none(classes, exclusive):
    ids = np.arange(100).reshape(10, 10) % (classes if exclusive else classes + 1)
    planes = (ids[..., None] == np.arange(1, classes + 1)).astype(np.uint8)
    mask = ids[..., None].astype(np.uint8) if exclusive else planes
    shown = overlay(np.zeros((10, 10, 3), np.uint8), mask, classes, exclusive=exclusive)[:, 12:]
    tints = {tuple(shown[ids == one][0]) for one in range(1, ids.max() + 1)}
    assert len(tints) == ids.max()
    assert (shown[ids == 0] == 0).all()


def test_planes_of_classes_that_exclude_each_other_are_shown_as_their_ids():
    ids = np.arange(100).reshape(10, 10) % 4
    planes = (ids[..., None] == np.arange(4)).astype(np.uint8)
    image = noise(10, 10, 3)
    by_ids = overlay(image, ids[..., None].astype(np.uint8), 4, exclusive=True)
    np.testing.assert_array_equal(overlay(image, planes, 4, exclusive=True), by_ids)


@pytest.mark.parametrize(("channels", "exclusive"), [(1, False), (1, True), (3, True)])
def test_pixels_that_do_not_count_are_grey(channels, exclusive):
    mask = np.zeros((4, 4, channels), np.uint8)
    mask[1] = 255
    shown = overlay(noise(4, 4, 3), mask, 3, exclusive=exclusive)[:, 6:]
    assert (shown[1] == 128).all()
    assert not (shown[0] == 128).all()


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_an_image_of_any_channels_is_shown_by_its_first_three(channels):
    image = noise(4, 5, channels)
    shown = in_colour(image)
    assert shown.shape == (4, 5, 3)
    if channels == 1:
        np.testing.assert_array_equal(shown, np.repeat(image, 3, axis=2))
    else:
        np.testing.assert_array_equal(shown[..., :channels], image[..., :3])
        assert (shown[..., channels:] == 0).all()


def test_pictured_training_samples_are_those_of_the_first_epoch(prepared, trained, tmp_path):
    run = prepared.plan.find(0, 0)
    folder, pixels = evolve(trained.folder, root=tmp_path), pixels_for(prepared)(run)
    augmenter = Augmenter(run.settings.augmentation)
    write_data(run, folder, pixels, augmenter)
    names = sorted(one.name for one in folder.examples(0, 0).iterdir())
    assert names == [f"data.{number}.jpg" for number in range(COUNT)]
    rows = fed(run)
    assert len(set(rows)) == COUNT
    assert any(row in set(run.training.negatives) for row in rows)
    image, mask = sample(pixels, augmenter, run.seed, 0, 0, 0, rows[0])
    shown = np.asarray(Image.open(folder.examples(0, 0) / names[0])).astype(int)
    expected = overlay(image, mask, 1, exclusive=False).astype(int)
    # jpg keeps little of the colours of noise, so brightness is compared.
    assert np.abs(shown.mean(axis=2) - expected.mean(axis=2)).mean() < 8


@pytest.mark.parametrize("asked", [True, False])
def test_training_pictures_its_samples_where_that_is_asked_for(pictures, engines, tmp_path, asked):
    from tests.shell.small import experiment, train

    one = experiment(tmp_path, pictures, stages=[{"epochs": 1}], showDataExamples=asked)
    train(one, engines, folds=(0,))
    assert bool(list(one.folder.examples(0, 0).glob("data.*.jpg"))) == asked


def test_classes_that_do_not_exclude_each_other_are_black_where_none_is_likely():
    truth = np.zeros((2, 3, 2), np.uint8)
    truth[0, :, 1] = 1
    probability = np.full((2, 3, 2), 0.2, np.float32)
    probability[1, :, 0] = 0.9
    shown = triple(np.zeros((2, 3, 3), np.uint8), truth, probability, exclusive=False)
    truth_shown, predicted = shown[:, 5:8].any(axis=2), shown[:, 10:].any(axis=2)
    np.testing.assert_array_equal(truth_shown, truth.any(axis=2))
    np.testing.assert_array_equal(predicted, (probability > 0.5).any(axis=2))
    assert (shown[0, 5] != shown[1, 10]).any()
