"""One sample read completely: is it sound, and what is there to know of it."""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.likeness import phash
from segcore.raw_masks import VOID
from segshell.image_reader import ImageReader
from segshell.picture_limits import size_mismatch
from segshell.sources import Format, Source

FEW = 32  # kinds that are counted one by one, each in a look at the mask that is 40 times as fast as a count of all


@frozen
class Found:
    """What a sample holds; see `segcore.audit.Facts`."""

    positive: bool
    height: int
    width: int
    class_pixels: tuple[int, ...]
    void_pixels: int
    phash: int


def void_of(mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where a mask uint8 (h,w,m) does not count, bool (h,w)."""
    if mask.shape[2] == 1:  # NumPy reduces an axis of one slowly
        return np.asarray(mask[..., 0] == VOID)
    return np.asarray((mask == VOID).any(axis=2))


def class_pixels(mask: NDArray[np.uint8], classes: int) -> tuple[int, ...]:
    """Return the pixels of each class in a mask uint8 (h,w,m) of ids or planes; what is void is in none.

    One class, and classes that exclude each other, have their background first.
    """
    if mask.shape[2] > 1:
        present, void = mask != 0, void_of(mask)
        if void.any():
            present[void] = False
        return tuple(int(np.count_nonzero(present[..., place])) for place in range(mask.shape[2]))
    kinds = max(2, classes)
    if kinds <= FEW:
        return tuple(int(np.count_nonzero(mask == number)) for number in range(kinds))
    counts = np.bincount(mask.ravel(), minlength=VOID + 1)
    counts[VOID] = 0
    return tuple(counts[:kinds].tolist())


def grey_of(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the mean over the channels of an image uint8 (h,w,c), uint8 (h,w), rounded down."""
    channels = image.shape[2]
    # Channel by channel, as NumPy reduces a short axis slowly; 257 times 255 still has room in 16 bits.
    whole = np.zeros(image.shape[:2], np.uint16 if channels <= 257 else np.uint32)
    for place in range(channels):
        whole += image[..., place]
    return np.asarray(whole // whole.dtype.type(channels), dtype=np.uint8)


def counted(image: NDArray[np.uint8], mask: NDArray[np.uint8], classes: int) -> Found:
    """Return what there is to know of an image (h,w,c) and its mask (h,w,m), both uint8."""
    pixels = class_pixels(mask, classes)
    objects = pixels if mask.shape[2] > 1 else pixels[1:]
    return Found(
        any(objects), image.shape[0], image.shape[1], pixels, int(void_of(mask).sum()), phash(grey_of(image))
    )


def _size(source: Source, reader: ImageReader) -> tuple[int, int] | None:
    try:
        return reader.header(source.image.path)
    except DataError:  # told when the pixels were read
        return None


def examined(source: Source, form: Format, reader: ImageReader, classes: int) -> Found | tuple[Finding, ...]:
    """Read image and mask of a sample; return all that is wrong with them where anything is.

    Parameters
    ----------
    source
        One of the format's.
    form
        Reads the mask.
    reader
        Reads the image.
    classes
        Number of classes.

    """
    findings: list[Finding] = []
    image = mask = None
    try:
        image = reader.read(source.image.path)
    except DataError as error:
        findings.extend(error.findings)
    size = image.shape[:2] if image is not None else _size(source, reader)
    try:
        mask = None if size is None else form.truth(source, (size[0], size[1]))
    except DataError as error:
        findings.extend(error.findings)
    if image is not None and mask is not None and mask.shape[:2] != image.shape[:2]:
        name = source.truth[0].path if source.truth else f"the mask of {source.id!r}"
        findings.append(size_mismatch(name, source.image.path, (mask.shape, image.shape)))
    if findings or image is None or mask is None:
        return tuple(findings)
    return counted(image, mask, classes)
