"""Written pictures come back, and resizing keeps what it promises."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segshell import images
from tests.shell.pictures import noise


@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3)])
def test_written_png_files_come_back_exactly(tmp_path, shape):
    pixels = noise(*shape)
    images.write_png(tmp_path / "a.png", pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), pixels.squeeze())
    deep = pixels[..., 0].astype(np.uint16) * 200 if len(shape) == 3 else pixels.astype(np.uint16) * 200
    images.write_png(tmp_path / "b.png", deep)
    np.testing.assert_array_equal(images.read_mask(tmp_path / "b.png"), deep)


def test_written_jpg_files_keep_the_order_of_colours(tmp_path):
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    images.write_jpg(tmp_path / "a.jpg", red)
    np.testing.assert_allclose(np.asarray(Image.open(tmp_path / "a.jpg")), red, atol=3)
    images.write_jpg(tmp_path / "low.jpg", noise(64, 64, 3), quality=5)
    images.write_jpg(tmp_path / "high.jpg", noise(64, 64, 3), quality=100)
    assert (tmp_path / "low.jpg").stat().st_size < (tmp_path / "high.jpg").stat().st_size / 3


SIDES = st.integers(1, 24)


@given(SIDES, SIDES, SIDES, SIDES, st.sampled_from([(), (1,), (3,)]))
@settings(deadline=None)
def test_resizing_keeps_shape_dtype_range_and_in_a_mask_the_values(h, w, height, width, channels):
    pixels = noise(h, w, *channels, seed=h * w)
    image = images.resize_image(pixels, (height, width))
    assert image.shape == (height, width, *channels)
    assert pixels.min() <= image.min() <= image.max() <= pixels.max()
    mask = images.resize_mask(pixels, (height, width))
    assert mask.shape == image.shape
    assert mask.dtype == np.uint8
    if not channels:
        assert set(mask.ravel().tolist()) <= set(pixels.ravel().tolist())


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(0, 5))
@settings(deadline=None)
def test_a_mask_made_larger_by_a_whole_factor_and_back_is_itself(h, w, factor, seed):
    mask = noise(h, w, 1, seed=seed)
    larger = images.resize_mask(mask, (h * factor, w * factor))
    np.testing.assert_array_equal(larger, mask.repeat(factor, axis=0).repeat(factor, axis=1))
    np.testing.assert_array_equal(images.resize_mask(larger, (h, w)), mask)


@given(st.integers(1, 8), st.integers(1, 8), st.integers(2, 4), st.integers(0, 5))
@settings(deadline=None)
def test_shrinking_by_a_whole_factor_averages_areas(h, w, factor, seed):
    pixels = noise(h * factor, w * factor, 3, seed=seed)
    means = pixels.reshape(h, factor, w, factor, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(images.resize_image(pixels, (h, w)), means, atol=0.51)


@given(SIDES, SIDES, SIDES, SIDES, st.integers(5, 16))
@settings(deadline=None)
def test_images_of_many_channels_are_resized_as_each_channel_alone(h, w, height, width, channels):
    """But for the last digit: OpenCV rounds the means of two channels in another way than those of one."""
    pixels = noise(h, w, channels, seed=h * w)
    alone = [images.resize_image(pixels[..., [one]], (height, width)) for one in range(channels)]
    together = images.resize_image(pixels, (height, width)).astype(int)
    np.testing.assert_allclose(together, np.concatenate(alone, axis=2), atol=1)


def test_an_image_of_five_channels_shrinks_by_a_factor_that_is_not_whole():
    assert images.resize_image(noise(256, 256, 5), (100, 100)).shape == (100, 100, 5)


@pytest.mark.parametrize("channels", [1, 3, 7, 40])
def test_probabilities_keep_their_channels_and_agree_with_scipy(channels):
    """Linear interpolation with pixel centres at half coordinates, as scipy's zoom in grid mode."""
    from scipy.ndimage import zoom

    probability = np.random.default_rng(channels).random((8, 6, channels), dtype=np.float32)
    larger = images.resize_probability(probability, (24, 18))
    assert larger.shape == (24, 18, channels)
    assert larger.dtype == np.float32
    expected = zoom(probability, (3, 3, 1), order=1, grid_mode=True, mode="nearest")
    np.testing.assert_allclose(larger, expected, atol=1e-5)
