"""Objects given as runs of pixels, drawn into one mask of class ids or one plane per class."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.raw_masks import VOID

DENSE = 256  # pixels per run, below which painting all of them at once is faster than run after run
_Integers: TypeAlias = NDArray[np.int64]


class Outlined(NamedTuple):
    """One object of an image.

    Attributes
    ----------
    number
        Its class, counted from 1.
    starts, ends
        Its runs in the flattened image, ascending and apart, int64; an end is one past the last pixel.
    is_void
        Whether its pixels are not counted, because it is no single object but a crowd of them.

    """

    number: int
    starts: _Integers
    ends: _Integers
    is_void: bool = False

    @property
    def area(self) -> int:
        """Number of its pixels."""
        return int((self.ends - self.starts).sum())


def _fill(flat: NDArray[np.uint8], one: Outlined, value: int) -> None:
    if not one.starts.size:
        return
    edges = components.interleaved(one.starts, one.ends)
    low, high = int(edges[0]), int(edges[-1])
    if high - low < DENSE * one.starts.size:
        window = flat[low:high]
        window[np.repeat(np.arange(edges.size - 1) % 2 == 0, np.diff(edges))] = value
        return
    for start, end in zip(one.starts.tolist(), one.ends.tolist(), strict=True):
        flat[start:end] = value


def drawn(
    objects: Iterable[Outlined],
    shape: tuple[int, int],
    classes: int,
    *,
    exclusive: bool,
    order: Literal["F", "C"] = "F",
) -> NDArray[np.uint8]:
    """Return the mask of all objects of an image.

    Void objects are drawn first, then the others from the largest to the smallest (equals in their order), so
    that where classes exclude each other a small object in front of a large one stays visible, and what is
    known counts although it lies in a crowd.

    Parameters
    ----------
    objects
        Their numbers are at most `classes`; any number where `classes` is 1, below it where `exclusive`.
    shape
        Height and width in pixels.
    classes
        Number of classes; where they exclude each other it counts the background.
    exclusive
        Whether the result holds class ids instead of planes.
    order
        Whether runs go down the columns (``F``) or along the rows (``C``).

    Returns
    -------
    NDArray[np.uint8]
        (h,w,1): 0 and 1 for one class, ids from 0 where `exclusive`; else (h,w,classes) of 0 and 1. `VOID` where
        a void object covers nothing else of its plane.

    """
    planes = 1 if exclusive else classes
    flat = np.zeros((planes, shape[0] * shape[1]), dtype=np.uint8)
    for one in sorted(objects, key=lambda one: (not one.is_void, -one.area)):
        plane = 0 if planes == 1 else one.number - 1
        _fill(flat[plane], one, VOID if one.is_void else one.number if exclusive else 1)
    if order == "F":
        return np.ascontiguousarray(flat.reshape(planes, shape[1], shape[0]).transpose(2, 1, 0))
    return np.ascontiguousarray(flat.reshape(planes, *shape).transpose(1, 2, 0))


def _joined(objects: Sequence[Outlined], number: int) -> Outlined:
    same = [one for one in objects if one.number == number]
    starts, ends = (np.concatenate(part) for part in zip(*(one[1:3] for one in same), strict=True))
    return Outlined(number, *components.union(starts, ends))


def contested(objects: Sequence[Outlined]) -> tuple[int, int, int] | None:
    """Return the first two classes that share pixels, and how many pixels they share; None where none do."""
    joined = [_joined(objects, number) for number in sorted({one.number for one in objects})]
    for left, right in combinations(joined, 2):
        starts, ends = np.append(left.starts, right.starts), np.append(left.ends, right.ends)
        shared = left.area + right.area - Outlined(0, *components.union(starts, ends)).area
        if shared:
            return left.number, right.number, shared
    return None
