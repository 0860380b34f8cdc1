"""Run-length codec for masks: Kaggle text and its dialects, COCO counts, and one text per instance."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.coco_counts import coco_compressed, coco_counts, coco_decode
from segcore.components import Shape, as_mask, checked_shape, interleaved
from segcore.run_texts import DIALECTS, KAGGLE, Dialect, Edges, RleError, dialect_of, runs_of

__all__ = (
    "DIALECTS", "KAGGLE", "Dialect", "RleError", "RleText", "coco_compressed", "coco_counts", "coco_decode",
    "masks_as_image", "masks_as_images", "multi_rle_encode", "rle_decode", "rle_encode",
)  # fmt: skip


class RleText(str):
    """A Kaggle text that knows the `shape` (h, w) of its mask; in every other respect a plain `str`."""

    __slots__ = ("shape",)
    shape: tuple[int, int]

    def __new__(cls, text: str, shape: Shape) -> Self:
        """Return `text` with the shape (h, w) or (h, w, 1) of its mask in pixels."""
        self = super().__new__(cls, text)
        object.__setattr__(self, "shape", checked_shape(shape))
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("RleText is immutable")

    def __reduce__(self) -> tuple[type["RleText"], tuple[str, tuple[int, int]]]:
        return (RleText, (str(self), self.shape))


def _common_shape(texts: Sequence[str], shape: Shape | None) -> tuple[int, int]:
    known = {text.shape for text in texts if isinstance(text, RleText)}
    if shape is not None:
        known.add(checked_shape(shape))
    if not known:
        raise ValueError("a plain run-length text does not tell the size of its mask: pass shape=(h, w)")
    if len(known) > 1:
        raise ValueError(f"the masks have different shapes: {sorted(known)}; decode each shape on its own")
    return known.pop()


def rle_encode(mask: NDArray[Any], *, dialect: str = "kaggle") -> str:
    """Return a mask as ``start length start length …``, ascending and in maximal runs.

    Parameters
    ----------
    mask
        Numbers or booleans (h, w) or (h, w, 1) in any memory order; any non-zero value is mask.
    dialect
        `kaggle` (down the columns, from 1), `kaggle_row` (along the rows, from 1), `column_0` or `row_0`.

    Returns
    -------
    str
        Empty for an empty mask.

    Raises
    ------
    ValueError, TypeError
        When `mask` is no single mask or the dialect is unknown.

    """
    form, grid = dialect_of(dialect), as_mask(mask)
    edges = components.column_edges(grid if form.order == "F" else grid.T)
    numbers = interleaved(edges[::2] + form.base, edges[1::2] - edges[::2]).tolist()
    # The text of a list is written in C, about twice as fast as joining the text of each number.
    return str(numbers)[1:-1].replace(",", "")


def _decoded(runs: Edges, shape: tuple[int, int], form: Dialect) -> NDArray[np.uint8]:
    edges = interleaved(*components.union(*runs))
    return components.painted(np.diff(edges, prepend=0, append=shape[0] * shape[1]), shape, form.order)


def rle_decode(
    text: str, shape: Shape | None = None, *, dialect: str = "kaggle", union: bool = False
) -> NDArray[np.uint8]:
    """Return the mask that a text describes, exact for every shape.

    Parameters
    ----------
    text
        Non-negative integers ``start length start length …`` between any white space.
    shape
        (h, w) or (h, w, 1) in pixels; may be left out for an `RleText`.
    dialect
        As in `rle_encode`.
    union
        Take runs that overlap, or stand in any order, for what they cover together. Without it they are an error,
        since in a text of one mask they speak of a wrong dialect or a wrong shape.

    Returns
    -------
    NDArray[np.uint8]
        0 and 1, (h, w), in memory in the order in which the dialect reads.

    Raises
    ------
    RleError
        When an entry is no integer, or the last length is missing, or a run is empty or leaves the image, overlaps
        another or starts before the one in front of it; the whole text is searched for one kind of fault before the
        next.
    ValueError, TypeError
        When there is no shape, shapes conflict, the dialect is unknown or `text` is no text.

    """
    form, (height, width) = dialect_of(dialect), _common_shape([text], shape)
    runs = runs_of(text, height * width, form.base, disjoint=not union)
    return _decoded(runs, (height, width), form)


def multi_rle_encode(mask: NDArray[Any]) -> tuple[RleText, ...]:
    """Return one Kaggle text per 8-connected component, in the order of their first pixels down the columns.

    `mask` is as in `rle_encode`.
    """
    grid = as_mask(mask)
    runs = components.component_runs(grid)
    words = list(map(str, interleaved(runs.starts + 1, runs.ends - runs.starts).tolist()))
    firsts = np.flatnonzero(np.diff(runs.components, prepend=-1)).tolist()
    bounds = pairwise([*firsts, runs.starts.size])
    return tuple(RleText(" ".join(words[2 * first : 2 * last]), grid.shape) for first, last in bounds)


def _parse_all(texts: Sequence[str], shape: tuple[int, int]) -> list[Edges]:
    size = shape[0] * shape[1]
    return [
        runs_of(text, size, 1, f"run-length text {index} of the list", disjoint=True)
        for index, text in enumerate(texts)
    ]


def masks_as_image(texts: Iterable[str], shape: Shape | None = None) -> NDArray[np.uint8]:
    """Return the union of Kaggle texts as one mask of 0 and 1, (h, w); texts may overlap each other.

    `shape` and errors are as in `rle_decode`; the texts of `multi_rle_encode` know their shape.
    """
    given = tuple(texts)
    common = _common_shape(given, shape)
    none = np.zeros(0, dtype=np.int64)
    starts, ends = zip((none, none), *_parse_all(given, common), strict=True)
    return _decoded((np.concatenate(starts), np.concatenate(ends)), common, KAGGLE)


def masks_as_images(texts: Iterable[str], shape: Shape | None = None) -> list[NDArray[np.uint8]]:
    """Return one mask of 0 and 1, (h, w), per Kaggle text; no texts are no masks, also without a shape.

    `shape` and errors are as in `rle_decode`; the texts of `multi_rle_encode` know their shape.
    """
    given = tuple(texts)
    common = _common_shape(given, shape) if given else (0, 0)
    return [_decoded(runs, common, KAGGLE) for runs in _parse_all(given, common)]
