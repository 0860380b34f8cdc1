"""A TIFF's chain of pages ends, and each of its strips is there and holds what its size says."""

import struct
import zlib

import numpy as np
import pytest
import tifffile

from segshell import tiff_files
from segshell.tiff_structure import MOST_PAGES, check_places, check_segments, page_count
from tests.shell.pictures import noise


def pages_of(path):
    with tifffile.TiffFile(path) as file:
        return list(file.pages)


@pytest.mark.parametrize("is_big", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("pages", [1, 2, 5])
def test_pages_are_counted_as_tifffile_counts_them(tmp_path, pages, order, is_big):
    with tifffile.TiffWriter(tmp_path / "a.tif", bigtiff=is_big, byteorder=order) as writer:
        for seed in range(pages):
            writer.write(noise(4, 5, seed=seed), photometric="minisblack", contiguous=False)
    assert page_count(tmp_path / "a.tif") == len(pages_of(tmp_path / "a.tif")) == pages


def chain(*offsets):
    """Return a TIFF of empty pages, one after the other, each leading to an offset."""
    return b"II*\0" + struct.pack("<I", 8) + b"".join(struct.pack("<HI", 0, one) for one in offsets)


def test_a_circle_of_pages_is_told_and_a_chain_without_end_is_not_walked(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(chain(14, 20, 8))
    with pytest.raises(ValueError, match="circle"):
        page_count(path)
    path.write_bytes(chain(*(14 + 6 * number for number in range(5 * MOST_PAGES))))
    assert page_count(path) == MOST_PAGES + 1


def test_a_file_that_ends_within_a_page_is_an_error(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\0" + struct.pack("<I", 80))
    with pytest.raises(struct.error):
        page_count(tmp_path / "a.tif")


def test_strips_and_tiles_that_lie_nowhere_are_missing():
    check_places({273: (8, 80), 279: (9, 9), 256: 0})
    for tags in ({273: (8, 0)}, {279: (0,)}, {324: (0, 8)}, {325: (9, 0)}):
        with pytest.raises(ValueError, match="missing"):
            check_places(tags)


@pytest.mark.parametrize("options", [{"rowsperstrip": 3}, {"tile": (16, 16)}, {"planarconfig": "separate"}])
@pytest.mark.parametrize("compression", [None, "deflate", "lzma"])
def test_sound_strips_and_tiles_pass(tmp_path, compression, options):
    bands = noise(20, 30, 5).astype(np.uint16)
    bands = np.moveaxis(bands, 2, 0) if "planarconfig" in options else bands
    layout = {"planarconfig": "contig", "photometric": "minisblack", "compression": compression} | options
    tifffile.imwrite(tmp_path / "a.tif", bands, **layout)
    (page,) = pages_of(tmp_path / "a.tif")
    check_segments(page, tmp_path / "a.tif")
    assert tiff_files.read(tmp_path / "a.tif").shape == (20, 30, 5)


def test_a_strip_that_inflates_to_more_than_its_rows_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, noise(4, 5, 6), photometric="minisblack", planarconfig="contig", compression="deflate"
    )
    (page,) = pages_of(path)
    bomb, start = zlib.compress(bytes(1 << 20)), path.stat().st_size
    path.write_bytes(path.read_bytes() + bomb)
    page.dataoffsets, page.databytecounts = (start,), (len(bomb),)
    with pytest.raises(ValueError, match="holds more"):
        check_segments(page, path)
    page.databytecounts = (len(bomb) + 1,)
    with pytest.raises(ValueError, match="cut off"):
        check_segments(page, path)
    page.databytecounts = (0,)
    with pytest.raises(ValueError, match="missing"):
        check_segments(page, path)


def test_a_tile_far_larger_than_its_picture_is_refused(tmp_path):
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, noise(4, 5), photometric="minisblack", tile=(16, 16))
    (page,) = pages_of(path)
    page.tilelength = page.tilewidth = 1 << 15
    with pytest.raises(ValueError, match="tiles of 32768 x 32768"):
        check_segments(page, path)
