"""Run-length codec for masks: Kaggle text and its dialects, COCO counts, and one text per instance."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore import components
from segcore.components import Shape, as_mask, checked_shape, interleaved

_Integers: TypeAlias = NDArray[np.int64]
_Runs: TypeAlias = tuple[_Integers, _Integers]


class Dialect(NamedTuple):
    """How a run-length text counts: down the columns (`F`) or along the rows (`C`), from 0 or from 1."""

    name: str
    order: Literal["F", "C"]
    base: int


KAGGLE = Dialect("kaggle", "F", 1)
DIALECTS = MappingProxyType(
    {
        "kaggle": KAGGLE,
        "kaggle_row": Dialect("kaggle_row", "C", 1),
        "column_0": Dialect("column_0", "F", 0),
        "row_0": Dialect("row_0", "C", 0),
    }
)


class RleError(ValueError):
    """A run-length text or a list of counts that is no mask of the given shape.

    Attributes
    ----------
    position
        Character of the text, or entry of the list of counts, where the fault stands; counted from 0.

    """

    def __init__(self, message: str, position: int) -> None:
        self.message = message
        self.position = position
        super().__init__(message, position)

    def __str__(self) -> str:
        return f"{self.message} (at position {self.position})"


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


def _dialect(name: str) -> Dialect:
    if name not in DIALECTS:
        raise ValueError(f"unknown run-length dialect {name!r}; known are {', '.join(DIALECTS)}")
    return DIALECTS[name]


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
    form, grid = _dialect(dialect), as_mask(mask)
    edges = components.column_edges(grid if form.order == "F" else grid.T)
    numbers = interleaved(edges[::2] + form.base, edges[1::2] - edges[::2]).tolist()
    # The text of a list is written in C, about twice as fast as joining the text of each number.
    return str(numbers)[1:-1].replace(",", "")


def _words(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\S+", text, re.ASCII)


def _reject_words(text: str, where: str) -> None:
    if re.search(r"[^0-9\s]", text, re.ASCII) is None:
        return
    word = next(found for found in _words(text) if not re.fullmatch("[0-9]+", found[0]))
    fault = "is negative" if re.fullmatch("-[0-9]+", word[0]) else "is no integer"
    raise RleError(f"{where}: {word[0][:40]!r} {fault}; runs are 'start length start length …'", word.start())


def _reject_range(text: str, where: str, numbers: _Integers, size: int, base: int) -> None:
    starts, lengths = numbers[::2] - base, numbers[1::2]
    faulty = interleaved((starts < 0) | (starts >= size), (lengths < 1) | (lengths > size - starts))
    if not faulty.any():
        return
    run, is_length = divmod(int(faulty.argmax()), 2)
    word = next(islice(_words(text), 2 * run + is_length, None))
    noun, low, high = ("length", 1, size - starts[run]) if is_length else ("start", base, size - 1 + base)
    raise RleError(
        f"{where}: {noun} {word[0][:40]} of run {run + 1} is not within {low} to {high}, for an image "
        f"of {size} pixels; check the shape (h, w) and the dialect",
        word.start(),
    )


def _parse(text: str, size: int, base: int, where: str = "run-length text") -> _Runs:
    if not isinstance(text, str):
        raise TypeError(f"{where}: expected str, got {text!r}; no mask is '' (pandas: keep_default_na=False)")
    _reject_words(text, where)
    numbers = np.fromstring(text, dtype=np.int64, sep=" ") if text.strip() else np.zeros(0, dtype=np.int64)
    if numbers.size % 2:
        position = len(text.rstrip()) - len(text.rsplit(maxsplit=1)[-1])
        raise RleError(f"{where}: the last start has no length; {numbers.size} numbers are given", position)
    _reject_range(text, where, numbers, size, base)
    starts = numbers[::2] - base
    return starts, starts + numbers[1::2]


def _decoded(runs: _Runs, shape: tuple[int, int], form: Dialect) -> NDArray[np.uint8]:
    edges = interleaved(*components.union(*runs))
    return components.painted(np.diff(edges, prepend=0, append=shape[0] * shape[1]), shape, form.order)


def rle_decode(text: str, shape: Shape | None = None, *, dialect: str = "kaggle") -> NDArray[np.uint8]:
    """Return the mask that a text describes, exact for every shape.

    Runs may stand in any order and overlap: the mask is their union.

    Parameters
    ----------
    text
        Non-negative integers ``start length start length …`` between any white space.
    shape
        (h, w) or (h, w, 1) in pixels; may be left out for an `RleText`.
    dialect
        As in `rle_encode`.

    Returns
    -------
    NDArray[np.uint8]
        0 and 1, (h, w), in memory in the order in which the dialect reads.

    Raises
    ------
    RleError
        When an entry is no integer, or the last length is missing, or a run is empty or leaves the image; the
        whole text is searched for one kind of fault before the next.
    ValueError, TypeError
        When there is no shape, shapes conflict, the dialect is unknown or `text` is no text.

    """
    form, (height, width) = _dialect(dialect), _common_shape([text], shape)
    return _decoded(_parse(text, height * width, form.base), (height, width), form)


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


def _parse_all(texts: Sequence[str], shape: tuple[int, int]) -> list[_Runs]:
    size = shape[0] * shape[1]
    return [_parse(text, size, 1, f"run-length text {index} of the list") for index, text in enumerate(texts)]


def masks_as_image(texts: Iterable[str], shape: Shape | None = None) -> NDArray[np.uint8]:
    """Return the union of Kaggle texts as one mask of 0 and 1, (h, w).

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


def coco_counts(mask: NDArray[Any]) -> tuple[int, ...]:
    """Return the lengths of the runs of 0, of 1, of 0 … down the columns: COCO's uncompressed counts.

    `mask` is as in `rle_encode`; the first count is 0 where the first pixel is mask.
    """
    return tuple(components.column_counts(as_mask(mask)).tolist())


def coco_compressed(mask: NDArray[Any]) -> str:
    """Return the counts of `coco_counts` as the text that pycocotools writes."""
    return components.compressed(components.column_counts(as_mask(mask)))


def _unpacked(text: str) -> _Runs:
    if foreign := re.search("[^0-o]", text):
        raise RleError(f"COCO counts: {foreign[0]!r} is none of the characters '0' to 'o'", foreign.start())
    # A count is up to eleven characters that announce another one and one that does not: 60 bits.
    if torn := re.search("(?<![P-o])[P-o]{12}|[P-o]+$", text):
        raise RleError("COCO counts: the count that begins here is too long or has no end", torn.start())
    return components.uncompressed(text)


def _listed(counts: Sequence[int]) -> _Runs:
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
    text = counts.decode("latin-1") if isinstance(counts, bytes) else counts
    numbers, positions = _unpacked(text) if isinstance(text, str) else _listed(text)
    _reject_counts(numbers, positions, height * width)
    return components.painted(numbers, (height, width), "F")
