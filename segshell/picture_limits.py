"""What is refused of a picture, whoever reads it."""

import stat
from pathlib import Path

from segcore.errors import DataError, Finding

MOST_PIXELS = 89_478_485
"""A quarter of a GiB of 8-bit RGB, from which on Pillow suspects a bomb, too."""

FILE_FAULTS = frozenset({"unreadable-image", "image-too-large", "several-frames"})
"""Codes of what is wrong with a file whatever a config says of it."""


def fault(code: str, message: str, advice: str = "") -> DataError:
    """Return the error of one finding."""
    return DataError([Finding(code, message, advice=advice)])


def refuse_size(height: int, width: int, path: Path) -> None:
    """Refuse more than `MOST_PIXELS`.

    Raises
    ------
    DataError
        ``image-too-large``.

    """
    if width * height > MOST_PIXELS:
        message = f"{path}: {height} x {width} pixels; at most {MOST_PIXELS} are read."
        raise fault("image-too-large", message, "Cut it into tiles, or reduce it.")


def out_of_memory(path: Path) -> DataError:
    """Return the error of a picture that is allowed, and for which there is no memory; no fault of the file."""
    message = f"{path}: there is not enough memory to decode it."
    return fault("image-memory", message, "Cut it into tiles, or close other programs.")


def refuse_special(path: Path) -> None:
    """Refuse what is neither a file nor a folder: reading a pipe waits for ever, a device may have no end.

    Raises
    ------
    DataError
        ``unreadable-image``.
    OSError
        When there is nothing, or nobody may look.

    """
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        message = f"{path}: cannot be read: it is a pipe, a socket or a device, no file."
        raise fault("unreadable-image", message, "Replace or remove it.")


def size_mismatch(
    mask: object,
    image: object,
    sizes: tuple[tuple[int, ...], tuple[int, ...]],
    advice: str = "Give the mask of this very image.",
) -> Finding:
    """Return the finding for a mask whose (height, width), the first of two sizes, is not that of its image."""
    (mask_height, mask_width), (height, width) = sizes[0][:2], sizes[1][:2]
    given = f"{mask} has {mask_height} x {mask_width} pixels, {image} has {height} x {width}"
    return Finding("size-mismatch", f"{given} (height x width).", advice=advice)
