"""Masks as rows of a run-length csv, in the styles that competitions ask for."""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore.masks import objects_of
from segcore.rle import multi_rle_encode, rle_encode

Style: TypeAlias = Literal["image", "object", "class"]
STYLES: tuple[Style, ...] = ("image", "object", "class")

_Rows: TypeAlias = tuple[tuple[str, str], ...]


def header(style: Style) -> tuple[str, str]:
    """Return the names of the two columns."""
    return ("ImageId_ClassId" if style == "class" else "ImageId", "EncodedPixels")


def _of_image(name: str, number: int | None, where: NDArray[np.bool_]) -> _Rows:
    return ((name if number is None else f"{name}_{number}", rle_encode(where)),)


def _of_objects(name: str, number: int | None, where: NDArray[np.bool_]) -> _Rows:
    shown = name if number is None else f"{name}_{number}"
    return tuple((shown, str(text)) for text in multi_rle_encode(where) or ("",))


def _of_class(name: str, number: int | None, where: NDArray[np.bool_]) -> _Rows:
    return ((f"{name}_{number or 1}", rle_encode(where)),)


def rows(
    name: str, masks: tuple[NDArray[Any], ...], classes: int, style: Style = "image"
) -> tuple[tuple[str, str], ...]:
    """Return (name, run-length text) for an image's masks; an empty text where nothing is found.

    Parameters
    ----------
    name
        What the image is called in the csv.
    masks
        What `segcore.masks.masks_of` returned.
    classes
        Number of classes, the background counted where they exclude each other.
    style
        ``image``: a row per image, ``<name>_<class>`` where there are several classes. ``object`` (as for ships):
        a row per 8-connected component, and one empty row for an image, or a class of it, without any.
        ``class`` (as for steel): ``<name>_<class>`` always, counted from 1.

    Raises
    ------
    ValueError
        Where the style is unknown.

    """
    if style not in STYLES:
        raise ValueError(f"unknown style {style!r}; known are {', '.join(STYLES)}")
    write = {"image": _of_image, "object": _of_objects, "class": _of_class}[style]
    found = objects_of(masks, classes)
    return tuple(row for number, where in found for row in write(name, number, where))
