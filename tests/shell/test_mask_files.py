"""Masks keep their ids exactly, whatever file holds them; colours and planes are read where they are asked for."""

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from segcore.errors import DataError
from segshell import images, mask_files
from tests.shell.pictures import noise, png, save

RGB = noise(9, 13, 3)
GREY = noise(9, 13, seed=1)
PALETTE = [value for index in range(256) for value in (index, 255 - index, (index * 7) % 256)]


def code(caught) -> str:
    return caught.value.findings[0].code


def refused(read, path, expected: str) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
    assert code(caught) == expected
    assert caught.value.exit_code == 3
    assert str(path) in str(caught.value)
    return str(caught.value)


def palette_image(indices: np.ndarray) -> Image.Image:
    image = Image.fromarray(indices).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(PALETTE)
    return image


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 9), st.sampled_from(["png", "bmp", "tif"]))
@settings(max_examples=40, deadline=None)
def test_mask_ids_come_back_exactly_in_every_format_without_loss(
    tmp_path_factory, height, width, seed, extension
):
    ids = noise(height, width, seed=seed)
    path = save(tmp_path_factory.mktemp("m") / f"m.{extension}", ids)
    np.testing.assert_array_equal(images.read_mask(path), ids)


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("colour", [0, 3])
def test_ids_of_few_bits_are_not_stretched_in_a_mask(tmp_path, bits, colour):
    """Grey (0) and palette (3) PNG of 1, 2 and 4 bits hold the ids 0 to 2**bits - 1."""
    ids = np.arange(2**bits).repeat(8 // bits)[None].astype(np.uint8)
    packed = np.packbits(np.unpackbits(ids[0][:, None], axis=1)[:, 8 - bits :])
    extra = [(b"PLTE", bytes(PALETTE[: 3 * 2**bits]))] if colour == 3 else []
    (tmp_path / "m.png").write_bytes(png(ids.size, 1, bits, colour, b"\0" + packed.tobytes(), *extra))
    np.testing.assert_array_equal(images.read_mask(tmp_path / "m.png"), ids)
    if colour == 0:
        expected = ids.astype(int) * 255 // (2**bits - 1)
        np.testing.assert_array_equal(images.read_image(tmp_path / "m.png")[..., 0], expected)


def test_channels_that_differ_are_refused(tmp_path):
    refused(images.read_mask, save(tmp_path / "a.png", RGB), "mask-channels")
    deep = np.dstack([GREY.astype(np.uint16) * 257] * 3)
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    refused(images.read_mask, tmp_path / "deep.png", "mask-channels")


def test_equal_channels_and_alpha_are_read_as_one(tmp_path):
    for name, array in (
        ("rgb", np.dstack([GREY] * 3)),
        ("rgba", np.dstack([GREY, GREY, GREY, GREY.T.reshape(9, 13)])),
    ):
        np.testing.assert_array_equal(images.read_mask(save(tmp_path / f"{name}.png", array)), GREY)


def test_a_palette_and_an_rgb_file_give_their_colours_where_asked_for(tmp_path):
    palette_image(GREY).save(tmp_path / "p.png")
    colours = mask_files.read_colours(tmp_path / "p.png")
    np.testing.assert_array_equal(colours, np.reshape(PALETTE, (256, 3))[GREY])
    np.testing.assert_array_equal(mask_files.read_colours(save(tmp_path / "c.png", RGB)), RGB)
    np.testing.assert_array_equal(mask_files.read_colours(save(tmp_path / "g.png", GREY)), GREY)


@pytest.mark.parametrize("planes", [2, 3, 4, 7])
def test_planes_are_the_channels_or_pages_of_a_file(tmp_path, planes):
    stored = noise(6, 5, planes, top=2)
    tifffile.imwrite(tmp_path / "contig.tif", stored, photometric="minisblack", planarconfig="contig")
    tifffile.imwrite(tmp_path / "pages.tif", np.moveaxis(stored, 2, 0), photometric="minisblack")
    names = ["contig.tif", "pages.tif"]
    if planes > 2:
        names += ["a.png"] if planes < 5 else []
    for name in names:
        if name == "a.png":
            save(tmp_path / name, stored)
        np.testing.assert_array_equal(mask_files.read_planes(tmp_path / name), stored)
    np.testing.assert_array_equal(mask_files.read_planes(save(tmp_path / "g.png", GREY)), GREY[..., None])
