"""From an argument of a spec and uniform numbers to the value that is drawn: points of ranges, options of choices."""

import math
from collections.abc import Sequence

from segcore.values import Choice, Range, Table, Value

# A tuple: making a union of types for every number of every sample would cost more than asking.
NUMBERS = (int, float)


class NotDrawnError(Exception):
    """An argument that is none of those that are drawn here; the augmentation library knows what to say to it."""


def pick(value: Value, unit: float) -> Value:
    """Return the value that a uniform number selects: a point of a Range, an option of a Choice, else itself.

    Parameters
    ----------
    value
        What an argument of the spec holds.
    unit
        A number from 0 (included) to 1 (excluded). What is left of it after an option was chosen
        selects within that option, so that one number is enough for a Choice of Ranges.

    """
    if isinstance(value, Range):
        return value.low + unit * (value.high - value.low)
    if isinstance(value, Choice):
        index = int(unit * len(value.options))
        return pick(value.options[index], unit * len(value.options) - index)
    return value


def pick_whole(value: Value, unit: float) -> int:
    """Return the whole number that a uniform number selects; both ends of a Range can be selected.

    Raises
    ------
    ValueError
        When the value is no number, no whole one, or a Range without a whole number in it.

    """
    match value:
        case Range(low, high):
            first, last = math.ceil(low), math.floor(high)
            if first > last:
                raise ValueError(f"there is no whole number from {low} to {high}; widen the range")
            return first + int(unit * (last - first + 1))
        case Choice(options):
            index = int(unit * len(options))
            return pick_whole(options[index], unit * len(options) - index)
        case int() | float() if float(value).is_integer():
            return int(value)
        case _:
            raise ValueError(f"expected a whole number, a range or a choice of them, got {value!r}")


def number(value: Value, unit: float) -> float:
    """Return the number that a uniform number selects, see `pick`.

    Raises
    ------
    NotDrawnError
        When it is no number.

    """
    picked = pick(value, unit)
    if not isinstance(picked, NUMBERS):
        raise NotDrawnError(f"expected a number, a range or a choice of them, got {value!r}")
    return picked


def whole(value: Value, unit: float) -> int:
    """Return the whole number that a uniform number selects, see `pick_whole`.

    Raises
    ------
    NotDrawnError
        When it is no whole number.

    """
    try:
        return pick_whole(value, unit)
    except ValueError as error:
        raise NotDrawnError(str(error)) from error


def both_axes(
    value: Value, units: Sequence[float], default: float, *, is_whole: bool = False
) -> tuple[float, float]:
    """Return the numbers of the horizontal and of the vertical axis.

    Parameters
    ----------
    value
        A Table with ``x``, ``y`` or both has a draw for each; anything else is drawn once for both.
    units
        Two uniform numbers.
    default
        What stands for an axis that a Table leaves out.
    is_whole
        Whether whole numbers are drawn.

    Raises
    ------
    NotDrawnError
        When a value is no number, or no whole one.

    """
    picked = whole if is_whole else number
    if isinstance(value, Table):
        given = dict(value.items)
        return picked(given.get("x", default), units[0]), picked(given.get("y", default), units[1])
    both = picked(value, units[0])
    return both, both
