"""Augmentation of one sample as data: from a spec and a generator to the concrete steps."""

import math
from collections.abc import Iterator
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from attrs import frozen

from segcore.values import Call, Choice, Range, Value

Axis: TypeAlias = Literal["horizontal", "vertical"]


@frozen
class Flip:
    """A mirror image: ``horizontal`` exchanges left and right, ``vertical`` exchanges top and bottom."""

    axis: Axis


@frozen
class Quarter:
    """A turn by `turns` x 90 degrees clockwise, 1 to 3.

    With `keep_size` an odd turn of an image that is not square is brought back to its old height and width
    (the content is stretched, as in imgaug); without it height and width are exchanged.
    """

    turns: int
    keep_size: bool = True


@frozen
class Library:
    """A call that the augmentation library performs, with the seed (0 to 2**31 - 1) of its random numbers."""

    call: Call
    seed: int


@frozen
class Own:
    """A call that an augmenter from outside performs, with the seed (0 to 2**31 - 1) of its random numbers."""

    call: Call
    seed: int


Step: TypeAlias = Flip | Quarter | Library | Own

FLIPS: MappingProxyType[str, Axis] = MappingProxyType(
    {
        "Fliplr": "horizontal",
        "HorizontalFlip": "horizontal",
        "Flipud": "vertical",
        "VerticalFlip": "vertical",
    },
)
QUARTER = "Rot90"
ROTATION = "Rotate90"
EVERY_TURN = Choice((0, 1, 2, 3))


def runs_in_library(call: Call) -> bool:
    """Return whether a call that nobody from outside performs becomes a `Library` step; the others are drawn here."""
    return call.name not in FLIPS and call.name not in (QUARTER, ROTATION)


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
    match value:
        case Range(low, high):
            return low + unit * (high - low)
        case Choice(options):
            index = int(unit * len(options))
            return pick(options[index], unit * len(options) - index)
        case _:
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


def _chance(call: Call, unit: float) -> float:
    probability = pick(call.get("p", 1), unit)
    if not isinstance(probability, int | float):
        raise TypeError(f"{call.name}: p must be a number, a range or a choice of them, got {probability!r}")
    return probability


def _flip(call: Call, first: float, second: float) -> Iterator[Step]:
    if second < _chance(call, first):
        yield Flip(FLIPS[call.name])


def _rotation(call: Call, first: float, second: float) -> Iterator[Step]:
    if second < _chance(call, 0):
        yield Quarter(1 + int(3 * first))


def _quarter(call: Call, first: float) -> Iterator[Step]:
    given = call.get("k", 1)
    turns = pick_whole(EVERY_TURN if given == "ALL" else given, first) % 4
    if turns:
        yield Quarter(turns, keep_size=bool(call.get("keep_size", True)))


def _steps_of(call: Call, own: frozenset[str], first: float, second: float) -> Iterator[Step]:
    if call.name in own:
        return iter((Own(call, int(first * 2**31)),))
    if call.name in FLIPS:
        return _flip(call, first, second)
    if call.name == QUARTER:
        return _quarter(call, first)
    if call.name == ROTATION:
        return _rotation(call, first, second)
    return iter((Library(call, int(first * 2**31)),))


def draw(
    calls: tuple[Call, ...], generator: np.random.Generator, own: frozenset[str] = frozenset()
) -> tuple[Step, ...]:
    """Return what is done to one sample, in the order of the spec.

    A flip that does not happen and a turn by a multiple of 360 degrees are left out. Every call uses
    exactly two numbers of the generator, whatever its arguments are and whatever comes out, so that
    editing one call leaves the draws of all others as they were.

    Parameters
    ----------
    calls
        The spec: words of imgaug with keyword arguments. ``Fliplr`` and ``Flipud`` (`p`, default 1), ``Rot90``
        (`k`, default 1, clockwise; `keep_size`, default true) and ``Rotate90`` (with chance `p`, default 1, a
        turn by one, two or three quarters, each as likely) are drawn here.
    generator
        The generator of this sample, see `segcore.seeds.generator`; it is advanced.
    own
        Names of the calls that augmenters from outside perform.

    Raises
    ------
    TypeError
        When the probability of a flip or a turn is no number.
    ValueError
        When the turns are not whole.

    """
    units = generator.random((len(calls), 2)).tolist()
    return tuple(
        step
        for call, (first, second) in zip(calls, units, strict=True)
        for step in _steps_of(call, own, first, second)
    )
