"""Run-length codec for masks: Kaggle text and its dialects, COCO counts, and one text per instance."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.coco_counts import coco_compressed, coco_counts, coco_decode
from segcore.components import Shape, as_pixels, checked_shape, interleaved
from segcore.run_edges import column_edges
from segcore.run_texts import DIALECTS, KAGGLE, Dialect, Edges, RleError, counts_of, dialect_of, runs_of
from segcore.run_writing import text_of, texts_of

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


def _of_shape(text: str, shape: tuple[int, int]) -> RleText:
    # Without a look at the shape, which is that of a mask: half the time where there are many texts.
    self = str.__new__(RleText, text)
    object.__setattr__(self, "shape", shape)
    return self


def _shape_of(text: str, shape: Shape | None) -> tuple[int, int]:
    if shape is None or isinstance(text, RleText):
        return _common_shape([text], shape)
    return checked_shape(shape)


def _common_shape(texts: Sequence[str], shape: Shape | None) -> tuple[int, int]:
    known = {text.shape for text in texts if isinstance(text, RleText)}
    if shape is not None:
        known.add(checked_shape(shape))
    if not known:
        raise ValueError("a plain run-length text does not tell the size of its mask: pass shape=(h, w)")
    if len(known) > 1:
        raise ValueError(f"the masks have different shapes: {sorted(known)}; decode each shape on its own")
    return known.pop()


def _run_lengths(starts: NDArray[np.int64], ends: NDArray[np.int64], base: int) -> NDArray[np.int64]:
    """Return the start, counted from `base`, and the length of each run, (2, n)."""
    runs = np.empty((2, starts.size), dtype=np.int64)
    np.add(starts, base, out=runs[0])
    np.subtract(ends, starts, out=runs[1])
    return runs


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
    form, (pixels, filled) = dialect_of(dialect), as_pixels(mask)
    if not filled:
        return ""
    edges = column_edges(pixels if form.order == "F" else pixels.T)
    return text_of(_run_lengths(edges[::2], edges[1::2], form.base))


def _united(runs: Edges, shape: tuple[int, int], form: Dialect) -> NDArray[np.uint8]:
    edges = interleaved(*components.union(*runs))
    counts = np.diff(edges, prepend=0, append=shape[0] * shape[1])
    return components.painted(counts, shape, form.order)


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
    form, (height, width) = dialect_of(dialect), _shape_of(text, shape)
    size = height * width
    if union:
        return _united(runs_of(text, size, form.base), (height, width), form)
    return components.painted(counts_of(text, size, form.base), (height, width), form.order)


def multi_rle_encode(mask: NDArray[Any]) -> tuple[RleText, ...]:
    """Return one Kaggle text per 8-connected component, in the order of their first pixels down the columns.

    `mask` is as in `rle_encode`.
    """
    pixels, filled = as_pixels(mask)
    if not filled:
        return ()
    runs = components.component_runs(pixels)
    firsts = runs.components.searchsorted(np.arange(runs.components[-1] + 1))
    texts = texts_of(_run_lengths(runs.starts, runs.ends, 1), firsts)
    shape = (pixels.shape[0], pixels.shape[1])
    return tuple(_of_shape(text, shape) for text in texts)


def _place(index: int) -> str:
    return f"run-length text {index} of the list"


def masks_as_image(texts: Iterable[str], shape: Shape | None = None) -> NDArray[np.uint8]:
    """Return the union of Kaggle texts as one mask of 0 and 1, (h, w); texts may overlap each other.

    `shape` and errors are as in `rle_decode`; the texts of `multi_rle_encode` know their shape.
    """
    given = tuple(texts)
    common = _common_shape(given, shape)
    size, none = common[0] * common[1], np.zeros(0, dtype=np.int64)
    runs = (runs_of(text, size, 1, _place(index), disjoint=True) for index, text in enumerate(given))
    starts, ends = zip((none, none), *runs, strict=True)
    return _united((np.concatenate(starts), np.concatenate(ends)), common, KAGGLE)


def masks_as_images(texts: Iterable[str], shape: Shape | None = None) -> list[NDArray[np.uint8]]:
    """Return one mask of 0 and 1, (h, w), per Kaggle text; no texts are no masks, also without a shape.

    `shape` and errors are as in `rle_decode`; the texts of `multi_rle_encode` know their shape.
    """
    given = tuple(texts)
    common = _common_shape(given, shape) if given else (0, 0)
    size = common[0] * common[1]
    return [
        components.painted(counts_of(text, size, 1, _place(index)), common, "F")
        for index, text in enumerate(given)
    ]
