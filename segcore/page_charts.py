"""Charts as numbers: axes with round ticks, and lines as points of a small picture that any renderer can draw."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from attrs import frozen

WIDTH, HEIGHT = 280, 170
LEFT, RIGHT, TOP, BOTTOM = 46, 8, 18, 28  # room for the marks, and for the names of rules at the top
MOST_POINTS: Final = 300  # of one line; a screen shows no more
_LOG_RATIO = 20
_LARGEST = 1e300
_STEPS = (1, 2, 5, 10)


@frozen
class Axis:
    """The values from `low` to `high`, evenly or by their logarithms."""

    low: float
    high: float
    is_log: bool = False

    def share(self, value: float) -> float:
        """Return where a value lies, from 0 (`low`) to 1 (`high`)."""
        low, high, at = (math.log10(one) if self.is_log else one for one in (self.low, self.high, value))
        return (at - low) / (high - low)


@frozen
class Tick:
    """A mark of an axis: where it is, in pixels from the left or from the top, and what it says."""

    at: float
    text: str


@frozen
class Line:
    """One line: its kind, such as ``validation``, and its unbroken parts as ``x,y x,y …`` in pixels."""

    kind: str
    parts: tuple[str, ...]


@frozen
class Dot:
    """A marked point in pixels, and what it says."""

    x: float
    y: float
    text: str


@frozen
class Chart:
    """A picture of `WIDTH` x `HEIGHT` pixels.

    Attributes
    ----------
    title, description
        What it shows, and the same as a sentence for those who do not see it.
    x_ticks, y_ticks
        Marks of the axes; `is_log` tells that the upright one goes by logarithms.
    rules
        Upright lines, such as where a stage begins.

    """

    title: str
    description: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...] = ()
    rules: tuple[Tick, ...] = ()
    is_log: bool = False


def axis_of(values: Iterable[float], *, may_be_log: bool = False) -> Axis:
    """Return an axis on which all finite values lie, with a little room at both ends.

    Parameters
    ----------
    values
        Any numbers; what is not finite has no place. Without any the axis goes from 0 to 1.
    may_be_log
        Whether it goes by logarithms where all values are positive and the largest is more than 20 times the
        smallest.

    """
    given = [one for one in values if math.isfinite(one)]
    clipped = [min(max(one, -_LARGEST), _LARGEST) for one in given] or [0.0, 1.0]
    low, high = min(clipped), max(clipped)
    if may_be_log and low > 1 / _LARGEST and high / low > _LOG_RATIO:
        return Axis(low / 1.2, high * 1.2, is_log=True)
    largest = max(abs(low), abs(high))
    if high - low <= 1e-9 * largest or largest < 1 / _LARGEST:
        room = 0.05 * largest if largest >= 1 / _LARGEST else 1.0
    else:
        room = 0.04 * (high - low)
    return Axis(low - room, high + room)


def _step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that divides a span into at most so many parts."""
    unit = 10.0 ** math.floor(math.log10(span / most))
    return next(one * unit for one in _STEPS if span / (one * unit) <= most * (1 + 1e-9))


def _decades(axis: Axis, most: int) -> tuple[float, ...]:
    first, last = math.floor(math.log10(axis.low)), math.floor(math.log10(axis.high))
    between = _STEPS[:-1] if last - first <= 2 else _STEPS[:1]
    stride = max(1, math.ceil((last - first) / most))
    every = (step * 10.0**power for power in range(first, last + 1, stride) for step in between)
    return tuple(one for one in every if axis.low <= one <= axis.high)


def tick_values(axis: Axis, most: int = 5, *, whole: bool = False) -> tuple[float, ...]:
    """Return round values within an axis, ascending: about `most` of them at most.

    Parameters
    ----------
    axis
        The axis.
    most
        Parts into which it is divided at most.
    whole
        Whether only whole numbers are wanted, such as epochs.

    """
    if axis.is_log:
        return _decades(axis, most)
    step = _step(axis.high - axis.low, most)
    step = max(1.0, step) if whole else step
    numbers = range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1)
    values = (number * step for number in numbers)
    return tuple(
        one for one in values if axis.low <= one <= axis.high
    )  # rounding may have put one a hair outside


def number_text(value: float) -> str:
    """Return a number with at most four digits that count, as short as it can be."""
    return f"{value:.4g}"


def x_of(value: float, axis: Axis) -> float:
    """Return where a value lies in a chart, in pixels from the left."""
    return round(LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT), 1)


def y_of(value: float, axis: Axis) -> float:
    """Return where a value lies in a chart, in pixels from the top."""
    held = min(max(value, axis.low), axis.high)
    return round(HEIGHT - BOTTOM - axis.share(held) * (HEIGHT - TOP - BOTTOM), 1)


def x_ticks(axis: Axis) -> tuple[Tick, ...]:
    """Return marks at whole numbers."""
    return tuple(Tick(x_of(one, axis), number_text(one)) for one in tick_values(axis, 6, whole=True))


def y_ticks(axis: Axis) -> tuple[Tick, ...]:
    """Return marks at round numbers."""
    return tuple(Tick(y_of(one, axis), number_text(one)) for one in tick_values(axis))


def thinned(values: Sequence[float], most: int = MOST_POINTS) -> tuple[int, ...]:
    """Return the positions of the values that have to be drawn so that the line looks the same, ascending.

    Of long lines, the smallest and the largest value of each of `most` / 2 equal parts, and both ends.
    """
    if len(values) <= most:
        return tuple(range(len(values)))
    array, kept = np.asarray(values, dtype=np.float64), {0, len(values) - 1}
    for part in np.array_split(np.arange(len(values)), most // 2):
        kept |= {int(part[array[part].argmin()]), int(part[array[part].argmax()])}
    return tuple(sorted(kept))


def points(pairs: Sequence[tuple[float, float]], x_axis: Axis, y_axis: Axis) -> str:
    """Return an unbroken line through finite (x, y) as ``x,y x,y …`` in pixels, thinned where it is long."""
    kept = thinned([value for _, value in pairs])
    return " ".join(f"{x_of(pairs[at][0], x_axis)},{y_of(pairs[at][1], y_axis)}" for at in kept)
