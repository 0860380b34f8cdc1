"""TIFF files of any number of bands, as channels or as pages: what Pillow does not read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError
from segshell.picture_limits import fault, out_of_memory, refuse_size
from segshell.tiff_structure import MOST_PAGES, check_segments, page_count
from segshell.turns import upright

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MOST_BANDS = 64
NEEDS_CODEC = "imagecodecs"
MOST_BYTES = 2 << 30


@frozen
class Layout:
    """What a TIFF's header says: size in pixels, bands over all pages, and NumPy's name of their type."""

    height: int
    width: int
    bands: int
    dtype: str


def is_tiff(path: Path) -> bool:
    """Return whether a file begins as a TIFF does; False where it cannot be opened, and for a pipe."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(4) in MAGIC
    except OSError:
        return False


def refuse_pages(path: Path) -> int:
    """Return the number of pages of a TIFF; refuse more than can be of use.

    Raises
    ------
    DataError
        ``several-frames``.
    ValueError, struct.error
        As `segshell.tiff_structure.page_count`.

    """
    count = page_count(path)
    if count > MOST_PAGES:
        message = f"{path}: more than {MOST_PAGES} pages; at most {MOST_BANDS} are read."
        raise fault("several-frames", message, "Save one picture a file.")
    return count


def _full_pages(file: Any, path: Path) -> list[Any]:
    """Return the pages but for reduced copies and masks of others."""
    refuse_pages(path)
    return [page for page in file.pages if not page.is_reduced and not page.is_mask]


def _turn(page: Any) -> int:
    tag = page.tags.get("Orientation")
    return int(tag.value) if tag else 1


def _layout(pages: list[Any], path: Path) -> Layout:
    first = pages[0]
    shapes = {(page.imagelength, page.imagewidth, page.samplesperpixel, str(page.dtype)) for page in pages}
    if len(shapes) > 1:
        raise fault(
            "several-frames", f"{path}: {len(pages)} pages of different kinds.", "Save one kind a file."
        )
    if first.imagedepth > 1:
        raise fault(
            "several-frames", f"{path}: a volume of {first.imagedepth} layers.", "Save one layer a file."
        )
    refuse_size(first.imagelength, first.imagewidth, path)
    sides = first.imagelength, first.imagewidth
    height, width = sides[::-1] if _turn(first) in {5, 6, 7, 8} else sides
    found = Layout(height, width, first.samplesperpixel * len(pages), str(np.dtype(first.dtype)))
    size = found.height * found.width * found.bands * np.dtype(found.dtype).itemsize
    if found.bands > MOST_BANDS or size > MOST_BYTES:
        message = (
            f"{path}: {found.bands} bands, {size} bytes; at most {MOST_BANDS} and {MOST_BYTES} are read."
        )
        raise fault("image-too-large", message, "Cut it into tiles, or leave out bands.")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[Any], Layout]]:
    import tifffile

    try:
        with tifffile.TiffFile(path) as file:
            pages = _full_pages(file, path)
            yield pages, _layout(pages, path)
    except DataError:
        raise
    except MemoryError as error:
        raise out_of_memory(path) from error
    except Exception as error:  # damaged files make its readers raise anything
        message = f"{path}: cannot be read: {type(error).__name__}: {error}."
        advice = "Replace the file, or save it uncompressed or with deflate compression."
        raise fault("unreadable-image", message, advice) from error


def layout(path: Path) -> Layout:
    """Return what the header of a TIFF says, without decoding pixels.

    Raises
    ------
    DataError
        ``unreadable-image``, ``image-too-large``, ``image-memory`` or ``several-frames``.

    """
    with _opened(path) as (_, found):
        return found


def _by_opencv(path: Path) -> NDArray[Any]:
    """Return the bands (h, w, n) of a compression that tifffile leaves to others, such as LZW."""
    import cv2

    is_read, pages = cv2.imreadmulti(str(path), flags=cv2.IMREAD_UNCHANGED)
    if not is_read:
        raise ValueError("its compression is not known")
    bands = [np.asarray(page).reshape(*page.shape[:2], -1) for page in pages]
    # OpenCV keeps colours as blue, green, red.
    ordered = [page[..., [2, 1, 0, 3][: page.shape[2]]] if page.shape[2] > 1 else page for page in bands]
    return np.concatenate(ordered, axis=2)


def _page_bands(page: Any) -> NDArray[Any]:
    """Return a page as (h, w, n), whether its bands lie side by side or one after the other."""
    values = np.asarray(page.asarray())
    if values.ndim == 2:
        return values[..., None]
    return np.moveaxis(values, 0, 2) if page.axes.startswith("S") else values


def read(path: Path) -> NDArray[Any]:
    """Return all bands of a TIFF, (h, w, n) of the type that is stored: the channels of its pages in their order.

    Raises
    ------
    DataError
        As `layout`; ``several-frames`` where pages differ in size, channels or type.

    """
    with _opened(path) as (pages, found):
        try:
            for page in pages:
                check_segments(page, path)
            stored = np.concatenate([_page_bands(page) for page in pages], axis=2)
        except ValueError as error:
            if NEEDS_CODEC not in str(error):
                raise
            stored = _by_opencv(path)
        bands = upright(stored, _turn(pages[0]))
        if bands.shape != (found.height, found.width, found.bands):
            raise ValueError(f"its header promises {found}, its pixels have shape {bands.shape}")
        return bands
