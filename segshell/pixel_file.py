"""One file of decoded samples, mapped into memory: every row comes whole, or not at all.

The file has a head that names its layout, a table of marks, and one record for each row of a sample table: the
image's bytes and then the mask's, uint8 in C order. A record is written first and its mark, with the checksum, after
it; a row counts only where bytes and checksum agree, which each process looks up once. So a kill, a full disk or a
power cut at any moment leaves rows that are there and rows that are decoded again, never wrong pixels, and a file that
is not complete serves whoever comes next. Several processes may write the same file at once, since a row has the same
bytes whoever decodes it.
"""

import logging
import mmap
import os
import weakref
import zlib
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segshell import files, space

Pixels8 = NDArray[np.uint8]
Pair = tuple[Pixels8, Pixels8]
RESERVE = 2**30
"""Bytes that are left free on a disk: weights and checkpoints have to find room beside what can be decoded again."""

_MAGIC = b"segshell decoded samples 1\n"
_PAGE = 4096
_LINE = 64  # of the processor's cache: where records begin
_MARK = 8
_WRITTEN = 1 << 32  # a checksum may be 0, a mark of a written row may not
_log = logging.getLogger(__name__)


def _rounded(size: int, step: int) -> int:
    return -(-size // step) * step


@frozen
class Layout:
    """How many rows a file has, and the shapes (h,w,c) and (h,w,m) of image and mask in each."""

    rows: int
    image: tuple[int, int, int]
    mask: tuple[int, int, int]

    @property
    def image_bytes(self) -> int:
        """Bytes of an image."""
        return self.image[0] * self.image[1] * self.image[2]

    @property
    def mask_bytes(self) -> int:
        """Bytes of a mask."""
        return self.mask[0] * self.mask[1] * self.mask[2]

    @property
    def stride(self) -> int:
        """Bytes from one record to the next."""
        return _rounded(self.image_bytes + self.mask_bytes, _LINE)

    @property
    def first(self) -> int:
        """Where the records begin; before them stand the head and the marks."""
        return _PAGE + _rounded(self.rows * _MARK, _PAGE)

    @property
    def size(self) -> int:
        """Bytes of the whole file; what is not written yet takes no room where the file system knows holes."""
        return self.first + self.rows * self.stride

    @property
    def head(self) -> bytes:
        """The first bytes of a file with this layout."""
        return (_MAGIC + repr((self.rows, self.image, self.mask)).encode()).ljust(_PAGE, b"\0")


def create(path: Path, layout: Layout) -> None:
    """Make a file without any row.

    Raises
    ------
    WriteError
        When the operating system refuses.

    """
    with files.replacing(path) as aside, aside.open("wb") as file:
        file.write(layout.head)
        file.truncate(layout.size)


def fits(descriptor: int, layout: Layout) -> bool:
    """Return whether an open file has a layout: its head and its size."""
    head = layout.head
    return os.fstat(descriptor).st_size == layout.size and os.pread(descriptor, len(head), 0) == head


class PixelFile:
    """Decoded samples of a file; usable by any number of threads.

    Parameters
    ----------
    path
        Named in messages.
    descriptor
        The open file, which `fits` its layout; closed with this object.
    layout
        Of the file.
    most
        Rows from this one on are not written: so many there is room for.

    """

    def __init__(self, path: Path, descriptor: int, layout: Layout, most: int) -> None:
        self.path, self.layout, self._descriptor = path, layout, descriptor
        weakref.finalize(self, os.close, descriptor)
        self._map = mmap.mmap(descriptor, layout.size, access=mmap.ACCESS_READ)
        whole = np.frombuffer(self._map, np.uint8)
        self._marks = whole[_PAGE : _PAGE + layout.rows * _MARK].view("<u8")
        self._records = whole[layout.first :].reshape(layout.rows, layout.stride)
        self._most = most
        self._is_sound = bytearray(layout.rows)
        self._has_told_damage = False

    def __len__(self) -> int:
        """Return how many rows are marked as written."""
        return int(np.count_nonzero(self._marks))

    def get(self, row: int) -> Pair | None:
        """Return image uint8 (h,w,c) and mask uint8 (h,w,m) of a row, both read-only; None where it is not there."""
        if not (self._is_sound[row] or self._checked(row)):
            return None
        record, cut = self._records[row], self.layout.image_bytes
        mask = record[cut : cut + self.layout.mask_bytes]
        return record[:cut].reshape(self.layout.image), mask.reshape(self.layout.mask)

    def _checked(self, row: int) -> bool:
        mark = int(self._marks[row])
        if not mark:
            return False
        content = self._records[row, : self.layout.image_bytes + self.layout.mask_bytes]
        # The row's number begins the checksum, so that a record in another's place is none.
        if mark != _WRITTEN | zlib.crc32(content.data, row):
            self._tell_damage(row)
            return False
        self._is_sound[row] = 1
        return True

    def _tell_damage(self, row: int) -> None:
        if not self._has_told_damage:
            self._has_told_damage = True
            text = "%s: row %d is damaged, and maybe others; what is damaged is decoded again"
            _log.warning(text, self.path, row)

    def put(self, row: int, image: Pixels8, mask: Pixels8) -> bool:
        """Write a row and return whether it is there; a disk that is full ends the writing, with one warning.

        Parameters
        ----------
        row
            From 0.
        image, mask
            uint8 of the layout's shapes; others are not written.

        """
        if row >= self._most or (image.shape, mask.shape) != (self.layout.image, self.layout.mask):
            return False
        try:
            self._require_room()
            self._write(row, np.ascontiguousarray(image), np.ascontiguousarray(mask))
        except OSError as error:
            self._most = 0  # other threads may still be writing rows: they are whole, or not marked
            reason = space.reason(error, self.path.parent, self.layout.stride)
            _log.warning("%s: no more decoded samples are kept there: %s", self.path, reason)
            return False
        self._is_sound[row] = 1
        return True

    def _require_room(self) -> None:
        if space.free(self.path.parent) < RESERVE + self.layout.stride:
            raise OSError(f"the disk has less than {space.amount(RESERVE)} left, which are for results")

    def _write(self, row: int, image: Pixels8, mask: Pixels8) -> None:
        place = self.layout.first + row * self.layout.stride
        self._write_at(image.data.cast("B"), place)
        self._write_at(mask.data.cast("B"), place + self.layout.image_bytes)
        mark = _WRITTEN | zlib.crc32(mask.data, zlib.crc32(image.data, row))
        self._write_at(memoryview(mark.to_bytes(_MARK, "little")), _PAGE + row * _MARK)

    def _write_at(self, content: memoryview, place: int) -> None:
        # Never through the map: there a full disk would end the program instead of raising.
        while content:
            written = os.pwrite(self._descriptor, content, place)
            content, place = content[written:], place + written
