"""Grey, alpha, deep and many-band images become the channels that a config asks for."""

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from segcore.errors import DataError
from segshell.image_reader import ImageReader
from tests.shell.pictures import noise, save

RGB, GREY = noise(9, 13, 3), noise(9, 13, seed=1)
RGBA = noise(9, 13, 4, seed=2)


def refused(read, path, expected):
    with pytest.raises(DataError, match=path.name) as caught:
        read(path)
    assert caught.value.findings[0].code == expected


def test_the_number_of_channels_says_what_is_read(tmp_path):
    path = save(tmp_path / "a.png", RGBA)
    np.testing.assert_array_equal(ImageReader(count=4).read(path), RGBA)
    np.testing.assert_array_equal(ImageReader(count=3).read(path), RGBA[..., :3])
    luma = np.asarray(Image.fromarray(RGBA[..., :3]).convert("L"))
    np.testing.assert_array_equal(ImageReader(count=1).read(path)[..., 0], luma)
    refused(ImageReader(count=2).read, path, "image-channels")


def test_grey_is_repeated_and_alpha_added_where_there_is_none(tmp_path):
    path = save(tmp_path / "g.png", GREY)
    np.testing.assert_array_equal(ImageReader("grey", count=3).read(path), np.dstack([GREY] * 3))
    np.testing.assert_array_equal(
        ImageReader(count=4).read(path), np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)])
    )


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_channels_are_listed_as_they_are_stored(tmp_path, name):
    path = save(tmp_path / name, RGBA)
    np.testing.assert_array_equal(ImageReader((3, 0), count=2).read(path), RGBA[..., [3, 0]])


@pytest.mark.parametrize("layout", ["contig", "separate", "pages"])
@pytest.mark.parametrize("count", [2, 5, 7])
def test_bands_of_a_tiff_are_read_however_they_lie(tmp_path, layout, count):
    bands, path = noise(6, 5, count), tmp_path / "b.tif"
    if layout == "contig":
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig=layout)
    else:
        stacked = np.moveaxis(bands, 2, 0)
        options = {"planarconfig": layout} if layout == "separate" else {}
        tifffile.imwrite(path, stacked, photometric="minisblack", **options)
    np.testing.assert_array_equal(ImageReader(count=count).read(path), bands)
    np.testing.assert_array_equal(ImageReader((1, 0, 1), count=3).read(path), bands[..., [1, 0, 1]])
    assert ImageReader(count=count).header(path) == (6, 5)


def test_a_many_band_tiff_is_no_colour_picture_by_chance(tmp_path):
    tifffile.imwrite(tmp_path / "b.tif", noise(6, 5, 5), photometric="minisblack", planarconfig="contig")
    refused(ImageReader().read, tmp_path / "b.tif", "image-channels")


DEEP = np.random.default_rng(3).integers(0, 4096, (7, 6, 3), dtype=np.uint16)


@pytest.mark.parametrize("name", ["c.png", "c.tif"])
def test_a_range_brings_deep_colours_to_a_byte_and_without_one_the_high_byte_counts(tmp_path, name):
    cv2.imwrite(str(tmp_path / name), DEEP[..., ::-1])
    np.testing.assert_array_equal(ImageReader().read(tmp_path / name), DEEP // 256)
    spread = ImageReader(range=(0, 4095)).read(tmp_path / name)
    np.testing.assert_allclose(spread, DEEP / 4095 * 255, atol=0.51)
    np.testing.assert_array_equal(
        ImageReader((2, 1), (0, 4095), 2).read(tmp_path / name), spread[..., [2, 1]]
    )


def test_floating_point_needs_a_range(tmp_path):
    values = np.linspace(-1, 1, 20, dtype=np.float32).reshape(4, 5)
    tifffile.imwrite(tmp_path / "f.tif", values)
    refused(ImageReader(count=1).read, tmp_path / "f.tif", "pixel-type")
    found = ImageReader(range=(-1, 1), count=1).read(tmp_path / "f.tif")[..., 0]
    np.testing.assert_allclose(found, (values + 1) * 127.5, atol=0.51)


def test_a_range_leaves_files_of_eight_bits_alone(tmp_path):
    np.testing.assert_array_equal(ImageReader(range=(0, 9)).read(save(tmp_path / "a.png", RGB)), RGB)


def test_only_what_differs_from_the_default_is_part_of_the_meaning():
    assert ImageReader().meaning == ImageReader(count=7).meaning == ""
    other = (ImageReader("grey"), ImageReader((0,), count=1), ImageReader(range=(0, 1)))
    assert len({one.meaning for one in other} - {""}) == 3
    written = (ImageReader("rgb"), ImageReader("grey", count=1), ImageReader("rgba", count=4))
    assert {one.meaning for one in written} == {""}
    assert ImageReader("rgb", (0, 9)).meaning == ImageReader(range=(0.0, 9.0)).meaning
