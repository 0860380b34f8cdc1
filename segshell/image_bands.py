"""The bands of an image file as they are stored, of any number and type."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segshell import tiff_files
from segshell.image_files import coloured, loaded, opened, orientation
from segshell.picture_limits import fault
from segshell.turns import upright


def _is_deep(image: Image.Image) -> bool:
    raw_modes = " ".join(str(tile[3]) for tile in getattr(image, "tile", ()))
    return image.mode[0] in "IF" or ";16" in raw_modes


def is_deep(path: Path) -> bool:
    """Return whether an image has more than 8 bits per value, from its header.

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large`` or ``several-frames``.

    """
    if tiff_files.is_tiff(path):
        return tiff_files.layout(path).dtype not in {"uint8", "bool"}
    with opened(path) as image:
        return _is_deep(image)


def _deep_png(path: Path) -> NDArray[Any]:
    """Return 16-bit channels (h, w, n), of which Pillow keeps the high bytes only."""
    values = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None:
        raise fault("unreadable-image", f"{path}: cannot be read.", "Replace or remove the file.")
    bands: NDArray[Any] = values.reshape(*values.shape[:2], -1)
    return bands[..., [2, 1, 0, 3][: bands.shape[2]]] if bands.shape[2] > 1 else bands


def _bands(image: Image.Image, path: Path) -> NDArray[Any]:
    if _is_deep(image) and image.format == "PNG":
        loaded(image, path)
        return _deep_png(path)
    loaded(image, path)
    if image.mode in {"P", "PA", "1", "CMYK", "YCbCr", "LAB", "HSV", "RGBa", "La"}:
        image = coloured(image, "L" if image.mode == "1" else "RGB")
    values = np.asarray(image)
    return values.reshape(*values.shape[:2], -1)


def read_bands(path: Path) -> NDArray[Any]:
    """Return the bands of an image (h, w, n), upright, of the type that is stored.

    A palette gives its colours; the pages of a TIFF are bands.

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large`` or ``several-frames``.

    """
    if tiff_files.is_tiff(path):
        return tiff_files.read(path)
    with opened(path) as image:
        return upright(_bands(image, path), orientation(image, path))
