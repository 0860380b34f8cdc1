"""Mask files: the ids as they are stored, or their colours; see the table in `segshell.image_files`."""

from pathlib import Path

import numpy as np
from PIL import Image

from segcore.raw_masks import ONE_CHANNEL, one_channel
from segshell import tiff_files
from segshell.image_files import Pixels, coloured, loaded, opened, orientation, sixteen_bits
from segshell.picture_limits import fault
from segshell.turns import upright


def _tiled(image: Image.Image) -> str:
    return " ".join(str(tile[3]) for tile in getattr(image, "tile", ()))


def _grey(image: Image.Image, raw_modes: str) -> Pixels:
    """Return stored values; Pillow spreads 2 and 4 bits over 0..255, and dividing gives the ids back."""
    spread = 85 if "L;2" in raw_modes else 17 if "L;4" in raw_modes else 1
    return np.asarray(image) if spread == 1 else np.asarray(image) // np.uint8(spread)


def _stored(image: Image.Image, path: Path, raw_modes: str) -> Pixels:
    if image.mode[0] in "IF":
        return sixteen_bits(image, path)
    if image.mode in {"1", "P"}:
        return np.asarray(image).astype(np.uint8)
    if image.mode == "L":
        return _grey(image, raw_modes)
    if image.mode not in {"LA", "PA", "RGB", "RGBA", "RGBX"} or ";16" in raw_modes:
        message = f"{path}: a mask of kind {image.mode} ({raw_modes}) does not keep its ids exactly."
        raise fault("mask-channels", message, ONE_CHANNEL)
    return np.asarray(image)[..., : 1 if image.mode in {"LA", "PA"} else 3]


def _colours(image: Image.Image, path: Path, raw_modes: str) -> Pixels:
    if image.mode in {"P", "PA", "RGB", "RGBA", "RGBX"} and ";16" not in raw_modes:
        return np.asarray(coloured(image, "RGB"))
    return _stored(image, path, raw_modes)


def read_mask(path: str | Path) -> Pixels:
    """Decode a mask file to uint8 or uint16 (h, w), upright: the ids as they are stored, never colours.

    Raises
    ------
    DataError
        As `image_files.read_image`, and ``mask-channels`` where a coloured mask has channels that differ.

    """
    place = Path(path)
    with opened(place) as image:
        raw_modes = _tiled(image)  # gone after load
        loaded(image, place)
        values = one_channel(_stored(image, place, raw_modes), path)
        return upright(values, orientation(image, place))


def read_colours(path: str | Path) -> Pixels:
    """Decode a mask file to its colours, uint8 (h, w, 3), or its values (h, w) where it has none; upright.

    A palette gives its colours; alpha is dropped.

    Raises
    ------
    DataError
        As `read_mask`.

    """
    with opened(Path(path)) as image:
        raw_modes = _tiled(image)
        loaded(image, Path(path))
        return upright(_colours(image, Path(path), raw_modes), orientation(image, Path(path)))


def read_planes(path: str | Path) -> Pixels:
    """Decode a mask file that has one plane per class: its channels (h, w, n) as they are stored, upright.

    Raises
    ------
    DataError
        As `read_mask`; TIFF files may have any number of channels or pages.

    """
    if tiff_files.is_tiff(Path(path)):
        return tiff_files.read(Path(path))
    with opened(Path(path)) as image:
        raw_modes = _tiled(image)
        loaded(image, Path(path))
        is_whole = image.mode in {"RGBA", "RGBX", "LA"} and ";16" not in raw_modes
        values = np.asarray(image) if is_whole else _stored(image, Path(path), raw_modes)
        planes = values.reshape(*values.shape[:2], -1)
        return upright(planes, orientation(image, Path(path)))
