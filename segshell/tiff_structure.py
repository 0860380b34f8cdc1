"""What a TIFF says of itself, checked before anything is decoded: its chain of pages, and where its pixels lie."""

import lzma
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

MOST_PAGES = 1024
_TOLERANCE = 1 << 16
_LARGE_TILE = 1 << 24
_PLACES = (273, 279, 324, 325)  # StripOffsets, StripByteCounts, TileOffsets, TileByteCounts
# Compression tags of TIFF 6.0 and its supplements whose streams may hold a thousand times what they take.
_DEFLATE = frozenset({8, 32946})
_LZMA = 34925


def _next_page(file: BinaryIO, order: str, offset: int, *, is_big: bool) -> int:
    """Return where the page after the one at an offset is; 0 where there is none."""
    count_form, entry_bytes, offset_form = ("Q", 20, "Q") if is_big else ("H", 12, "I")
    file.seek(offset)
    count_bytes = struct.calcsize(order + count_form)
    (count,) = struct.unpack(order + count_form, file.read(count_bytes))
    file.seek(offset + count_bytes + count * entry_bytes)
    following = file.read(struct.calcsize(order + offset_form))
    # A file that was cut off within its last page has no further one.
    return int(struct.unpack(order + offset_form, following)[0]) if following else 0


def _pages(file: BinaryIO) -> Iterator[int]:
    head = file.read(16)
    order = "<" if head[:2] == b"II" else ">"
    is_big = 43 in head[2:4]
    (offset,) = struct.unpack_from(order + ("Q" if is_big else "I"), head, 8 if is_big else 4)
    seen = set[int]()
    while offset:
        if offset in seen:
            raise ValueError("its pages form a circle")
        seen.add(offset)
        yield offset
        offset = _next_page(file, order, offset, is_big=is_big)


def page_count(path: Path) -> int:
    """Return the number of pages of a TIFF, at most `MOST_PAGES` + 1: walking a longer chain has no use.

    Raises
    ------
    ValueError
        Where a page leads back to an earlier one.
    struct.error
        Where the file ends within a page.

    References
    ----------
    TIFF 6.0, section 2.

    """
    with path.open("rb") as file:
        return sum(1 for _ in islice(_pages(file), MOST_PAGES + 1))


def check_places(tags: Mapping[int, Any]) -> None:
    """Refuse a page with a strip or tile that lies nowhere, of which readers make zeros or whatever stands first.

    Parameters
    ----------
    tags
        Its tags by number.

    Raises
    ------
    ValueError
        With the reason.

    """
    given = (tags.get(tag, ()) for tag in _PLACES)
    if any(not all(one) for one in given if isinstance(one, tuple)):
        raise ValueError("a strip or tile of it is missing")


def _segment_bytes(page: Any) -> int:
    """Return how many bytes a strip or tile of a page holds at most, decoded."""
    height, width = page.imagelength, page.imagewidth
    rows, columns = (
        (page.tilelength, page.tilewidth) if page.is_tiled else (min(page.rowsperstrip, height), width)
    )
    if page.is_tiled and rows * columns > max(4 * height * width, _LARGE_TILE):
        raise ValueError(f"its tiles of {rows} x {columns} pixels are larger than its {height} x {width}")
    samples = page.samplesperpixel if page.planarconfig == 1 else 1
    return int(rows * columns * samples * page.bitspersample + 7) // 8


def _inflater(compression: int) -> Callable[[bytes, int], bytes] | None:
    if compression in _DEFLATE:
        return zlib.decompressobj().decompress
    return lzma.LZMADecompressor().decompress if compression == _LZMA else None


def check_segments(page: Any, path: Path) -> None:
    """Refuse a page whose pixels are not all there, or that holds far more than its size says.

    Readers fill what is missing with zeros, and inflate whatever a strip or tile holds.

    Parameters
    ----------
    page
        A page as tifffile reads it.
    path
        Its file.

    Raises
    ------
    ValueError
        With the reason.

    """
    limit, whole = _segment_bytes(page) + _TOLERANCE, path.stat().st_size
    with path.open("rb") as file:
        for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False):
            if not offset or not count:
                raise ValueError("a strip or tile of it is missing")
            inflate = _inflater(page.compression)
            if inflate is None:
                continue
            if offset + count > whole:
                raise ValueError("it was cut off")
            file.seek(offset)
            if len(inflate(file.read(count), limit)) == limit:
                raise ValueError("a strip or tile of it holds more than its header says")
