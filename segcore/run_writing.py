"""Runs as text: decimal numbers from tables of digits, all of a mask in one piece of memory."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

_Integers: TypeAlias = NDArray[np.integer]


def _cells() -> NDArray[np.uint8]:
    # 0 to 19,999 as a space and up to seven digits; what has no digit is NUL and is taken out of the whole text.
    cells = np.zeros((20_000, 8), dtype=np.uint8)
    rest = np.arange(20_000)
    for place in range(7, 0, -1):
        higher = rest // 10
        cells[:, place] = np.where(rest > 0, rest - 10 * higher + ord("0"), 0)
        rest = higher
    cells[0, -1] = ord("0")
    cells[:, 0] = ord(" ")
    return cells


_CELLS: Final = _cells().tobytes()
"""8 bytes for each number below 20,000: a space and its digits, without leading zeros."""
_TAILS: Final = _cells()[:, 4:].tobytes()
"""4 bytes for each of these: the last four digits, with leading zeros from 10,000 on."""
_ALONE: Final = (_cells()[:1000, 4:] | np.array([ord(" "), 0, 0, 0], dtype=np.uint8)).tobytes()
"""4 bytes for each number below 1,000: a space and its digits."""
_HEADS: Final = b" \0\0\0" + _ALONE[4:]
"""The same in front of other digits: nothing for 0."""


_MANY: Final = 4000


def _columns(numbers: _Integers) -> Sequence[NDArray[np.uint32]]:
    """Return what stands for numbers in columns of 4 bytes: a space in front, then digits with NULs among them."""
    peak = int(numbers.max())
    if peak < 1000:
        return (np.frombuffer(_ALONE, dtype=np.uint32).take(numbers),)
    # Halves of words divide several times faster, which pays where there are many.
    numbers = numbers.astype(np.uint32) if peak < 2**32 and numbers.size > _MANY else numbers
    tails = np.frombuffer(_TAILS, dtype=np.uint32)
    columns: list[NDArray[np.uint32]] = []
    while peak >= 1000:
        higher = numbers // 10_000
        # Below 10,000 leading zeros are left out; the second half of the table has them.
        tail = tails.take(np.minimum(numbers, numbers - 10_000 * higher + 10_000))
        columns.append(tail * (numbers > 0) if columns else tail)
        numbers, peak = higher, peak // 10_000
    return (np.frombuffer(_HEADS, dtype=np.uint32).take(numbers), *columns[::-1])


def _cells_of(runs: _Integers) -> NDArray[Any]:
    """Return cells of digits and NULs, one row for each run; each number begins with a space."""
    if runs.max() < 20_000:
        return np.frombuffer(_CELLS, dtype=np.uint64).take(runs.T)
    columns = (*_columns(runs[0]), *_columns(runs[1]))
    cells = np.empty((runs.shape[1], len(columns)), dtype=np.uint32)
    for place, column in enumerate(columns):
        cells[:, place] = column
    return cells


def _packed(cells: NDArray[Any]) -> str:
    return cells.tobytes().translate(None, b"\0")[1:].decode("ascii")


def text_of(runs: _Integers) -> str:
    """Return ``start length start length …``, empty where there are no runs.

    Parameters
    ----------
    runs
        The start and the length of each run, integers from 0, (2, n).

    """
    return _packed(_cells_of(runs)) if runs.size else ""


def texts_of(runs: _Integers, firsts: _Integers) -> tuple[str, ...]:
    """Return the texts of several groups of runs, as `text_of` writes each.

    Parameters
    ----------
    runs
        The start and the length of each run, integers from 0, (2, n), group after group.
    firsts
        Positions of the first run of each group, (m,), ascending from 0; each group has a run.

    """
    if not runs.size:
        return ()
    cells = _cells_of(runs)
    cells.view(np.uint8)[firsts, 0] = ord("\n")
    return tuple(_packed(cells).split("\n"))
