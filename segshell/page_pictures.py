"""Pictures of a page: an image, its truth, its prediction and its errors, small, as ``data:`` addresses."""

import base64
import io
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore import gallery
from segcore.gallery import Picked
from segcore.out_of_fold import OutOfFold
from segcore.raw_masks import VOID

LONGEST: Final = 256  # pixels of a side
_QUALITY = 85
_GROUND = (17, 17, 17)
_GREY = (128, 128, 128)
# Okabe and Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/: told apart by everyone. White for
# one class and for what is right, since it stands out in print too.
_SAFE = (
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (0, 114, 178),
    (240, 228, 66),
    (86, 180, 233),
    (213, 94, 0),
)
_ERRORS: Final = (
    (gallery.RIGHT, "right", (255, 255, 255)),
    (gallery.EXTRA, "too much (false positive)", (213, 94, 0)),
    (gallery.MISSED, "missed (false negative)", (86, 180, 233)),
    (gallery.CONFUSED, "another class", (240, 228, 66)),
    (gallery.UNCOUNTED, "does not count", _GREY),
)
_LAST = 255  # the colour of pixels that do not count, in the palette of classes


@frozen
class Colour:
    """A name of the legend, and its colour as CSS writes it."""

    name: str
    colour: str


@frozen
class Picture:
    """One picture: ``image``, ``truth``, ``prediction`` or ``errors``; `is_map` tells that its pixels are classes."""

    name: str
    uri: str = field(repr=False)
    is_map: bool


@frozen
class Shot:
    """The four pictures of an image, width and height in pixels, and what has to be said of them."""

    pick: Picked
    pictures: tuple[Picture, ...]
    width: int
    height: int
    note: str = ""

    @property
    def size(self) -> int:
        """Characters that the pictures take in a page."""
        return sum(len(one.uri) for one in self.pictures)


def class_colours(count: int) -> tuple[tuple[int, int, int], ...]:
    """Return one colour per class, RGB: white for a single one; of more than seven, evenly spread hues."""
    if count == 1:
        return ((255, 255, 255),)
    if count <= len(_SAFE):
        return _SAFE[:count]
    import colorsys

    hues = (colorsys.hsv_to_rgb(at / count, 0.75 if at % 2 else 0.5, 1.0) for at in range(count))
    return tuple((round(255 * r), round(255 * g), round(255 * b)) for r, g, b in hues)


def _css(colour: tuple[int, int, int]) -> str:
    return "#" + bytes(colour).hex()


def class_legend(names: tuple[str, ...], *, exclusive: bool) -> tuple[Colour, ...]:
    """Return the legend of truth and prediction; without the background, which is dark."""
    shown = names[1:] if exclusive else names
    return tuple(Colour(name, _css(one)) for name, one in zip(shown, class_colours(len(shown)), strict=True))


def error_legend(classes: int) -> tuple[Colour, ...]:
    """Return the legend of error maps; one class is never taken for another."""
    left_out = {gallery.CONFUSED} if classes == 1 else set()
    return tuple(Colour(name, _css(colour)) for code, name, colour in _ERRORS if code not in left_out)


def _uri(kind: str, picture: Any, **options: Any) -> str:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def _size(height: int, width: int) -> tuple[int, int]:
    """Return height and width of the picture: the given ones, or smaller with a longest side of `LONGEST`."""
    scale = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _photograph(image: NDArray[np.uint8]) -> str:
    from PIL import Image

    from segshell.images import resize_image

    small = resize_image(gallery.in_colour(image), _size(*image.shape[:2]))
    return _uri("jpeg", Image.fromarray(small), quality=_QUALITY, subsampling=0)


def _map(codes: NDArray[np.uint8], colours: dict[int, tuple[int, int, int]]) -> str:
    from PIL import Image

    from segshell.images import resize_mask

    picture = Image.fromarray(resize_mask(codes, _size(*codes.shape)), "L").convert("P")
    palette = [colours.get(code, _GROUND) for code in range(256)]
    picture.putpalette([part for one in palette for part in one])
    return _uri("png", picture, optimize=True)


def shot(pick: Picked, record: OutOfFold, image: NDArray[np.uint8], truth: NDArray[np.uint8]) -> Shot:
    """Return the pictures of an image.

    Parameters
    ----------
    pick, record
        The image, and the record in which its score stands.
    image
        uint8 (h,w,c), at the size at which it was scored.
    truth
        uint8 (h,w,m) of 0/1 or class ids, `segcore.raw_masks.VOID` where a pixel does not count.

    """
    row, exclusive = pick.score.row, record.is_exclusive
    planes = gallery.predicted(record, row)
    shown = record.class_count - exclusive
    colours = {0: _GROUND, **dict(enumerate(class_colours(shown), 1)), _LAST: _GREY}
    wanted = gallery.class_map(gallery.truth_planes(truth, record.class_count), exclusive=exclusive)
    wanted[(truth == VOID).any(axis=2)] = _LAST
    errors = gallery.error_map(truth, planes, exclusive=exclusive)
    pictures = (
        Picture("image", _photograph(image), is_map=False),
        Picture("truth", _map(wanted, colours), is_map=True),
        Picture("prediction", _map(gallery.class_map(planes, exclusive=exclusive), colours), is_map=True),
        Picture("errors", _map(errors, {code: one for code, _, one in _ERRORS}), is_map=True),
    )
    height, width = _size(*truth.shape[:2])
    note = "" if gallery.fits(record, row, truth) else "the mask has changed since the image was scored"
    return Shot(pick, pictures, width, height, note)
