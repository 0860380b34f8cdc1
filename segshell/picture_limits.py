"""What is refused of a picture, whoever reads it."""

from pathlib import Path

from segcore.errors import DataError, Finding

MOST_PIXELS = 100_000_000


def fault(code: str, message: str, advice: str = "") -> DataError:
    """Return the error of one finding."""
    return DataError([Finding(code, message, advice=advice)])


def refuse_size(height: int, width: int, path: Path) -> None:
    """Refuse more than 100 megapixels.

    Raises
    ------
    DataError
        ``image-too-large``.

    """
    if width * height > MOST_PIXELS:
        message = f"{path}: {height} x {width} pixels; at most {MOST_PIXELS} are read."
        raise fault("image-too-large", message, "Cut it into tiles.")


def size_mismatch(mask: object, image: object, sizes: tuple[tuple[int, ...], tuple[int, ...]]) -> Finding:
    """Return the finding for a mask whose (height, width), the first of two sizes, is not that of its image."""
    (mask_height, mask_width), (height, width) = sizes[0][:2], sizes[1][:2]
    given = f"{mask} has {mask_height} x {mask_width} pixels, {image} has {height} x {width}"
    return Finding("size-mismatch", f"{given} (height x width).", advice="Give the mask of this very image.")
