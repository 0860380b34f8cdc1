"""Augmentation of one sample as data: from a spec and a generator to the concrete steps."""

from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from attrs import frozen

from segcore.colour_tables import COLOURS, Colour, EachChannel, draw_colour
from segcore.moves import Affine, Axis, CropAndPad, Flip, Quarter, draw_affine, draw_crop_and_pad
from segcore.picking import NUMBERS, NotDrawnError, number, pick, pick_whole, whole
from segcore.seeds import generator as keyed
from segcore.values import Call, Choice, Range, Value


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


Step: TypeAlias = Flip | Quarter | Affine | CropAndPad | Colour | EachChannel | Library | Own
Steps: TypeAlias = tuple[Step, ...]

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
AFFINES = frozenset({"Affine", "Rotate", "ScaleX", "ScaleY", "ShearX", "ShearY", "TranslateX", "TranslateY"})
CROPS = frozenset({"Crop", "Pad", "CropAndPad"})
IDLE = frozenset({"Identity", "Noop"})
COMPOSERS = frozenset({"Sequential", "Sometimes", "SomeOf", "OneOf"})
# Uniform numbers of a call, of which each drawn parameter has its own: as many as the affine family needs.
UNITS = 10


def is_known_to_library(call: Call) -> bool:
    """Return whether the library checks the arguments of a call; flips and turns are ours from the start."""
    return call.name not in FLIPS and call.name not in (QUARTER, ROTATION)


def _chance(call: Call, unit: float) -> float:
    probability = pick(call.get("p", 1), unit)
    if not isinstance(probability, NUMBERS):
        raise TypeError(f"{call.name}: p must be a number, a range or a choice of them, got {probability!r}")
    return probability


def _flip(call: Call, units: list[float]) -> Steps:
    return (Flip(FLIPS[call.name]),) if units[1] < _chance(call, units[0]) else ()


def _rotation(call: Call, units: list[float]) -> Steps:
    return (Quarter(1 + int(3 * units[0])),) if units[1] < _chance(call, 0) else ()


def _quarter(call: Call, units: list[float]) -> Steps:
    given = call.get("k", 1)
    turns = pick_whole(EVERY_TURN if given == "ALL" else given, units[0]) % 4
    return (Quarter(turns, keep_size=bool(call.get("keep_size", True))),) if turns else ()


def _children(value: Value) -> tuple[Call, ...]:
    """Return the augmenters of an argument: one, several, or none."""
    given = value if isinstance(value, tuple) else (value,)
    found = tuple(one for one in given if isinstance(one, Call))
    if len(found) < len(given) and value is not None:
        raise NotDrawnError(f"expected augmenters, got {value!r}")
    return found


def _count(call: Call, children: int, unit: float) -> int:
    """Return how many children of a ``SomeOf`` or ``OneOf`` are performed."""
    value = 1 if call.name == "OneOf" else call.get("n")
    match value:
        case None:
            return children
        case (low, None):
            value = Range(whole(low, 0), children)
        case (low, high):
            value = Range(whole(low, 0), whole(high, 0))
    return min(max(whole(value, unit), 0), children)


def _some(call: Call, children: int, units: list[float], draws: "np.random.Generator") -> list[int]:
    """Return which children are performed, in their order: all of them, or a subset as likely as any other."""
    chosen, order = (np.argsort(one).tolist() for one in draws.random((2, children)))
    if call.name != "Sequential":
        count = _count(call, children, units[1])
        order = [one for one in order if one in chosen[:count]]
    is_shuffled = call.name != "OneOf" and bool(call.get("random_order", False))
    return order if is_shuffled else sorted(order)


def _composed(call: Call, units: list[float], own: frozenset[str]) -> Steps:
    """Return the steps of a composer: each child has its own numbers, as in `draw`, whether it is performed or not."""
    seed = int(units[0] * 2**31)
    if call.name == "Sometimes":
        name = "then_list" if units[1] < number(call.get("p", 0.5), units[2]) else "else_list"
        return draw(_children(call.get(name)), keyed(seed, name), own)
    children = _children(call.get("children"))
    draws = keyed(seed, "children")
    chosen = _some(call, len(children), units, draws)
    rows = draws.random((len(children), UNITS)).tolist()
    return tuple(step for at in chosen for step in _steps_of(children[at], own, rows[at]))


def _drawn_here(call: Call, units: list[float], own: frozenset[str]) -> Steps:
    if call.name in AFFINES:
        return (draw_affine(call, units),)
    if call.name in COLOURS:
        colour = draw_colour(call, units)
        return () if colour is None else (colour,)
    if call.name in CROPS:
        return (draw_crop_and_pad(call, units),)
    if call.name in COMPOSERS:
        return _composed(call, units, own)
    if call.name in IDLE:
        return ()
    raise NotDrawnError("the library draws this one")


def _steps_of(call: Call, own: frozenset[str], units: list[float]) -> Steps:
    if call.name in own:
        return (Own(call, int(units[0] * 2**31)),)
    if call.name in FLIPS:
        return _flip(call, units)
    if call.name == QUARTER:
        return _quarter(call, units)
    if call.name == ROTATION:
        return _rotation(call, units)
    try:
        return _drawn_here(call, units, own)
    except NotDrawnError:
        return (Library(call, int(units[0] * 2**31)),)


def draw(
    calls: tuple[Call, ...], generator: "np.random.Generator", own: frozenset[str] = frozenset()
) -> tuple[Step, ...]:
    """Return what is done to one sample, in the order of the spec.

    Drawn here, with imgaug's distributions, are flips and turns, the affine family, crops and pads, the colour
    operations that are a table, and the composers around them; anything else, and an argument that only the
    library understands, becomes a `Library` step at its place. What does not happen is left out.

    Every call uses exactly `UNITS` numbers of the generator, whatever its arguments are and whatever comes out, so
    that editing one call leaves the draws of all others as they were. So it is among the children of a composer.

    Parameters
    ----------
    calls
        The spec: words of imgaug with keyword arguments, and ``Rotate90`` (with chance `p`, default 1, a
        turn by one, two or three quarters, each as likely).
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
    rows = generator.random((len(calls), UNITS)).tolist()
    return tuple(
        step for call, units in zip(calls, rows, strict=True) for step in _steps_of(call, own, units)
    )
