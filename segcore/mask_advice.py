"""The line of a config by which a mask with other values than the usual ones is read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 10
_HIGHEST = 65535
_WITH_LOSS = (".jpg", ".jpeg", ".jpe", ".jfif")
_SAVE = "save it as PNG with 0 for background and 255 for objects."


def _distinct(values: NDArray[Any]) -> list[int]:
    """Return the distinct values, or nothing where a config cannot name them."""
    found = np.unique(values)
    if not found.size or found[0] < 0 or found[-1] > _HIGHEST or (found != np.floor(found)).any():
        return []
    return [int(one) for one in found]


def _has_loss(where: object) -> bool:
    return str(where).partition(", channel")[0].lower().endswith(_WITH_LOSS)


def _line(pairs: dict[int, int | str]) -> str:
    return f"`values: {{{', '.join(f'{raw}: {meaning}' for raw, meaning in pairs.items())}}}`"


def _pairs(found: list[int]) -> dict[int, int | str]:
    if found[-1] == 255 and 1 in found and len(found) <= 3 and set(found) <= {0, 1, 255}:
        return {0: 0, 1: 1, 255: "ignore"}
    lowest = found[0] if len(found) > 1 else 0
    return {lowest: 0, **{raw: 1 for raw in found if raw != lowest}}


def of_binary(values: NDArray[Any], where: object = "") -> str:
    """Return what to do about a mask of one class that holds other values than 0 and 1, or 0 and 255.

    Parameters
    ----------
    values
        Its values that are not ignored, of any shape.
    where
        Name of its file.

    Returns
    -------
    str
        One sentence. Of up to ten values, `values` that name each: the lowest is background, and 255 beside 1 is
        what is not known. Of more, and of JPEG, whose compression leaves them, a `threshold` at half the highest.

    """
    found = _distinct(values)
    if not found:
        return f"S{_SAVE[1:]}"
    if len(found) > FEW or _has_loss(where):
        return f"Write `threshold: {found[-1] // 2}` (masks that are JPEG need one), or {_SAVE}"
    return f"Write {_line(_pairs(found))} if they mean that, or {_SAVE}"


def of_ids(values: NDArray[Any], classes: int, where: object = "") -> str:
    """Return what to do about a mask of class ids that holds ids from `classes` upwards.

    Parameters
    ----------
    values
        Its values that are not ignored, of any shape.
    classes
        Number of classes.
    where
        Name of its file.

    Returns
    -------
    str
        One sentence. Where 255 is all there is beside the ids, it is ignored; as many values as classes are the ids in
        their order; else more classes are needed.

    """
    found = _distinct(values)
    if not found or len(found) > classes + FEW or _has_loss(where):
        return "Save it as PNG with the ids: JPEG does not keep them."
    if found[-1] == 255 and (len(found) == 1 or found[-2] < classes):
        return "Write `ignore: 255` if these pixels have no class, or declare `values`."
    if len(found) <= classes:
        return f"Write {_line(dict(zip(found, range(classes), strict=False)))} if they mean that."
    void: dict[int, int | str] = {255: "ignore"} if found[-1] == 255 else {}
    ids = found[:-1] if void else found
    meanings: dict[int, int | str] = {raw: min(number, classes - 1) for number, raw in enumerate(ids)}
    wanted = _line(meanings | void)
    more = " and `ignore: 255`" if void else ""
    return f"Write `classes: {ids[-1] + 1}`{more}, or say what each means, such as {wanted}."
