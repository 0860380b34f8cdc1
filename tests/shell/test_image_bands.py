"""Bands come as they are stored, whatever their type; the header says whether they are deep."""

import cv2
import numpy as np
import pytest
from PIL import Image

from segshell.image_bands import is_deep, read_bands
from tests.shell.pictures import noise, save


@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
def test_channels_of_eight_bits_are_those_of_the_file(tmp_path, channels):
    stored = noise(5, 4, *channels)
    path = save(tmp_path / "a.png", stored)
    np.testing.assert_array_equal(read_bands(path), stored.reshape(5, 4, -1))
    assert not is_deep(path)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
@pytest.mark.parametrize("extension", ["png", "tif"])
def test_channels_of_sixteen_bits_keep_all_of_them(tmp_path, extension, channels):
    stored = np.random.default_rng(0).integers(0, 65536, (5, 4, *channels), dtype=np.uint16)
    written = stored[..., [2, 1, 0, 3][: channels[0]]] if channels else stored
    path = tmp_path / f"a.{extension}"
    cv2.imwrite(str(path), written)
    np.testing.assert_array_equal(read_bands(path), stored.reshape(5, 4, -1))
    assert is_deep(path)


def test_a_palette_gives_its_colours_and_one_bit_black_and_white(tmp_path):
    image = Image.fromarray(noise(5, 4)).convert("L").convert("P", palette=Image.Palette.ADAPTIVE)
    image.save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_bands(tmp_path / "p.png"), np.asarray(image.convert("RGB")))
    Image.fromarray(noise(5, 4) > 127).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_bands(tmp_path / "b.png")[..., 0], (noise(5, 4) > 127) * 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_file_is_turned_back(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("a.png", "a.tif"):
        path = save(tmp_path / name, noise(5, 4, 3), exif=exif)
        with Image.open(path) as image:
            expected = image.convert("RGB") if name == "a.tif" else None
            pixels = np.asarray(expected) if expected else None
        if pixels is not None:
            np.testing.assert_array_equal(read_bands(path), pixels)
        assert read_bands(path).shape[:2] == ((4, 5) if orientation > 4 else (5, 4))
