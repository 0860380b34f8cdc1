"""A JPEG that ends too early is an error, whatever fills the place of what is lost."""

import io

import pytest
from PIL import Image

from segcore.errors import DataError
from segshell import images, jpeg_files
from tests.shell.pictures import noise, save


def whole(**options):
    buffer = io.BytesIO()
    Image.fromarray(noise(40, 50, 3)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


def preview():
    """Return an EXIF block that holds a complete JPEG, as cameras write it."""
    return b"Exif\0\0" + whole(quality=5)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_rows": 1}, {"exif": preview()}]
)
def test_the_end_mark_after_the_pixels_is_what_counts(options):
    content = whole(**options)
    jpeg_files.check(content)
    jpeg_files.check(content + b"what follows the end mark")
    with pytest.raises(ValueError, match="no end mark"):
        jpeg_files.check(content[:-2])


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"no picture", b"\xff\xd8\xff\xe0\xff\xff"]
)
def test_what_is_hardly_a_jpeg_has_no_end_mark(content):
    with pytest.raises(ValueError, match="no end mark"):
        jpeg_files.check(content)


def test_a_jpg_that_is_filled_up_with_zeros_is_never_read_as_grey(tmp_path):
    """Fault 32: without `segshell.jpeg_files` an interrupted download of full length is a picture, half of it grey."""
    path = save(tmp_path / "a.jpg", noise(40, 50, 3))
    content = path.read_bytes()
    for part in range(8, 20):
        kept = len(content) * part // 20
        path.write_bytes(content[:kept] + bytes(len(content) - kept))
        for read in (images.read_image, images.read_mask):
            with pytest.raises(DataError, match=r"a\.jpg: cannot be read") as caught:
                read(path)
            assert caught.value.findings[0].code == "unreadable-image"
