"""A JPEG that ends too early is an error, whatever fills the place of what is lost; others are as Pillow gives them."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

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


SIDES = st.integers(1, 70)
OPTIONS = st.fixed_dictionaries(
    {"quality": st.integers(1, 100), "progressive": st.booleans(), "optimize": st.booleans()},
    optional={"subsampling": st.sampled_from([0, 1, 2]), "restart_marker_blocks": st.integers(1, 9)},
)


def stored(pixels, form="JPEG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def by_pillow(content, channels=3):
    """Return what Pillow alone gives for the bytes of a JPEG, or None where it raises."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
            return np.asarray(image.convert(mode)).reshape(image.height, image.width, channels)
    except (OSError, SyntaxError, ValueError):
        return None


@given(st.tuples(SIDES, SIDES), st.sampled_from([(None, 1), (None, 3), (3, 3)]), OPTIONS, st.integers(0, 99))
@settings(max_examples=150)
def test_a_plain_file_is_decoded_as_pillow_decodes_it(size, kind, options, seed):
    """Fault 33: with OpenCV's order of colours, or its own rule for grey, training would see other pixels."""
    of_file, channels = kind
    content = stored(noise(*size, of_file, seed=seed) if of_file else noise(*size, seed=seed), **options)
    pixels = jpeg_files.decoded(content, "RGB" if of_file else "L", channels)
    np.testing.assert_array_equal(pixels, by_pillow(content, channels))


@pytest.mark.parametrize(("mode", "channels"), [("RGB", 1), ("RGB", 4), ("L", 4), ("CMYK", 3)])
def test_what_pillow_converts_by_its_own_rules_is_left_to_it(tmp_path, mode, channels):
    path = tmp_path / "a.jpg"
    Image.fromarray(noise(9, 13, 3)).convert(mode).save(path)
    assert jpeg_files.decoded(path.read_bytes(), mode, channels) is None
    np.testing.assert_array_equal(images.read_image(path, channels), by_pillow(path.read_bytes(), channels))


@given(st.booleans(), st.data())
@settings(max_examples=150)
def test_a_damaged_file_is_never_decoded_where_pillow_refuses_it_or_to_other_pixels(progressive, data):
    """Fault 32: without `_ends_with_its_scans` OpenCV lets damage pass that follows the last row of pixels."""
    content = bytearray(whole(progressive=progressive))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(2, len(content) - 3))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    damaged = bytes(content) + jpeg_files.END
    pixels = jpeg_files.decoded(damaged, "RGB", 3)
    if pixels is not None:
        np.testing.assert_array_equal(pixels, by_pillow(damaged))


def test_damage_after_the_last_row_is_an_error_though_opencv_decodes_it(tmp_path):
    damaged = whole()[:-2] + b"\xff\xd8" + jpeg_files.END
    assert cv2.imdecode(np.frombuffer(damaged, np.uint8), cv2.IMREAD_COLOR) is not None
    (tmp_path / "a.jpg").write_bytes(damaged)
    with pytest.raises(DataError, match=r"a\.jpg: cannot be read"):
        images.read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_camera_s_turn_is_applied_once(tmp_path, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    path = save(tmp_path / "a.jpg", noise(9, 13, 3), exif=exif)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(images.read_image(path), expected)


def test_of_a_file_with_several_pictures_the_first_is_read(tmp_path):
    first, second = (Image.fromarray(noise(9, 13, 3, seed=seed)) for seed in (0, 1))
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    content = (tmp_path / "a.jpg").read_bytes()
    np.testing.assert_array_equal(images.read_image(tmp_path / "a.jpg"), by_pillow(content))
