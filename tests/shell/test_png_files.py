"""A PNG whose bytes were damaged in place is an error, wherever that is."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segcore.errors import DataError
from segshell import images, png_files
from tests.shell.pictures import noise, png, save


def whole():
    buffer = io.BytesIO()
    Image.fromarray(noise(9, 13, 3)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_sound_file_and_one_that_is_no_png_pass():
    png_files.check(whole())
    png_files.check(whole() + b"what follows the end mark")
    png_files.check(b"no png")


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_of_the_pixels_is_found(place, change):
    content = bytearray(whole())
    start, end = content.index(b"IDAT"), content.index(b"IEND") - 4
    content[start + 4 + place % (end - start - 4)] ^= change
    with pytest.raises(ValueError, match="IDAT chunk at byte"):
        png_files.check(bytes(content))


@pytest.mark.parametrize("kind", [b"tEXt", b"eXIf", b"tRNS", b"\xff\xfe!!"])
def test_a_damaged_chunk_of_any_kind_is_found(kind):
    """A turn stands in one of them, and a file that is damaged here may be damaged where nobody sees it."""
    rows = b"".join(b"\0" + bytes(4) for _ in range(3))
    content = bytearray(png(4, 3, 8, 0, rows, (kind, b"who\0knows")))
    png_files.check(bytes(content))
    content[content.index(b"knows")] ^= 1
    with pytest.raises(ValueError, match="chunk at byte 33 is damaged"):
        png_files.check(bytes(content))


def test_pixels_that_were_changed_in_place_are_never_read(tmp_path):
    """Fault 32: without `segshell.png_files` Pillow reads other pixels than were written, and says nothing."""
    path = save(tmp_path / "a.png", noise(9, 13))
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"IDAT") + 20] ^= 64
    path.write_bytes(damaged)
    for read in (images.read_image, images.read_mask):
        with pytest.raises(DataError, match=r"a\.png.*IDAT") as caught:
            read(path)
        assert caught.value.findings[0].code == "unreadable-image"
