"""The golden table of odd pictures: one rule each, with Pillow as oracle; ids of masks are kept, and turns agree."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from segcore.errors import DataError
from segshell import images
from segshell.image_reader import ImageReader
from tests.shell.pictures import noise

RGB = noise(9, 13, 3)
IDS = noise(9, 13, seed=1, top=5)
PALETTE = [value for index in range(256) for value in (index, 255 - index, index * 7 % 256)]


def palette(pixels):
    """Return ids with a palette of other colours."""
    image = Image.frombytes("P", pixels.shape[::-1], pixels.tobytes())
    image.putpalette(PALETTE)
    return image


def without_alpha(image):
    """Return the colours as they are stored: Pillow's conversion leaves them alone."""
    return image.convert("RGBA").convert("RGB")


ALPHA = Image.fromarray(noise(9, 13, seed=2))
GREY, COLOUR = Image.fromarray(IDS), Image.fromarray(RGB)
BITS = Image.fromarray(IDS > 1)
DEEP = Image.fromarray(IDS.astype(np.uint16) * 300 + 5)
# In the file, the formats that hold it, what Pillow says that the image is, and the ids of the mask or a code.
KINDS = {
    "grey": (GREY, "png bmp tif", lambda image: image.convert("RGB"), IDS),
    "grey and alpha": (Image.merge("LA", [GREY, ALPHA]), "png tif", without_alpha, IDS),
    "colours": (COLOUR, "png bmp tif webp", lambda image: image, "mask-channels"),
    "colours that agree": (GREY.convert("RGB"), "png bmp tif", lambda image: image, IDS),
    "colours and alpha": (
        Image.merge("RGBA", [*COLOUR.split(), ALPHA]),
        "png tif",
        without_alpha,
        "mask-channels",
    ),
    "1 bit": (
        BITS,
        "png bmp tif",
        lambda image: image.convert("L").convert("RGB"),
        (IDS > 1).astype(np.uint8),
    ),
    "palette": (palette(IDS), "png bmp gif tif", lambda image: image.convert("RGB"), IDS),
    "16 bits": (
        DEEP,
        "png tif",
        lambda image: Image.fromarray((np.asarray(image) // 256).astype(np.uint8)).convert("RGB"),
        np.asarray(DEEP),
    ),
    "CMYK": (COLOUR.convert("CMYK"), "jpg tif", lambda image: image.convert("RGB"), "mask-channels"),
}
TABLE = [(kind, extension) for kind, row in KINDS.items() for extension in row[1].split()]


def code(call):
    """Return the code of what a call raises."""
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.findings[0].code


@pytest.mark.parametrize(("kind", "extension"), TABLE)
def test_every_kind_of_picture_is_read_by_its_one_rule(tmp_path, kind, extension):
    """Fault 33: without the rules of `segshell.mask_files` a palette gives colours, and 1 bit the value 255."""
    stored, _, rule, ids = KINDS[kind]
    path = tmp_path / f"a.{extension}"
    stored.save(path, **({"lossless": True} if extension == "webp" else {}))
    with Image.open(path) as kept:
        np.testing.assert_array_equal(images.read_image(path), np.asarray(rule(kept)))
    if isinstance(ids, str):
        assert code(lambda: images.read_mask(path)) == ids
    else:
        np.testing.assert_array_equal(images.read_mask(path), ids)


@pytest.mark.parametrize("extension", ["png", "tif"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_image_and_mask_get_the_same_turn_and_ids_stay(tmp_path, turn, extension):
    """Fault 33: without `upright` in `segshell.mask_files` the mask of a phone's picture would lie on its side."""
    exif = Image.Exif()
    exif[0x0112] = turn
    COLOUR.save(tmp_path / f"i.{extension}", exif=exif)
    palette(IDS).save(tmp_path / f"m.{extension}", exif=exif)
    unturned = io.BytesIO()
    GREY.save(unturned, "png", exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(unturned)))
    mask, image = (
        images.read_mask(tmp_path / f"m.{extension}"),
        images.read_image(tmp_path / f"i.{extension}"),
    )
    np.testing.assert_array_equal(mask, expected)
    assert image.shape[:2] == mask.shape
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}[
        turn
    ]
    assert image[corner].tolist() == RGB[0, 0].tolist()


@pytest.mark.parametrize("extension", ["gif", "tif", "png", "webp"])
def test_of_several_frames_none_is_taken_for_the_picture(tmp_path, extension):
    """Fault 33: without `_refuse_shape` the first frame of an animation would be read and the others dropped."""
    frames = [Image.fromarray(noise(8, 8, 3, seed=seed)) for seed in range(3)]
    path = tmp_path / f"a.{extension}"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert {code(lambda read=read: read(path)) for read in (images.read_image, images.read_mask)} == {
        "several-frames"
    }


def test_pages_of_a_tiff_are_bands_only_where_more_than_the_usual_ones_are_asked_for(tmp_path):
    """Fault 33: without the number of bands in `segcore.channels.selected` pages would be dropped."""
    pages = noise(5, 6, 7)
    tifffile.imwrite(tmp_path / "a.tif", np.moveaxis(pages, 2, 0), photometric="minisblack")
    np.testing.assert_array_equal(ImageReader(count=7).read(tmp_path / "a.tif"), pages)
    assert code(lambda: ImageReader(count=5).read(tmp_path / "a.tif")) == "image-channels"
    assert code(lambda: ImageReader().read(tmp_path / "a.tif")) == "several-frames"
