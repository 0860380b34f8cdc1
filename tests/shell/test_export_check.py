"""A file is compared on images as they come before the network, and no wrong value passes."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from segcore.errors import DataError
from segcore.exports import LITERT, ONNX
from segcore.tiles import Framing
from segshell.export_check import agreement, difference, of_dataset, of_directory, random_pixels
from segshell.image_reader import ImageReader
from segshell.images import resize_image
from segshell.prediction import Predictor
from tests.shell.pictures import save
from tests.shell.small import BUILDERS, own_data_set, picture


@pytest.fixture(scope="module")
def predictor(trained):
    return Predictor(trained.trained_network(0), trained.weights(0), builders=BUILDERS)


def test_images_of_a_directory_are_spread_over_it_and_come_as_they_are_predicted(predictor, tmp_path):
    for number in range(9):
        save(tmp_path / f"{number}.png", picture(number, positive=True, size=(40, 50))[0])
    found = of_directory(predictor, tmp_path, 3)
    expected = [ImageReader().read(tmp_path / f"{number}.png") for number in (0, 3, 6)]
    np.testing.assert_array_equal(found, [resize_image(one, (32, 32)) for one in expected])
    assert len(of_directory(predictor, tmp_path, 99)) == 9
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="0 images"):
        of_directory(predictor, tmp_path / "empty")


def test_of_images_in_windows_one_window_is_taken(trained, tmp_path):
    framing = Framing(at_own_size=True)
    own = Predictor(trained.trained_network(0), trained.weights(0), builders=BUILDERS, framing=framing)
    image = picture(1, positive=True, size=(96, 100))[0]
    save(tmp_path / "a.png", image)
    (found,) = of_directory(own, tmp_path)
    places = np.lib.stride_tricks.sliding_window_view(image, (32, 32, 3))[:, :, 0]
    assert (places == found).all(axis=(2, 3, 4)).sum() == 1


def test_samples_of_a_data_set_need_no_masks(predictor):
    samples = [SimpleNamespace(id=one.id, x=one.x) for one in own_data_set().items]
    found = of_dataset(predictor, samples)
    np.testing.assert_array_equal(found, [samples[number].x for number in (0, 3, 6, 9)])
    with pytest.raises(ValueError, match="at least one array"):
        of_dataset(predictor, [])


def test_noise_is_always_the_same(predictor):
    first = random_pixels(predictor)
    assert (first.dtype, first.shape) == (np.uint8, (4, 32, 32, 3))
    np.testing.assert_array_equal(first, random_pixels(predictor))
    assert first.std() > 60


@pytest.mark.parametrize("batch", [None, 1, 3, 9])
def test_what_is_the_same_agrees_in_batches_of_any_size(predictor, batch):
    sizes = []

    def run(pixels):
        sizes.append(len(pixels))
        return predictor.predict(pixels)

    pixels = random_pixels(predictor)
    found = agreement(run, predictor, LITERT, (pixels, "images of noise"), batch, 1e-6)
    assert found.difference < 1e-6
    assert found.is_kept
    assert (found.count, found.pixels, found.runtime.split()[0]) == (4, "images of noise", "ai-edge-litert")
    assert sizes == ([1, 3] if batch is None else [batch] * -(-4 // batch))


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (3, 31, 31, 0)])
@pytest.mark.parametrize("wrong", [0.3, math.nan])
def test_one_wrong_value_anywhere_is_found(predictor, place, wrong):
    pixels = random_pixels(predictor)
    whole = predictor.predict(pixels)
    whole[place] += wrong
    parts = iter((whole[:1], whole[1:]))
    found = agreement(lambda _: next(parts), predictor, ONNX, (pixels, ""), None, 1e-4)
    assert not found.is_kept


def test_other_shapes_and_types_differ_by_everything():
    maps = np.zeros((2, 3, 3, 1), np.float32)
    assert difference(maps, maps) == 0
    assert difference(maps[..., 0], maps) == math.inf
    assert difference(maps.astype(np.float64), maps) == math.inf
    assert math.isnan(difference(np.full_like(maps, np.nan), maps))


def test_the_callers_rounding_on_a_gpu_stays_as_it_was(predictor):
    seen, asked = [], tf.config.experimental.tensor_float_32_execution_enabled

    def run(pixels):
        seen.append(asked())
        return predictor.predict(pixels)

    before = asked()
    agreement(run, predictor, ONNX, (random_pixels(predictor), ""), None, 1e-4)
    assert set(seen) == {False}
    assert asked() == before
