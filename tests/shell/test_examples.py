"""Example pictures: which samples are shown, and that they show image, truth and prediction."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segcore.negatives import Balance
from segcore.values import Indices
from segshell.checkpoints import load_into
from segshell.examples import COUNT, chosen, clear, triple, write
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
