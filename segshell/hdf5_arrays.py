"""An array in an HDF5 file as it says that it is, and whether the file holds all of it; its data stay unread."""

import math
import zlib
from typing import Any

from attrs import frozen
from h5py import h5d, h5s, h5t, h5z

LARGEST_BLOCK = 2**26  # bytes
_LARGEST_NUMBER = 8  # bytes
# Others are plug-ins, or change what the numbers are. The order is that in which they are applied.
_FILTERS = (h5z.FILTER_SHUFFLE, h5z.FILTER_DEFLATE, h5z.FILTER_FLETCHER32)
_CHECKSUM = 4  # bytes that fletcher32 adds to a block


class Hdf5Error(ValueError):
    """A file is no HDF5 file, or holds something else than plain arrays of numbers in the file itself."""


@frozen
class Array:
    """What an array says of itself.

    Attributes
    ----------
    identifier, created
        As h5py's low-level interface knows the array, and how it was made.
    shape
        Its extents.
    width
        Bytes of a number.
    filters
        What is done to its blocks when they are written, in this order.
    name
        Where it lies in the file, quoted.

    """

    identifier: Any
    created: Any
    shape: tuple[int, ...]
    width: int
    filters: tuple[int, ...]
    name: str

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return math.prod(self.shape) * self.width

    @property
    def is_compressed(self) -> bool:
        """Whether it may take more bytes in memory than in the file."""
        return h5z.FILTER_DEFLATE in self.filters


def array_of(identifier: Any, name: str) -> Array:
    """Return what an array says of itself.

    Parameters
    ----------
    identifier
        A data set of h5py's low-level interface.
    name
        What messages call it.

    Raises
    ------
    Hdf5Error
        When its data lie elsewhere, it holds anything but numbers, or it takes a filter besides shuffle, gzip and
        fletcher32 in this order.

    """
    # In this order, as to ask for the shape of an array that is made of others may open their files.
    created = identifier.get_create_plist()
    layouts = (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED)
    if created.get_layout() not in layouts or created.get_external_count():
        raise Hdf5Error(
            f"the data of {name} lie in other files or arrays; they have to lie in the file itself"
        )
    filters = tuple(created.get_filter(place)[0] for place in range(created.get_nfilters()))
    if filters != tuple(one for one in _FILTERS if one in filters):
        raise Hdf5Error(
            f"{name} is stored with the filters {filters}; gzip, shuffle and fletcher32 can be read"
        )
    kind, space = identifier.get_type(), identifier.get_space()
    is_number = kind.get_class() in {h5t.INTEGER, h5t.FLOAT} and kind.get_size() <= _LARGEST_NUMBER
    is_number = (
        is_number and kind.dtype.kind in "iuf"
    )  # other layouts of bits are no error until they are read
    if not is_number or space.get_simple_extent_type() not in {h5s.SCALAR, h5s.SIMPLE}:
        raise Hdf5Error(f"{name} is no array of integers or floating-point numbers")
    shape = tuple(space.get_simple_extent_dims())
    return Array(identifier, created, shape, kind.get_size(), filters, name)


def _blocks(array: Array, expected: int) -> list[Any]:
    """Return the blocks of a chunked array, no more of them than there should be and one."""
    found: list[Any] = []

    def note(block: Any) -> bool | None:
        found.append(block)
        return len(found) > expected or None

    array.identifier.chunk_iter(note)
    return found


def _expands_to(data: bytes, most: int) -> int:
    """Return how many bytes compressed data give; what gives more than `most` counts as `most` and one."""
    stream = zlib.decompressobj()
    size = len(stream.decompress(data, most + 1))
    return size if stream.eof else most + 1


def _check_block(array: Array, block: Any, size: int) -> None:
    """Refuse a block that gives other than its size in bytes: the library unpacks what there is, however much."""
    done = [one for place, one in enumerate(array.filters) if not block.filter_mask >> place & 1]
    checksum = _CHECKSUM * (h5z.FILTER_FLETCHER32 in done)
    held = block.size - checksum
    if h5z.FILTER_DEFLATE in done:
        _, data = array.identifier.read_direct_chunk(block.chunk_offset)
        held = _expands_to(data[: len(data) - checksum], size)
    if held != size:
        raise Hdf5Error(f"a block of {array.name} holds other than the {size} bytes that it claims")


def _stored_in_blocks(array: Array, file_size: int) -> int:
    sides = array.created.get_chunk()
    size = math.prod(sides) * array.width
    if size > LARGEST_BLOCK:
        raise Hdf5Error(f"{array.name} is stored in blocks of more than {LARGEST_BLOCK} bytes")
    expected = math.prod(-(-extent // side) for extent, side in zip(array.shape, sides, strict=True))
    blocks = _blocks(array, expected) if expected <= file_size else []
    held: int = sum(block.size for block in blocks)
    if len({block.chunk_offset for block in blocks}) != expected or held > file_size:
        raise Hdf5Error(f"{array.name} claims the shape {array.shape}, of which the file does not hold all")
    for block in blocks:
        _check_block(array, block, size)
    return held


def stored(array: Array, file_size: int) -> int:
    """Return the bytes that an array takes in its file, which has so many bytes itself.

    Raises
    ------
    Hdf5Error
        When the array claims more than the file holds, or a compressed block gives other than its shape says.

    """
    if array.created.get_layout() == h5d.CHUNKED:
        return _stored_in_blocks(array, file_size)
    if array.identifier.get_storage_size() != array.size:
        raise Hdf5Error(f"{array.name} claims the shape {array.shape}, of which the file does not hold all")
    return array.size
