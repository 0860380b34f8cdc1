"""Each odd kind of image file is read by one rule; what cannot be read exactly is an error with its name."""

import io

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from segcore.errors import DataError
from segshell import image_files, images
from segshell.picture_limits import FILE_FAULTS
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


def pixels_or_none(read, path):
    try:
        return read(path)
    except DataError:
        return None


def palette_image(indices: np.ndarray) -> Image.Image:
    image = Image.fromarray(indices).convert("L")
    image = Image.frombytes("P", image.size, image.tobytes())
    image.putpalette(PALETTE)
    return image


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.ppm", "a.PNG", "a.b.png"])
def test_an_rgb_file_without_loss_gives_its_own_pixels(tmp_path, name):
    np.testing.assert_array_equal(images.read_image(save(tmp_path / name, RGB)), RGB)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 30}])
def test_a_jpg_gives_what_pillow_gives(tmp_path, options):
    path = save(tmp_path / "a.jpg", RGB, **options)
    np.testing.assert_array_equal(images.read_image(path), np.asarray(Image.open(path)))


def test_grey_is_repeated_and_one_channel_is_luma(tmp_path):
    grey = images.read_image(save(tmp_path / "g.png", GREY))
    np.testing.assert_array_equal(grey, np.stack([GREY] * 3, axis=-1))
    luma = images.read_image(save(tmp_path / "c.png", RGB), channels=1)
    assert luma.shape == (9, 13, 1)
    np.testing.assert_allclose(luma[..., 0], RGB @ [0.299, 0.587, 0.114], atol=0.6)


def test_the_extension_does_not_decide(tmp_path):
    save(tmp_path / "a.png", RGB).rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(images.read_image(tmp_path / "a.jpg"), RGB)


def test_other_channel_counts_are_a_callers_mistake(tmp_path):
    with pytest.raises(ValueError, match="channels must be 1, 3 or 4"):
        images.read_image(save(tmp_path / "a.png", RGB), channels=2)


def test_alpha_is_dropped_and_not_blended(tmp_path):
    path = save(tmp_path / "a.png", np.dstack([RGB, noise(9, 13, seed=2)]))
    np.testing.assert_array_equal(images.read_image(path), RGB)
    Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(noise(9, 13, seed=3))]).save(
        tmp_path / "la.png"
    )
    np.testing.assert_array_equal(images.read_image(tmp_path / "la.png")[..., 1], GREY)


@pytest.mark.parametrize("transparency", [None, 3, bytes(range(256))])
def test_a_palette_is_colours_in_an_image_and_indices_in_a_mask(tmp_path, transparency):
    options = {} if transparency is None else {"transparency": transparency}
    palette_image(GREY).save(tmp_path / "p.png", **options)
    np.testing.assert_array_equal(images.read_image(tmp_path / "p.png"), np.reshape(PALETTE, (256, 3))[GREY])
    np.testing.assert_array_equal(images.read_mask(tmp_path / "p.png"), GREY)


def test_sixteen_bits_give_their_high_byte_in_an_image_whether_grey_or_colour(tmp_path):
    deep = np.random.default_rng(4).integers(0, 65536, (7, 5, 3), dtype=np.uint16)
    cv2.imwrite(str(tmp_path / "c.png"), deep[..., ::-1])
    np.testing.assert_array_equal(images.read_image(tmp_path / "c.png"), deep // 256)
    for name in ("g.png", "g.tif"):
        cv2.imwrite(str(tmp_path / name), deep[..., 0])
        np.testing.assert_array_equal(
            images.read_image(tmp_path / name), np.dstack([deep[..., 0] // 256] * 3)
        )
        np.testing.assert_array_equal(images.read_mask(tmp_path / name), deep[..., 0])
        assert images.read_mask(tmp_path / name).dtype == np.uint16


def test_deep_integers_are_read_while_they_fit_and_floats_never(tmp_path):
    wide = np.array([[0, 300], [65535, 7]], np.int32)
    np.testing.assert_array_equal(images.read_mask(save(tmp_path / "i.tif", wide)), wide)
    refused(images.read_mask, save(tmp_path / "j.tif", wide - 1), "pixel-type")
    refused(images.read_image, save(tmp_path / "k.tif", wide * 2), "pixel-type")
    refused(images.read_image, save(tmp_path / "f.tif", wide.astype(np.float32)), "pixel-type")


def test_cmyk_becomes_rgb_as_pillow_converts_it(tmp_path):
    Image.fromarray(np.dstack([RGB, GREY]), "CMYK").save(tmp_path / "c.jpg")
    expected = np.asarray(Image.open(tmp_path / "c.jpg").convert("RGB"))
    np.testing.assert_array_equal(images.read_image(tmp_path / "c.jpg"), expected)
    refused(images.read_mask, tmp_path / "c.jpg", "mask-channels")


TURNS = {  # EXIF 2.3, tag 0x0112: where row 0 and column 0 of the stored picture belong
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(np.transpose(stored), 2),
    8: np.rot90,
}


@pytest.mark.parametrize(
    ("extension", "options"), [("png", {}), ("tif", {}), ("tif", {"compression": "tiff_lzw"})]
)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_turn_is_applied_to_image_mask_and_header_alike(tmp_path, orientation, extension, options):
    """Fault 33: without `turned` in `segshell.image_files.header` a mask would be asked for the size that is not."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = noise(8, 20)
    path = save(tmp_path / f"a.{extension}", stored, exif=exif, **options)
    expected = TURNS.get(orientation, np.array)(stored)
    np.testing.assert_array_equal(images.read_image(path)[..., 0], expected)
    np.testing.assert_array_equal(images.read_mask(path), expected)
    assert images.header(path) == (*expected.shape, "L")


@pytest.mark.parametrize("extension", ["jpg", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_with_loss_are_turned_as_pillow_turns_them(tmp_path, orientation, extension):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{extension}", noise(8, 20, 3), exif=exif)
    np.testing.assert_array_equal(
        images.read_image(path), np.asarray(ImageOps.exif_transpose(Image.open(path)))
    )


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_turn_that_does_not_exist_is_none(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(images.read_image(save(tmp_path / "a.png", RGB, exif=exif)), RGB)


def test_a_broken_exif_block_is_a_warning_and_the_picture_stays_upright(tmp_path, caplog):
    path = save(tmp_path / "a.png", RGB, exif=b"Exif\0\0no tiff header here")
    np.testing.assert_array_equal(images.read_image(path), RGB)
    assert "a.png" in caplog.text
    assert "EXIF" in caplog.text


@pytest.mark.parametrize("extension", ["gif", "tif", "png", "webp"])
def test_several_frames_are_refused_with_their_number(tmp_path, extension):
    frames = [Image.fromarray(noise(8, 8, 3, seed=seed)) for seed in range(3)]
    path = tmp_path / f"a.{extension}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    for read in (images.read_image, images.read_mask, images.header):
        assert "3 frames" in refused(read, path, "several-frames")


def test_of_a_phones_multi_picture_jpg_the_first_is_read(tmp_path):
    first, second = (Image.fromarray(np.full((16, 16, 3), value, np.uint8)) for value in (50, 200))
    path = tmp_path / "a.jpg"
    first.save(path, format="MPO", save_all=True, append_images=[second])
    with Image.open(path) as image:
        assert image.n_frames == 2
    np.testing.assert_allclose(images.read_image(path), np.asarray(first), atol=2)


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>404 Not Found</body></html>", b"\xff\xd8\xff", bytes(200)]
)
def test_what_is_no_image_is_named_with_the_reason(tmp_path, data):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    for read in (images.read_image, images.read_mask, images.header):
        message = refused(read, path, "unreadable-image")
    assert "the file is empty" in message if not data else True
    assert "<html" in message if data.startswith(b"<") else True


def test_a_missing_file_and_a_folder_are_typed_errors(tmp_path):
    assert "No such file" in refused(images.read_image, tmp_path / "absent.png", "unreadable-image")
    assert "directory" in refused(images.read_image, tmp_path, "unreadable-image")


def test_a_picture_for_which_there_is_no_memory_is_no_fault_of_its_file(tmp_path):
    """It is not left out with those that cannot be read: what is trained on would depend on the machine."""
    path = save(tmp_path / "a.png", RGB)
    with pytest.raises(DataError) as caught, image_files.opened(path):
        raise MemoryError
    assert code(caught) == "image-memory"
    assert "image-memory" not in FILE_FAULTS


KINDS = [
    ("jpg", {}),
    ("jpg", {"progressive": True}),
    ("png", {}),
    ("bmp", {}),
    ("tif", {}),
    ("tif", {"compression": "tiff_lzw"}),
    ("tif", {"compression": "jpeg"}),
    ("gif", {}),
    ("webp", {}),
    ("jp2", {"irreversible": False}),
    ("ppm", {}),
    ("avif", {}),
]


@pytest.mark.parametrize(("extension", "options"), KINDS)
def test_a_truncated_file_is_an_error_or_gives_every_pixel(tmp_path, extension, options):
    """Fault 32: without `_DECODER_FAULTS` and strict decoders a cut file is a traceback, or a picture half grey."""
    whole = save(tmp_path / f"whole.{extension}", noise(40, 50, 3), **options)
    expected, data = images.read_image(whole), whole.read_bytes()
    path = tmp_path / f"cut.{extension}"
    for twentieth in range(20):
        path.write_bytes(data[: len(data) * twentieth // 20])
        refused(images.read_image, path, "unreadable-image")
        path.write_bytes(path.read_bytes() + bytes(len(data) - path.stat().st_size))
        assert pixels_or_none(images.read_image, path) is None or extension not in {
            "jpg",
            "png",
            "gif",
            "jp2",
        }
    for lost in range(1, 12):
        path.write_bytes(data[:-lost])
        given_back = pixels_or_none(images.read_image, path)
        assert given_back is None or np.array_equal(given_back, expected)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_give_pixels_or_a_data_error_and_nothing_else(tmp_path_factory, data):
    extension, options = data.draw(st.sampled_from(KINDS))
    buffer = io.BytesIO()
    Image.fromarray(noise(6, 7, 3)).save(
        buffer, {"jpg": "JPEG", "tif": "TIFF", "jp2": "JPEG2000"}.get(extension, extension), **options
    )
    damaged = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("d") / f"d.{extension}"
    path.write_bytes(damaged)
    for read in (images.read_image, images.read_mask):
        pixels = pixels_or_none(read, path)
        assert pixels is None or pixels.dtype in (np.uint8, np.uint16)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (300, 1)])
def test_pictures_of_one_pixel_or_one_line_work(tmp_path, height, width):
    pixels = noise(height, width, 3)
    np.testing.assert_array_equal(images.read_image(save(tmp_path / "a.png", pixels)), pixels)


@pytest.mark.parametrize("side", [9_460, 20_000, 60_000])
def test_a_bomb_is_refused_from_its_header(tmp_path, side):
    """A file that claims too many pixels is refused although none of them exists."""
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side, 8, 2, b""))
    for read in (images.read_image, images.read_mask, images.header):
        refused(read, path, "image-too-large")
