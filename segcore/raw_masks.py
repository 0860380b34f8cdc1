"""From the values that a mask file holds to class ids, planes and void, by rules that a config declares."""

from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore import mask_advice
from segcore.errors import DataError, Finding

VOID = 255
"""The value, in any plane of a mask, of pixels that neither loss nor metric counts."""

Pixels = NDArray[Any]
Color = tuple[int, int, int]
Kept = NDArray[np.bool_] | None  # which pixels count; None: all

ONE_CHANNEL = "Save it as one channel that holds the class ids, or declare `colors`."
_UNKNOWN = -1
_SHOWN = 10


@frozen
class MaskRule:
    """What the raw values of a mask mean.

    Attributes
    ----------
    classes
        Number of classes.
    exclusive
        Whether a pixel has one class of several (ids); else it is one class, or a plane for each.
    values
        Pairs of a raw value and what it means: an id (exclusive), 0 or 1 (else), or `VOID`. Empty: 0 and 1, 0 and
        255, or 0 and 65535 for one class and for planes, and the ids themselves where classes exclude each other.
    threshold
        A raw value above it is mask; not where classes exclude each other.
    colors
        Colour of each class. Where classes do not exclude each other one more may stand first, the background;
        without it every other colour is background.
    ignore
        Raw values and colours that are void.

    """

    classes: int = 1
    exclusive: bool = False
    values: tuple[tuple[int, int], ...] = ()
    threshold: float | None = None
    colors: tuple[Color, ...] = field(default=())
    ignore: tuple[int | Color, ...] = ()

    @property
    def has_ids(self) -> bool:
        """Whether masks hold one id of several for each pixel."""
        return self.exclusive and self.classes > 1

    @property
    def channels(self) -> int:
        """Channels of a labelled mask: 1, or one plane per class."""
        return 1 if self.exclusive else self.classes

    @property
    def is_coloured(self) -> bool:
        """Whether the rule speaks of colours, so that masks are read as RGB."""
        return bool(self.colors) or any(isinstance(one, tuple) for one in self.ignore)


def _fault(code: str, message: str, advice: str) -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def _histogram(values: Pixels) -> str:
    found, counts = np.unique(values, return_counts=True)
    rows = zip(found[:_SHOWN], counts[:_SHOWN], strict=True)
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in rows)
    return f"{shown} and {found.size - _SHOWN} more values" if found.size > _SHOWN else shown


def one_channel(raw: Pixels, where: object) -> Pixels:
    """Return (h, w) of (h, w), (h, w, 1) or (h, w, 3) with equal channels.

    Raises
    ------
    DataError
        ``mask-channels`` where the channels differ.

    """
    if raw.ndim == 2:
        return raw
    if raw.ndim == 3 and raw.shape[2] and (raw == raw[..., :1]).all():
        return raw[..., 0]
    message = f"{where}: the mask has shape {raw.shape} with channels that differ."
    raise _fault("mask-channels", message, ONE_CHANNEL)


def _binary(grey: Pixels, kept: Kept, where: object, advice: str = "") -> NDArray[np.uint8]:
    full = np.iinfo(grey.dtype).max if grey.dtype.kind in "ui" else 1
    top = grey.max(initial=0) if kept is None else grey.max(where=kept, initial=0)
    if top <= 1 and grey.dtype == np.uint8 and kept is None:  # it is what it has to be: no other pass over it
        return grey
    present = np.asarray(grey != 0)
    others = present & (grey != (top if top in {255, full} else 1))
    if kept is not None:
        others &= kept
    if others.any():
        message = f"{where}: mask values must be 0 and 1, or 0 and 255; found {_histogram(grey[others])}."
        raise _fault("mask-values", message, advice or mask_advice.of_binary(_counting(grey, kept), where))
    return present.view(np.uint8)


def _counting(grey: Pixels, kept: Kept) -> Pixels:
    """Return the values that count, in one row."""
    return grey.ravel() if kept is None else grey[kept]


def _ids(grey: Pixels, kept: Kept, classes: int, where: object) -> NDArray[np.uint8]:
    others = grey >= classes if kept is None else (grey >= classes) & kept
    if others.any():
        found = _histogram(grey[others])
        message = f"{where}: class ids must be 0 to {classes - 1}; also found {found}."
        raise _fault("mask-classes", message, mask_advice.of_ids(_counting(grey, kept), classes, where))
    return grey.astype(np.uint8)


def _mapped(grey: Pixels, kept: Kept, rule: MaskRule, where: object) -> NDArray[np.uint8]:
    whole = grey.astype(np.int64)
    table = np.full(max(whole.max(initial=0), *(raw for raw, _ in rule.values)) + 1, _UNKNOWN, dtype=np.int16)
    for raw, meaning in rule.values:
        table[raw] = meaning
    found = table[whole]
    others = found == _UNKNOWN if kept is None else (found == _UNKNOWN) & kept
    if others.any():
        allowed = ", ".join(str(raw) for raw, _ in rule.values)
        message = f"{where}: mask values must be {allowed}; also found {_histogram(grey[others])}."
        raise _fault("mask-values", message, "Add them to `values` or to `ignore`.")
    return (found if kept is None else np.where(kept, found, 0)).astype(np.uint8)


def _plane(grey: Pixels, rule: MaskRule, where: object) -> NDArray[np.uint8]:
    """Return a channel (h, w) as uint8 (h, w) of ids, or of 0 and 1, with `VOID` where it is ignored."""
    grey = grey.astype(np.uint8) if grey.dtype == np.bool_ else grey
    numbers = [one for one in rule.ignore if not isinstance(one, tuple)]
    kept = ~np.isin(grey, numbers) if numbers else None
    if rule.values:
        labels = _mapped(grey, kept, rule, where)
    elif rule.threshold is not None:
        labels = np.asarray(grey > rule.threshold, dtype=np.uint8)
    elif rule.has_ids:
        labels = _ids(grey, kept, rule.classes, where)
    else:
        labels = _binary(grey, kept, where)
    return labels if kept is None else np.where(kept, labels, np.uint8(VOID))


def _packed(colors: Pixels) -> NDArray[np.int64]:
    wide = np.asarray(colors, dtype=np.int64)
    return np.asarray(wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2])


def _positions(codes: NDArray[np.int64], colors: tuple[Color, ...]) -> NDArray[np.int64]:
    """Return for each pixel (h, w) the position of its colour, or -1."""
    known = _packed(np.array(colors))
    order = np.argsort(known)
    place = np.minimum(np.searchsorted(known[order], codes), len(colors) - 1)
    return np.where(known[order][place] == codes, order[place], _UNKNOWN)


def _color_fault(codes: NDArray[np.int64], rule: MaskRule, where: object) -> DataError:
    found, counts = np.unique(codes, return_counts=True)
    rows = zip(found[:_SHOWN].tolist(), counts[:_SHOWN].tolist(), strict=True)
    shown = ", ".join(f"[{one >> 16}, {one >> 8 & 255}, {one & 255}] ({count} pixels)" for one, count in rows)
    more = f" and {found.size - _SHOWN} more colours" if found.size > _SHOWN else ""
    allowed = ", ".join(str(list(one)) for one in rule.colors)
    message = f"{where}: mask colours must be {allowed}; also found {shown}{more}."
    return _fault("mask-colors", message, "Add them to `colors` or to `ignore`; save masks without loss.")


def _of_colors(codes: NDArray[np.int64], kept: NDArray[np.bool_], rule: MaskRule, where: object) -> Pixels:
    """Return uint8 (h, w, m) of packed colours (h, w)."""
    positions = _positions(codes, rule.colors)
    has_background = rule.has_ids or len(rule.colors) > rule.classes
    others = (positions == _UNKNOWN) & kept
    if has_background and others.any():
        raise _color_fault(codes[others], rule, where)
    if rule.has_ids:
        return positions.astype(np.uint8)[..., None]
    first = len(rule.colors) - rule.classes
    return np.asarray(positions[..., None] == np.arange(first, len(rule.colors)), dtype=np.uint8)


def _coloured(raw: Pixels, rule: MaskRule, where: object) -> NDArray[np.uint8]:
    if raw.ndim == 2 or raw.shape[2] == 1:
        raw = np.repeat(raw.reshape(*raw.shape[:2], 1), 3, axis=2)
    codes = _packed(raw)
    listed = tuple(one if isinstance(one, tuple) else (one, one, one) for one in rule.ignore)
    kept = _positions(codes, listed) == _UNKNOWN if listed else np.ones(codes.shape, np.bool_)
    if rule.colors:
        labels = _of_colors(codes, kept, rule, where)
    else:
        plain = MaskRule(rule.classes, rule.exclusive, rule.values, rule.threshold)
        labels = labelled(np.where(kept[..., None], raw, 0), plain, where)
    return np.where(kept[..., None], labels, np.uint8(VOID))


def labelled(raw: Pixels, rule: MaskRule, where: object) -> NDArray[np.uint8]:
    """Return what the raw values of a mask mean.

    Parameters
    ----------
    raw
        Numbers or bool (h, w), (h, w, 1) or (h, w, 3) with equal channels; (h, w, 3) colours where the rule has
        any; (h, w, classes) where each class has a plane.
    rule
        What the values mean.
    where
        Name of the mask in messages.

    Returns
    -------
    array
        uint8 (h, w, m): ids (exclusive), or planes of 0 and 1, one per class; `VOID` where it does not count. It may
        share memory with the raw values.

    Raises
    ------
    DataError
        ``mask-values``, ``mask-classes`` or ``mask-colors`` with a histogram of up to ten other values, and
        ``mask-channels`` or ``mask-planes`` where the channels do not fit the rule.

    """
    if rule.is_coloured:
        return _coloured(raw, rule, where)
    if rule.channels == 1:
        return _plane(one_channel(raw, where), rule, where)[..., None]
    if raw.ndim != 3 or raw.shape[2] != rule.classes:
        message = (
            f"{where}: the mask has shape {raw.shape}; classes that do not exclude each other (sigmoid) need "
            f"{rule.classes} channels, one per class."
        )
        advice = "Write activation: softmax for class ids, or give a folder of masks for each class."
        raise _fault("mask-planes", message, advice)
    return np.stack([_plane(raw[..., k], rule, f"{where}, channel {k}") for k in range(rule.classes)], axis=2)


def binary_mask(raw: Pixels, where: object) -> NDArray[np.uint8]:
    """Return a mask of one class as uint8 (h, w, 1) of 0 and 1; the given one where it is that already.

    Parameters
    ----------
    raw
        (h, w), (h, w, 1) or (h, w, 3) with equal channels: 0 and 1, 0 and 255, for uint16 also 0 and 65535,
        or any one of these values alone.
    where
        Name of the mask in messages.

    Raises
    ------
    DataError
        ``mask-values`` with a histogram of the other values, or ``mask-channels``.

    """
    grey = one_channel(raw, where)
    advice = "Save it as PNG with 0 for background and 255 for objects, or give such values."
    return _binary(grey, None, where, advice)[..., None]


def class_mask(raw: Pixels, classes: int, where: object) -> NDArray[np.uint8]:
    """Return a mask of several classes as uint8 (h, w, 1) of ids from 0 to classes - 1.

    Raises
    ------
    DataError
        ``mask-classes`` with a histogram of the ids that are too large, or ``mask-channels``.

    """
    grey = one_channel(raw, where)
    return _ids(grey, None, classes, where)[..., None]
