"""A TIFF of any layout gives its bands; what is hostile or damaged is an error with its name."""

import struct

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell import tiff_files
from tests.shell.pictures import noise, save


def code(call):
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.findings[0].code


def bands_or_none(path):
    try:
        return tiff_files.read(path)
    except DataError:
        return None


def test_only_a_tiff_is_one(tmp_path):
    assert tiff_files.is_tiff(save(tmp_path / "a.tif", noise(3, 4)))
    assert not tiff_files.is_tiff(save(tmp_path / "a.png", noise(3, 4)))
    assert not tiff_files.is_tiff(tmp_path / "gone.tif")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_a_layout_is_told_without_decoding_and_kept_by_the_pixels(tmp_path, dtype, compression):
    bands = noise(6, 5, 3).astype(dtype)
    tifffile.imwrite(
        tmp_path / "a.tif", bands, photometric="minisblack", planarconfig="contig", compression=compression
    )
    assert tiff_files.layout(tmp_path / "a.tif") == tiff_files.Layout(6, 5, 3, np.dtype(dtype).name)
    found = tiff_files.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(found, bands)
    assert found.dtype == dtype


def test_reduced_copies_are_no_bands(tmp_path):
    """A cloud-optimised GeoTIFF keeps smaller copies of itself as further pages."""
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(noise(8, 8), photometric="minisblack")
        writer.write(noise(4, 4), photometric="minisblack", subfiletype=1)
    np.testing.assert_array_equal(tiff_files.read(tmp_path / "a.tif")[..., 0], noise(8, 8))


def test_pages_of_other_sizes_are_refused(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(noise(8, 8), photometric="minisblack")
        writer.write(noise(4, 4), photometric="minisblack")
    assert code(lambda: tiff_files.read(tmp_path / "a.tif")) == "several-frames"


def claimed(height, width, samples):
    """Return the bytes of a TIFF that claims a size and holds no pixel."""
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, samples), (278, 4, 1, height), (279, 4, 1, 1)]
    body = b"".join(struct.pack("<HHII", *one) for one in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + bytes(4)


@pytest.mark.parametrize("size", [(20_000, 20_000, 1), (9_000, 9_000, 60), (10, 10, 1000)])
def test_what_is_too_large_is_refused_from_the_header(tmp_path, size):
    (tmp_path / "bomb.tif").write_bytes(claimed(*size))
    for read in (tiff_files.layout, tiff_files.read):
        assert code(lambda read=read: read(tmp_path / "bomb.tif")) == "image-too-large"


def written(path, bands, kind):
    """Write bands (h, w, n) as one of several kinds of TIFF."""
    if kind == "lzw":
        cv2.imwritemulti(str(path), [np.ascontiguousarray(bands[..., k]) for k in range(bands.shape[2])])
    else:
        layout = {
            "deflate": {"compression": "deflate"},
            "tiled": {"compression": "deflate", "tile": (16, 16)},
        }
        tifffile.imwrite(path, bands, photometric="minisblack", planarconfig="contig", **layout.get(kind, {}))


@pytest.mark.parametrize("kind", ["raw", "deflate", "tiled", "lzw"])
def test_a_file_that_was_cut_off_is_an_error_or_gives_every_pixel(tmp_path, kind):
    """Fault 32: without the except of `segshell.tiff_files` a cut file is a traceback of the reader that it meets."""
    path, bands = tmp_path / "a.tif", noise(40, 50, 5, top=40)
    written(path, bands, kind)
    np.testing.assert_array_equal(tiff_files.read(path), bands)
    content = path.read_bytes()
    for twentieth in range(20):
        path.write_bytes(content[: len(content) * twentieth // 20])
        found = bands_or_none(path)
        # Pages that are lost as a whole are bands that the network's number of channels asks for.
        assert found is None or np.array_equal(found, bands[..., : found.shape[2]])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_bytes_give_bands_or_a_data_error_and_nothing_else(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("t") / "a.tif"
    tifffile.imwrite(path, noise(4, 5, 6), photometric="minisblack", planarconfig="contig")
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    assert bands_or_none(path) is None or bands_or_none(path).ndim == 3
