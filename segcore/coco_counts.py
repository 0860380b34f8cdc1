"""COCO's run-length counts of a mask, as a list and as the compressed text, both ways."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.components import Shape, as_mask, checked_shape
from segcore.run_texts import Edges, RleError

_Integers: TypeAlias = NDArray[np.int64]


def coco_counts(mask: NDArray[Any]) -> tuple[int, ...]:
    """Return the lengths of the runs of 0, of 1, of 0 … down the columns: COCO's uncompressed counts.

    `mask` is as in `rle_encode`; the first count is 0 where the first pixel is mask.
    """
    return tuple(components.column_counts(as_mask(mask)).tolist())


def coco_compressed(mask: NDArray[Any]) -> str:
    """Return the counts of `coco_counts` as the text that pycocotools writes."""
    return components.compressed(components.column_counts(as_mask(mask)))


def _unpacked(text: str) -> tuple[_Integers, _Integers]:
    if foreign := re.search("[^0-o]", text):
        raise RleError(f"COCO counts: {foreign[0]!r} is none of the characters '0' to 'o'", foreign.start())
    # A count is up to eleven characters that announce another one and one that does not: 60 bits.
    if torn := re.search("(?<![P-o])[P-o]{12}|[P-o]+$", text):
        raise RleError("COCO counts: the count that begins here is too long or has no end", torn.start())
    return components.uncompressed(text)


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
