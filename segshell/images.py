"""Pixels: decode, encode and resize, with one documented rule for each odd kind of file.

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
palette            its colours                                  its indices
alpha              dropped                                      dropped
RGB                RGB; ITU-R 601 luma for one channel          grey where the channels agree, else error
CMYK, YCbCr        converted to RGB                             error
several frames     error (multi-picture jpg: the first one)     the same
================== ============================================ =======================================
"""

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from segcore.errors import DataError, Finding
from segshell import files

MOST_PIXELS = 100_000_000
# Named one by one, since Pillow's full list holds formats that start other programs (EPS).
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
MODES = {1: "L", 3: "RGB"}
ONE_CHANNEL = "Save it as one channel of 8 or 16 bits that holds the class ids."

Pixels = NDArray[Any]

_log = logging.getLogger(__name__)
# What Pillow's readers raise on hostile bytes; UserWarning where the caller turned warnings into errors.
_DECODER_FAULTS = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, ArithmeticError, AssertionError,
    struct.error, zlib.error, UserWarning,
)  # fmt: skip


def _fault(code: str, message: str, advice: str = "") -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def _reason(path: Path, error: Exception) -> str:
    if not isinstance(error, UnidentifiedImageError):
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    with path.open("rb") as file:
        start = file.read(16)
    return f"it starts with {start!r}, which is no known image format" if start else "the file is empty"


def _refuse_shape(image: Image.Image, path: Path) -> None:
    if image.width * image.height > MOST_PIXELS:
        message = f"{path}: {image.height} x {image.width} pixels; at most {MOST_PIXELS} are read."
        raise _fault("image-too-large", message, "Cut it into tiles.")
    # Phones store previews beside the picture and call the file jpg: the first frame is the picture.
    frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if frames > 1:
        raise _fault("several-frames", f"{path}: {frames} frames; one is allowed.", "Save one frame a file.")


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """Yield a picture whose header is read and allowed; whatever its decoder raises becomes a DataError."""
    try:
        # A file object, since Pillow maps named uncompressed TIFF files and then scrambles turned ones.
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            _refuse_shape(image, path)
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _fault("image-too-large", f"{path}: {error}", "Cut it into tiles.") from error
    except _DECODER_FAULTS as error:
        message = f"{path}: cannot be read: {_reason(path, error)}."
        raise _fault("unreadable-image", message, "Replace or remove the file.") from error


def _orientation(image: Image.Image, path: Path) -> int:
    if image.format == "TIFF":  # Pillow turns these while it decodes and reports the turned size
        return 1
    try:
        # The base method: that of PNG decodes all pixels in search of a late EXIF block.
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    except _DECODER_FAULTS as error:
        _log.warning("%s: its EXIF block cannot be read (%s); taken as upright", path, error)
        return 1


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undo a camera's turn; values 1 to 8 as in the EXIF standard, tag 0x0112."""
    swapped = pixels.swapaxes(0, 1)
    turned = [pixels, pixels[:, ::-1], pixels[::-1, ::-1], pixels[::-1]]
    turned += [swapped, swapped[:, ::-1], swapped[::-1, ::-1], swapped[::-1]]
    return np.ascontiguousarray(turned[orientation - 1 if 1 <= orientation <= 8 else 0])


def header(path: str | Path) -> tuple[int, int, str]:
    """Return (height, width, mode) of an image file without decoding its pixels.

    Height and width are those after the EXIF turn; the mode is Pillow's (``RGB``, ``L``, ``I;16`` ...).

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large`` (above 100 megapixels) or ``several-frames``.

    """
    with _opened(Path(path)) as image:
        turned = _orientation(image, Path(path)) in (5, 6, 7, 8)
        return (*(image.size if turned else image.size[::-1]), image.mode)


def _sixteen_bits(image: Image.Image, path: Path) -> Pixels:
    values = np.asarray(image)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65535:
        given = f"pixels of kind {image.mode} from {values.min()} to {values.max()}"
        raise _fault("pixel-type", f"{path}: {given}; 0 to 65535 is allowed.", "Save it with 8 or 16 bits.")
    return values.astype(np.uint16)


def _coloured(image: Image.Image, mode: str) -> Image.Image:
    # These convert to RGB only through a mode with alpha, which the second conversion drops without blending.
    through = {"P": "RGBA", "PA": "RGBA", "RGBa": "RGBA", "La": "LA"}.get(image.mode)
    return (image.convert(through) if through else image).convert(mode)


def _image_pixels(image: Image.Image, path: Path, channels: int) -> NDArray[np.uint8]:
    if image.mode[0] not in "IF":
        return np.asarray(_coloured(image, MODES[channels])).reshape(image.height, image.width, channels)
    high_byte = (_sixteen_bits(image, path) >> 8).astype(np.uint8)
    return np.repeat(high_byte[..., None], channels, axis=2)


def read_image(path: str | Path, channels: int = 3) -> NDArray[np.uint8]:
    """Decode an image file completely.

    Parameters
    ----------
    path
        The file; the table at the top of this module says how each kind is read.
    channels
        3 for RGB or 1 for grey.

    Returns
    -------
    array
        uint8 (h, w, channels), 0 to 255, upright; may be read-only.

    Raises
    ------
    DataError
        ``unreadable-image`` (truncated files too: missing pixels are never filled in), ``image-too-large``,
        ``several-frames`` or ``pixel-type``. (Pillow's LOAD_TRUNCATED_IMAGES is the caller's own choice.)

    """
    if channels not in MODES:
        raise ValueError(f"channels must be 1 or 3, got {channels}")
    with _opened(Path(path)) as image:
        image.load()
        return _upright(_image_pixels(image, Path(path), channels), _orientation(image, Path(path)))


def _one_channel(raw: Pixels, where: str | Path) -> Pixels:
    """Return (h, w) of (h, w), (h, w, 1) or (h, w, 3) with equal channels."""
    if raw.ndim == 2:
        return raw
    if raw.ndim == 3 and raw.shape[2] and (raw == raw[..., :1]).all():
        return raw[..., 0]
    message = f"{where}: the mask has shape {raw.shape} with channels that differ."
    raise _fault("mask-channels", message, ONE_CHANNEL)


def _mask_pixels(image: Image.Image, path: Path, raw_modes: str) -> Pixels:
    if image.mode[0] in "IF":
        return _sixteen_bits(image, path)
    values = np.asarray(image)
    if image.mode in {"1", "P"}:
        return values.astype(np.uint8)
    if image.mode == "L":  # Pillow spreads 2 and 4 bits over 0..255; dividing gives the ids back
        return values // np.uint8(85 if "L;2" in raw_modes else 17 if "L;4" in raw_modes else 1)
    if image.mode not in {"LA", "PA", "RGB", "RGBA", "RGBX"} or ";16" in raw_modes:
        message = f"{path}: a mask of kind {image.mode} ({raw_modes}) does not keep its ids exactly."
        raise _fault("mask-channels", message, ONE_CHANNEL)
    return _one_channel(values[..., : 1 if image.mode in {"LA", "PA"} else 3], path)


def read_mask(path: str | Path) -> Pixels:
    """Decode a mask file to uint8 or uint16 (h, w), upright: the ids as they are stored, never colours.

    Raises
    ------
    DataError
        As `read_image`, and ``mask-channels`` where a coloured mask has channels that differ.

    """
    with _opened(Path(path)) as image:
        raw_modes = " ".join(str(tile[3]) for tile in getattr(image, "tile", ()))  # gone after load
        image.load()
        return _upright(_mask_pixels(image, Path(path), raw_modes), _orientation(image, Path(path)))


def _histogram(values: Pixels) -> str:
    found, counts = np.unique(values, return_counts=True)
    rows = zip(found[:10], counts[:10], strict=True)
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in rows)
    return f"{shown} and {found.size - 10} more values" if found.size > 10 else shown


def binary_mask(raw: Pixels, where: str | Path) -> NDArray[np.uint8]:
    """Return a mask of one class as uint8 (h, w, 1) of 0 and 1.

    Parameters
    ----------
    raw
        (h, w), (h, w, 1) or (h, w, 3) with equal channels: 0 and 1, 0 and 255, for uint16 also 0 and 65535,
        or any one of these values alone.
    where
        Name of the mask in messages.

    Raises
    ------
    DataError
        ``mask-values`` with a histogram of the other values, or ``mask-channels``.

    """
    grey = _one_channel(raw, where)
    full = np.iinfo(grey.dtype).max if grey.dtype.kind in "ui" else 1
    top = grey.max(initial=0)
    others = (grey != 0) & (grey != (top if top in {255, full} else 1))
    if others.any():
        message = f"{where}: mask values must be 0 and 1, or 0 and 255; found {_histogram(grey[others])}."
        raise _fault("mask-values", message, "Save it as PNG with 0 for background and 255 for objects.")
    return np.asarray(grey != 0, dtype=np.uint8)[..., None]


def class_mask(raw: Pixels, classes: int, where: str | Path) -> NDArray[np.uint8]:
    """Return a mask of several classes as uint8 (h, w, 1) of ids from 0 to classes - 1.

    Raises
    ------
    DataError
        ``mask-classes`` with a histogram of the ids that are too large, or ``mask-channels``.

    """
    grey: Pixels = _one_channel(raw, where)
    if grey.max(initial=0) >= classes:
        others = _histogram(grey[grey >= classes])
        message = f"{where}: class ids must be 0 to {classes - 1}; also found {others}."
        raise _fault("mask-classes", message, "Raise `classes`, or change these ids in the file.")
    return grey.astype(np.uint8)[..., None]


def _encoded(extension: str, image: Pixels, parameters: tuple[int, ...] = ()) -> bytes:
    swapped = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 and image.shape[2] == 3 else image
    return bytes(cv2.imencode(extension, swapped, parameters)[1])


def write_png(path: Path, image: Pixels) -> None:
    """Write uint8 or uint16 (h, w), (h, w, 1) or RGB (h, w, 3) as PNG, as `files.write_bytes` does."""
    files.write_bytes(path, _encoded(".png", image))


def write_jpg(path: Path, image: NDArray[np.uint8], quality: int = 95) -> None:
    """Write uint8 (h, w), (h, w, 1) or RGB (h, w, 3) as JPEG; `quality` from 0 to 100."""
    files.write_bytes(path, _encoded(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality)))


def _resized(pixels: Pixels, shape: tuple[int, int], interpolation: int) -> Pixels:
    resized: Pixels = cv2.resize(pixels, shape[::-1], interpolation=interpolation)
    return resized.reshape(*shape, *pixels.shape[2:])  # OpenCV drops a single channel


def resize_image(image: Pixels, shape: tuple[int, int]) -> Pixels:
    """Bring uint8 (h, w, c) to `shape` (height, width): area averages when no side grows, else linear."""
    grows = shape[0] > image.shape[0] or shape[1] > image.shape[1]
    return _resized(image, shape, cv2.INTER_LINEAR if grows else cv2.INTER_AREA)


def resize_mask(mask: Pixels, shape: tuple[int, int]) -> Pixels:
    """Bring (h, w) or (h, w, 1) to `shape` (height, width) by the nearest pixel: no new value can appear."""
    return _resized(mask, shape, cv2.INTER_NEAREST_EXACT)


def resize_probability(probability: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Bring float32 (h, w, c) to `shape` (height, width) linearly; values stay within their old range."""
    return _resized(probability, shape, cv2.INTER_LINEAR)
