"""Image files: open any of them safely, and read its pixels by one documented rule for each odd kind of file.

Contents decide, not extensions. The turn that EXIF or XMP asks for is applied to images and masks.

================== ============================================ =======================================
in the file        as image (uint8)                             as mask (ids kept exactly)
================== ============================================ =======================================
grey, 8 bit        repeated to the channels                     its values
grey, 2 or 4 bit   scaled to 0..255                             0..3, 0..15
1 bit              0 and 255                                    0 and 1
16 bit, any colour high byte, ``value // 256`` (libpng's rule)  grey: uint16; colour: error
32 bit integer     as 16 bit if all in 0..65535, else an error  uint16 if all in 0..65535, else an error
floating point     error                                        error
palette            its colours                                  its indices, or its colours where asked for
alpha              dropped                                      dropped
RGB                RGB; ITU-R 601 luma for one channel          grey where the channels agree, else error
CMYK, YCbCr        converted to RGB                             error
several frames     error (multi-picture jpg: the first one)     the same
================== ============================================ =======================================

`segshell.image_reader` reads more kinds where a config declares `channels` or `range`.
"""

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from segcore.errors import DataError
from segshell import jpeg_files, png_files, tiff_files
from segshell.picture_limits import fault, out_of_memory, refuse_size, refuse_special
from segshell.tiff_structure import check_places
from segshell.turns import upright

# Named one by one, since Pillow's full list holds formats that start other programs (EPS).
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_JPEG = frozenset({"JPEG", "MPO"})

Pixels = NDArray[Any]

_log = logging.getLogger(__name__)
# What Pillow's readers raise on hostile bytes; UserWarning where the caller turned warnings into errors.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AssertionError,
    RuntimeError, struct.error, zlib.error, UserWarning,
)  # fmt: skip


class UnknownImageError(DataError):
    """Pillow does not know the file; it may still be a TIFF of another number of bands."""


def _reason(path: Path, error: Exception) -> str:
    if not isinstance(error, UnidentifiedImageError):
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    with path.open("rb") as file:
        start = file.read(16)
    return f"it starts with {start!r}, which is no known image format" if start else "the file is empty"


def _frames(image: Image.Image, path: Path) -> int:
    if image.format == "TIFF":  # Pillow walks any number of pages, in a time that grows with their square
        return tiff_files.refuse_pages(path)
    # Phones store previews beside the picture and call the file jpg: the first frame is the picture.
    return 1 if image.format == "MPO" else getattr(image, "n_frames", 1)


def _refuse_shape(image: Image.Image, path: Path) -> None:
    refuse_size(image.height, image.width, path)
    frames = _frames(image, path)
    if frames > 1:
        advice = "Save one frame a file; pages of a TIFF that are bands are read where `channels` lists them."
        raise fault("several-frames", f"{path}: {frames} frames; one is allowed.", advice)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """Yield a picture whose header is read and allowed; whatever its decoder raises becomes a DataError.

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large``, ``several-frames`` or ``image-memory``.

    """
    try:
        refuse_special(path)
        # A file object, since Pillow maps named uncompressed TIFF files and then scrambles turned ones.
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            _refuse_shape(image, path)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise fault("image-too-large", f"{path}: {error}", "Cut it into tiles.") from error
    except UnidentifiedImageError as error:
        message = f"{path}: cannot be read: {_reason(path, error)}."
        findings = fault("unreadable-image", message, "Replace or remove the file.").findings
        raise UnknownImageError(findings) from error
    except MemoryError as error:
        raise out_of_memory(path) from error
    except _DECODER_FAULTS as error:
        message = f"{path}: cannot be read: {_reason(path, error)}."
        raise fault("unreadable-image", message, "Replace or remove the file.") from error


def loaded(image: Image.Image, path: Path) -> None:
    """Decode an opened picture completely, with the checksums and marks that Pillow leaves unread."""
    if image.format == "PNG":
        png_files.check(path.read_bytes())
    elif image.format in _JPEG:
        jpeg_files.check(path.read_bytes())
    elif isinstance(image, TiffImagePlugin.TiffImageFile):
        check_places(image.tag_v2)
    image.load()


def orientation(image: Image.Image, path: Path) -> int:
    """Return a camera's turn, 1 to 8 as in the EXIF standard, tag 0x0112; 1 is upright."""
    if image.format == "TIFF":  # Pillow turns these while it decodes and reports the turned size
        return 1
    try:
        # The base method: that of PNG decodes all pixels in search of a late EXIF block.
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    except _DECODER_FAULTS as error:
        _log.warning("%s: its EXIF block cannot be read (%s); taken as upright", path, error)
        return 1


def header(path: str | Path) -> tuple[int, int, str]:
    """Return (height, width, mode) of an image file without decoding its pixels.

    Height and width are those after the EXIF turn; the mode is Pillow's (``RGB``, ``L``, ``I;16`` ...), or the
    number of bands of a TIFF that Pillow does not know (``5 bands``).

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large`` (above `segshell.picture_limits.MOST_PIXELS`) or ``several-frames``.

    """
    try:
        with opened(Path(path)) as image:
            turned = orientation(image, Path(path)) in (5, 6, 7, 8)
            return (*(image.size if turned else image.size[::-1]), image.mode)
    except UnknownImageError:
        if not tiff_files.is_tiff(Path(path)):
            raise
        found = tiff_files.layout(Path(path))
        return (found.height, found.width, f"{found.bands} bands")


def sixteen_bits(image: Image.Image, path: Path) -> NDArray[np.uint16]:
    """Return the values (h, w) of a picture of 16 or 32 bits as uint16.

    Raises
    ------
    DataError
        ``pixel-type`` for floating point and for values outside 0 to 65535.

    """
    values = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65535:
        given = f"pixels of kind {image.mode} from {values.min()} to {values.max()}"
        advice = "Save it with 8 or 16 bits; of an image, `range: [low, high]` says what becomes 0 to 255."
        raise fault("pixel-type", f"{path}: {given}; 0 to 65535 is allowed.", advice)
    return values.astype(np.uint16)


def coloured(image: Image.Image, mode: str) -> Image.Image:
    """Return a picture in the mode ``L``, ``RGB`` or ``RGBA``; alpha is dropped without blending."""
    # These convert to RGB only through a mode with alpha, which the second conversion drops without blending.
    through = {"P": "RGBA", "PA": "RGBA", "RGBa": "RGBA", "La": "LA"}.get(image.mode)
    turned = image.convert(through) if through else image
    return turned if turned.mode == mode else turned.convert(mode)  # else Pillow copies every pixel


def _image_pixels(image: Image.Image, path: Path, channels: int) -> NDArray[np.uint8]:
    if image.mode[0] not in "IF":
        return np.asarray(coloured(image, MODES[channels])).reshape(image.height, image.width, channels)
    high_byte = (sixteen_bits(image, path) >> 8).astype(np.uint8)
    if channels == 4:
        high_byte = np.dstack([high_byte] * 3)
        return np.dstack([high_byte, np.full(high_byte.shape[:2], 255, np.uint8)])
    return np.repeat(high_byte[..., None], channels, axis=2)


def _plain_jpeg(image: Image.Image, path: Path, channels: int) -> NDArray[np.uint8] | None:
    """Return what Pillow would decode, in less time, or None where Pillow has to; see `jpeg_files.decoded`."""
    if image.format not in _JPEG:
        return None
    content = path.read_bytes()
    jpeg_files.check(content)
    pixels = jpeg_files.decoded(content, image.mode, channels)
    return pixels if pixels is not None and pixels.shape[1::-1] == image.size else None


def read_image(path: str | Path, channels: int = 3) -> NDArray[np.uint8]:
    """Decode an image file completely.

    Parameters
    ----------
    path
        The file; the table at the top of this module says how each kind is read.
    channels
        3 for RGB, 1 for grey, 4 for RGB with alpha (255 where the file has none).

    Returns
    -------
    array
        uint8 (h, w, channels), 0 to 255, upright; may be read-only.

    Raises
    ------
    DataError
        ``unreadable-image`` (truncated files too: missing pixels are never filled in), ``image-too-large``,
        ``image-memory``, ``several-frames`` or ``pixel-type``. (Pillow's LOAD_TRUNCATED_IMAGES is the caller's own
        choice.)

    """
    if channels not in MODES:
        raise ValueError(f"channels must be 1, 3 or 4, got {channels}")
    place = Path(path)
    with opened(place) as image:
        pixels = _plain_jpeg(image, place, channels)
        if pixels is None:
            loaded(image, place)
            pixels = _image_pixels(image, place, channels)
        return upright(pixels, orientation(image, place))
