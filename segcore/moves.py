"""Steps that move pixels, drawn from calls with the distributions and meanings of imgaug 0.4."""

from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import frozen

from segcore.picking import NotDrawnError, both_axes, number, whole
from segcore.values import Call, Choice, Range, Table, Value

Axis: TypeAlias = Literal["horizontal", "vertical"]
Border: TypeAlias = Literal["constant", "edge", "symmetric", "reflect", "wrap"]
Order: TypeAlias = Literal[0, 1, 3]
Fill: TypeAlias = tuple[int, int, int]
Pair: TypeAlias = tuple[float, float]


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
class Affine:
    """What imgaug's ``Affine`` does about the centre of an image: shear, scale, rotate, then translate.

    Attributes
    ----------
    scale
        Factors of width and height.
    translate
        To the right and down, in pixels, or in shares of width and height with `is_share`.
    rotate
        Degrees clockwise.
    shear
        Degrees along the horizontal and the vertical axis.
    order
        Interpolation of the image: 0 nearest, 1 linear, 3 cubic.
    fill
        Values 0 to 255 of the first three channels outside, where `border` is ``constant``; an image of more
        channels has the first of them in all.
    border
        How the image goes on outside of itself.

    """

    scale: Pair = (1.0, 1.0)
    translate: Pair = (0.0, 0.0)
    is_share: bool = False
    rotate: float = 0.0
    shear: Pair = (0.0, 0.0)
    order: Order = 1
    fill: Fill = (0, 0, 0)
    border: Border = "constant"


@frozen
class CropAndPad:
    """Sides cut off (below 0) or added (above 0), in the order top, right, bottom, left.

    Attributes
    ----------
    sides
        In pixels, or with `is_share` in shares of height and width, which are rounded to pixels.
    keep_size
        Whether the result is brought back to the old height and width.
    fill, border
        As in `Affine`.

    """

    sides: tuple[float, float, float, float]
    is_share: bool = False
    keep_size: bool = True
    fill: Fill = (0, 0, 0)
    border: Border = "constant"


Move: TypeAlias = Flip | Quarter | Affine | CropAndPad

BORDERS: MappingProxyType[str, Border] = MappingProxyType(
    {"constant": "constant", "edge": "edge", "symmetric": "symmetric", "reflect": "reflect", "wrap": "wrap"}
)
ORDERS: MappingProxyType[int, Order] = MappingProxyType({0: 0, 1: 1, 3: 3})
# imgaug's own where nothing is given.
_MOVING = ("scale", "translate_percent", "translate_px", "rotate", "shear")
_EACH_WAY = tuple((one, Range(-0.1, 0.1)) for one in ("x", "y"))
_ANYHOW: tuple[tuple[str, Value], ...] = (
    ("scale", Table((("x", Range(0.9, 1.1)), ("y", Range(0.9, 1.1))))),
    ("translate_percent", Table(_EACH_WAY)),
    ("rotate", Range(-15, 15)),
    ("shear", Table((("x", Range(-10, 10)), ("y", Range(-10, 10))))),
)
_SIDES = MappingProxyType({"Crop": Range(0, 0.1), "Pad": Range(0, 0.1), "CropAndPad": Range(-0.1, 0.1)})


def _arguments(call: Call) -> dict[str, Value]:
    """Return the arguments of imgaug's ``Affine`` that a call, one of its kind, stands for."""
    given = dict(call.arguments)
    if call.name == "Affine":
        is_moving = any(given.get(name) is not None for name in _MOVING)
        return given if is_moving else {**given, **dict(_ANYHOW)}
    axis = call.name[-1].lower()
    match call.name:
        case "ScaleX" | "ScaleY":
            return {**given, "scale": Table(((axis, given.get("scale", Range(0.5, 1.5))),))}
        case "ShearX" | "ShearY":
            return {**given, "shear": Table(((axis, given.get("shear", Range(-30, 30))),))}
        case "TranslateX" | "TranslateY":
            share, pixels = given.pop("percent", None), given.pop("px", None)
            share = Range(-0.25, 0.25) if share is None and pixels is None else share
            pairs = (("translate_percent", share), ("translate_px", pixels))
            return {**given, **{name: Table(((axis, one),)) for name, one in pairs if one is not None}}
    return {"rotate": Range(-30, 30), **given}


def _translation(given: dict[str, Value], units: Sequence[float]) -> tuple[Pair, bool]:
    share, pixels = given.get("translate_percent"), given.get("translate_px")
    if share is not None and pixels is not None:
        raise NotDrawnError("either translate_percent or translate_px can be given")
    if share is not None:
        return both_axes(share, units, 0), True
    return (0, 0) if pixels is None else both_axes(pixels, units, 0, is_whole=True), False


def _shear(value: Value, units: Sequence[float]) -> Pair:
    """Return both shears; imgaug takes one number as horizontal only, and a range or a choice as the same for both."""
    if value is None:
        return 0, 0
    pair = both_axes(value, units, 0)
    return pair if isinstance(value, Table | Range | Choice) else (pair[0], 0.0)


def _byte(value: float) -> int:
    return min(max(int(value), 0), 255)


def _fill(value: Value, units: Sequence[float]) -> Fill:
    """Return a value for each of three channels; each has its own draw."""
    return _byte(number(value, units[0])), _byte(number(value, units[1])), _byte(number(value, units[2]))


def _manner(given: dict[str, Value]) -> tuple[Order, Border]:
    """Return order and border, or refuse what OpenCV has no equal of."""
    order, border = given.get("order", 1), given.get("mode", "constant")
    is_ours = given.get("backend", "auto") != "skimage" and not given.get("fit_output", False)
    if not (is_ours and isinstance(order, int) and order in ORDERS and border in BORDERS):
        raise NotDrawnError("this interpolation, border, backend or size is left to the library")
    return ORDERS[order], BORDERS[str(border)]


def draw_affine(call: Call, units: Sequence[float]) -> Affine:
    """Return one of the affine family as it is drawn.

    Parameters
    ----------
    call
        ``Affine``, ``Rotate``, or ``Scale``, ``Translate`` or ``Shear`` of an axis, with imgaug's arguments.
    units
        At least ten uniform numbers, each of which has its own use.

    Raises
    ------
    NotDrawnError
        When an argument is left to the library.

    """
    given = _arguments(call)
    order, border = _manner(given)
    scale, rotate = given.get("scale"), given.get("rotate")
    translate, is_share = _translation(given, units[2:4])
    return Affine(
        scale=(1.0, 1.0) if scale is None else both_axes(scale, units[0:2], 1),
        translate=translate,
        is_share=is_share,
        rotate=number(0 if rotate is None else rotate, units[4]),
        shear=_shear(given.get("shear"), units[5:7]),
        order=order,
        fill=_fill(given.get("cval", 0), units[7:10]),
        border=border,
    )


def _sides(
    value: Value, units: Sequence[float], draw: Callable[[Value, float], float], *, is_independent: bool
) -> tuple[float, float, float, float]:
    if isinstance(value, tuple):
        if len(value) != 4:
            raise NotDrawnError(f"expected one value or four, got {value!r}")
        each = value
    else:
        each = (value, value, value, value)
    # imgaug draws a choice for each side whatever sample_independently says.
    is_shared = isinstance(value, Range) and not is_independent
    picked = [draw(one, units[0 if is_shared else place]) for place, one in enumerate(each)]
    return picked[0], picked[1], picked[2], picked[3]


def _pad_value(value: Value, unit: float) -> int:
    """Return a value to pad with: between the ends of a range, which lose their fractions, all are as likely."""
    cut = Range(int(value.low), int(value.high)) if isinstance(value, Range) else value
    return _byte(whole(cut, unit) if isinstance(cut, Range) else number(cut, unit))


def draw_crop_and_pad(call: Call, units: Sequence[float]) -> CropAndPad:
    """Return ``Crop``, ``Pad`` or ``CropAndPad`` as it is drawn; parameters and errors as in `draw_affine`."""
    given = dict(call.arguments)
    pixels, share = given.get("px"), given.get("percent")
    border = given.get("pad_mode", "constant")
    # NumPy's wrap, which imgaug pads with, begins elsewhere than OpenCV's.
    if (pixels is not None and share is not None) or border not in BORDERS or border == "wrap":
        raise NotDrawnError("px with percent, and this way to pad, are left to the library")
    if pixels is None and share is None:
        share = _SIDES[call.name]
    is_independent = bool(given.get("sample_independently", True))
    drawn = _sides(
        share if pixels is None else pixels,
        units,
        number if pixels is None else whole,
        is_independent=is_independent,
    )
    fill = _pad_value(given.get("pad_cval", 0), units[4])
    return CropAndPad(
        sides=(-drawn[0], -drawn[1], -drawn[2], -drawn[3]) if call.name == "Crop" else drawn,
        is_share=pixels is None,
        keep_size=bool(given.get("keep_size", True)),
        fill=(fill, fill, fill),
        border=BORDERS[str(border)],
    )
