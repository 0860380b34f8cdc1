"""Run-length texts as runs: the dialects in which they count, and what is wrong with a bad one."""

import re
from collections.abc import Iterator
from itertools import islice
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore.components import interleaved

_Integers: TypeAlias = NDArray[np.int64]
Edges: TypeAlias = tuple[_Integers, _Integers]
"""Runs as (starts, ends), int64, counted from 0; an end is one past the last pixel."""


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


def dialect_of(name: str) -> Dialect:
    """Return the dialect of a name; raise ValueError, with the known names, where there is none."""
    if name not in DIALECTS:
        raise ValueError(f"unknown run-length dialect {name!r}; known are {', '.join(DIALECTS)}")
    return DIALECTS[name]


def _words(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\S+", text, re.ASCII)


_PLAIN: Final = b"0123456789 \t\n\r\f\v"


def _reject_words(text: str, where: str) -> None:
    # Taking out what is allowed is ten times faster than searching for what is not.
    if text.isascii() and not text.encode("ascii").translate(None, _PLAIN):
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


def _reject_overlap(text: str, where: str, starts: _Integers, ends: _Integers) -> None:
    order = np.argsort(starts, kind="stable")
    overlapping = np.flatnonzero(starts[order][1:] < np.maximum.accumulate(ends[order])[:-1])
    if overlapping.size:
        run = int(order[overlapping[0] + 1])
        word = next(islice(_words(text), 2 * run, None))
        message = f"{where}: run {run + 1} overlaps another run of this text; each pixel may be named once"
        raise RleError(message, word.start())


def _reject_order(text: str, where: str, starts: _Integers) -> None:
    late = np.flatnonzero(starts[1:] < starts[:-1])
    if late.size:
        run = int(late[0]) + 1
        word = next(islice(_words(text), 2 * run, None))
        message = f"{where}: run {run + 1} starts before the run in front of it; runs ascend"
        raise RleError(f"{message}. Sort them, or check the dialect", word.start())


def _numbers_of(text: str, where: str) -> _Integers:
    if not isinstance(text, str):
        raise TypeError(f"{where}: expected str, got {text!r}; no mask is '' (pandas: keep_default_na=False)")
    _reject_words(text, where)
    numbers = np.fromstring(text, dtype=np.int64, sep=" ") if text.strip() else np.zeros(0, dtype=np.int64)
    if numbers.size % 2:
        position = len(text.rstrip()) - len(text.rsplit(maxsplit=1)[-1])
        raise RleError(f"{where}: the last start has no length; {numbers.size} numbers are given", position)
    return numbers


def _counts(numbers: _Integers, size: int, base: int) -> _Integers:
    """Return the lengths of the runs of 0, of 1, of 0 … as far as runs ascend apart and within the image."""
    counts = np.empty(numbers.size + 1, dtype=np.int64)
    counts[:-1], counts[-1] = numbers, size + base
    gaps = counts[::2]
    gaps[0] -= base
    gaps[1:] -= numbers[::2] + numbers[1::2]
    return counts


def _is_plain(counts: _Integers, size: int) -> bool:
    """Return whether nothing is wrong with a text: what is so nearly always, and quickly seen."""
    # Without a sign what is negative is large too. Where every count is small enough none of the sums before it has
    # left 64 bits, however large the numbers.
    return bool(counts.view(np.uint64).max() <= size and counts[1::2].all())


def counts_of(text: str, size: int, base: int, where: str = "run-length text") -> _Integers:
    """Return the lengths of the runs of 0, of 1, of 0 … that a text of runs describes, one more than numbers.

    Arguments and errors are those of `runs_of` for runs that are `disjoint`.
    """
    numbers = _numbers_of(text, where)
    counts = _counts(numbers, size, base)
    if not _is_plain(counts, size):
        _reject(text, where, numbers, size, base, disjoint=True)
    return counts


def _reject(text: str, where: str, numbers: _Integers, size: int, base: int, *, disjoint: bool) -> None:
    _reject_range(text, where, numbers, size, base)
    if disjoint:
        starts = numbers[::2] - base
        _reject_overlap(text, where, starts, starts + numbers[1::2])
        _reject_order(text, where, starts)


def runs_of(
    text: str, size: int, base: int, where: str = "run-length text", *, disjoint: bool = False
) -> Edges:
    """Return the runs of a text in its own order.

    Parameters
    ----------
    text
        Non-negative integers ``start length start length …`` between any white space.
    size
        Number of pixels of the image.
    base
        Number of the first pixel: 0 or 1.
    where
        What the text is called in messages.
    disjoint
        Whether runs that overlap, or that do not ascend, are a fault.

    Raises
    ------
    RleError
        When an entry is no integer, or the last length is missing, or a run is empty or leaves the image, or
        runs overlap or do not ascend; the whole text is searched for one kind of fault before the next.
    TypeError
        When `text` is no text.

    """
    numbers = _numbers_of(text, where)
    if not _is_plain(_counts(numbers, size, base), size):
        _reject(text, where, numbers, size, base, disjoint=disjoint)
    starts = numbers[::2] - base
    return starts, starts + numbers[1::2]
