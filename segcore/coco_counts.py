"""COCO's run-length counts of a mask, as a list and as the compressed text, both ways."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.components import Shape, as_pixels, checked_shape, spread
from segcore.run_texts import Edges, RleError

_Integers: TypeAlias = NDArray[np.int64]


def compressed(counts: NDArray[np.int64]) -> str:
    """Return counts as COCO's text: differences to the count before last, in groups of 5 bits, lowest first.

    The format is that of `rleToString` in https://github.com/cocodataset/cocoapi, common/maskApi.c: from the
    fourth count on, the difference is written; bit 5 of a character says that another group follows.

    Parameters
    ----------
    counts
        From 0 to 2**59, int64.

    """
    numbers = counts.copy()
    numbers[3:] -= counts[1:-2]
    widest = int(np.abs(numbers).max(initial=0)).bit_length() // 5 + 1
    shifts = 5 * np.arange(widest, dtype=np.int64)
    groups = (numbers[:, None] >> shifts) & 31
    # A number ends with the group that holds its sign bit and after which nothing but that sign would follow.
    more = (numbers[:, None] >> (shifts + 5)) != np.where(groups & 16, -1, 0)
    used = np.ones_like(more)
    used[:, 1:] = np.logical_and.accumulate(more, axis=1)[:, :-1]
    characters: bytes = (groups + 32 * more + 48)[used].astype(np.uint8).tobytes()
    return characters.decode("ascii")


def uncompressed(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the counts of a COCO text, the inverse of `compressed`, and the character at which each begins.

    Parameters
    ----------
    text
        Groups of at most 12 characters: any number of `P` to `o`, then one of `0` to `O`.

    Returns
    -------
    tuple[NDArray[np.int64], NDArray[np.int64]]
        n counts, not checked for their range, and n + 1 positions; the last is the length of the text.

    """
    codes = np.frombuffer(text.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    ends = np.flatnonzero(codes < 32) + 1
    positions = np.concatenate((np.zeros(1, dtype=np.int64), ends))
    lengths = np.diff(positions)
    place = spread(np.zeros_like(lengths), lengths)
    sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum((codes & 31) << (5 * place))))
    counts = np.diff(sums[positions]) - np.where(codes[ends - 1] & 16, 1 << (5 * lengths), 0)
    counts[1::2] = np.cumsum(counts[1::2])
    counts[2::2] = np.cumsum(counts[2::2])
    return counts, positions


def coco_counts(mask: NDArray[Any]) -> tuple[int, ...]:
    """Return the lengths of the runs of 0, of 1, of 0 … down the columns: COCO's uncompressed counts.

    `mask` is as in `rle_encode`; the first count is 0 where the first pixel is mask.
    """
    return tuple(components.column_counts(as_pixels(mask)[0]).tolist())


def coco_compressed(mask: NDArray[Any]) -> str:
    """Return the counts of `coco_counts` as the text that pycocotools writes."""
    return compressed(components.column_counts(as_pixels(mask)[0]))


def _unpacked(text: str) -> tuple[_Integers, _Integers]:
    if foreign := re.search("[^0-o]", text):
        raise RleError(f"COCO counts: {foreign[0]!r} is none of the characters '0' to 'o'", foreign.start())
    # A count is up to eleven characters that announce another one and one that does not: 60 bits.
    if torn := re.search("(?<![P-o])[P-o]{12}|[P-o]+$", text):
        raise RleError("COCO counts: the count that begins here is too long or has no end", torn.start())
    return uncompressed(text)


def _listed(counts: Sequence[int]) -> tuple[_Integers, _Integers]:
    for index, count in enumerate(counts):
        if isinstance(count, bool) or not isinstance(count, int | np.integer) or abs(int(count)) >> 60:
            raise RleError(f"COCO counts: {count!r} is no number of pixels", index)
    return np.array(counts, dtype=np.int64), np.arange(len(counts) + 1)


def _reject_counts(numbers: _Integers, positions: _Integers, size: int) -> None:
    outside = (numbers < 0) | (numbers > size)
    told = int(numbers[~outside].sum())
    faulty = np.append(outside | (np.cumsum(np.where(outside, 0, numbers)) > size), told < size)
    if faulty.any():
        index = int(faulty.argmax())
        given = f"count {numbers[index]} leaves" if index < numbers.size else f"{told} pixels do not fill"
        advice = f"an image of {size} pixels; check the shape (h, w)"
        raise RleError(f"COCO counts: {given} {advice}", int(positions[index]))


def _checked(counts: str | bytes | Sequence[int], size: int) -> _Integers:
    text = counts.decode("latin-1") if isinstance(counts, bytes) else counts
    numbers, positions = _unpacked(text) if isinstance(text, str) else _listed(text)
    _reject_counts(numbers, positions, size)
    return numbers


def coco_runs(counts: str | bytes | Sequence[int], shape: Shape) -> Edges:
    """Return the runs down the columns that COCO counts describe; arguments and errors as in `coco_decode`."""
    height, width = checked_shape(shape)
    edges = np.cumsum(_checked(counts, height * width))
    edges = edges if edges.size % 2 == 0 else edges[:-1]
    starts, ends = edges[::2], edges[1::2]
    filled = ends > starts
    return starts[filled], ends[filled]


def coco_decode(counts: str | bytes | Sequence[int], shape: Shape) -> NDArray[np.uint8]:
    """Return the mask that COCO counts describe: 0 and 1, (h, w), in column-major memory order.

    Parameters
    ----------
    counts
        The compressed text (`bytes` as pycocotools gives it, or `str`) or the list of counts.
    shape
        (h, w) or (h, w, 1) in pixels: COCO's `size`.

    Raises
    ------
    RleError
        When a count is no whole number or negative, or the counts do not add up to h * w.

    """
    height, width = checked_shape(shape)
    return components.painted(_checked(counts, height * width), (height, width), "F")
