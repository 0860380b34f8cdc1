"""One sample as a data set gives it, checked and brought to one form: image, mask and what does not count."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from segcore.errors import DataError, Finding
from segcore.raw_masks import VOID
from segshell.images import binary_mask

Pixels8 = NDArray[np.uint8]


class Item(Protocol):
    """One sample of a data set: its id, its image and its mask; maybe ``void``, bool (h,w)."""

    id: Any
    x: Any
    y: Any


def fault(code: str, identifier: object, message: str, advice: str) -> DataError:
    """Return the error that names a sample."""
    return DataError([Finding(code, f"Sample {identifier!s}: {message}.", advice=advice)])


def image_of(item: Item, channels: int) -> Pixels8:
    """Return an item's image as uint8 (h,w,channels).

    Raises
    ------
    DataError
        With code ``image-values`` where `x` is not uint8, ``image-channels`` where it has other channels.

    """
    image = np.asarray(item.x)
    if image.dtype != np.uint8:
        message = f"the image has values of type {image.dtype}, allowed is uint8"
        raise fault("image-values", item.id, message, "Scale it to 0-255 and convert it.")
    image = image[..., None] if image.ndim == 2 else image
    if image.ndim != 3 or image.shape[2] != channels:
        message = f"the image has shape {image.shape}, needed are {channels} channels"
        raise fault("image-channels", item.id, message, "Correct the data set, or `shape` in the config.")
    return image


def _void(item: Item, size: tuple[int, ...]) -> NDArray[np.bool_] | None:
    given = getattr(item, "void", None)
    if given is None:
        return None
    where = np.asarray(given)
    if where.dtype != np.bool_ or where.shape != size:
        message = f"void is {where.dtype} {where.shape}, needed is bool {size}"
        raise fault("void-shape", item.id, message, "Give True where a pixel does not count.")
    return where


def _ids(given: NDArray[Any], classes: int, item: Item) -> Pixels8:
    fits = (given >= 0) & (given < classes) & (np.floor(given) == given)
    if not fits.all():
        allowed = f"whole numbers from 0 to {classes - 1}"
        message = f"the mask has the value {given[~fits].flat[0]}, allowed are {allowed}"
        raise fault("mask-values", item.id, message, "Give class ids; mark what has none in `void`.")
    ids: Pixels8 = given.astype(np.uint8)
    return ids


def _planes(given: NDArray[Any], item: Item) -> Pixels8:
    fits = (given == 0) | (given == 1) | (given == 255)
    if not fits.all():
        message = f"a plane has the value {given[~fits].flat[0]}, allowed are 0 and 1, or 0 and 255"
        raise fault("mask-values", item.id, message, "Give one plane of 0 and 1 per class.")
    return np.asarray(given != 0, dtype=np.uint8)


def _ids_of_planes(planes: Pixels8, void: NDArray[np.bool_] | None, item: Item) -> Pixels8:
    count = planes.sum(axis=2)
    wrong = count != 1 if void is None else (count != 1) & ~void
    if wrong.any():
        message = f"{np.count_nonzero(wrong)} pixels are in none or in several planes, but softmax has one class each"
        raise fault("mask-planes", item.id, message, "Add a plane of background; mark the rest in `void`.")
    return np.asarray(planes.argmax(axis=2), dtype=np.uint8)[..., None]


def checked(
    item: Item, channels: int, classes: int = 1, *, exclusive: bool = True
) -> tuple[Pixels8, Pixels8]:
    """Return an item's image and mask, of one size; see `image_of` and `mask_of`.

    Raises
    ------
    DataError
        As these two, and ``mask-size`` where the sizes differ.

    """
    image, mask = image_of(item, channels), mask_of(item, classes, exclusive=exclusive)
    if image.shape[:2] != mask.shape[:2]:
        message = f"the image is {image.shape[:2]} pixels high and wide, its mask {mask.shape[:2]}"
        raise fault("mask-size", item.id, message, "Give the mask of this very image.")
    return image, mask


def mask_of(item: Item, classes: int = 1, *, exclusive: bool = True) -> Pixels8:
    """Return an item's mask as uint8 (h,w,m).

    Parameters
    ----------
    item
        Its ``y`` is (h,w) or (h,w,1): for one class 0 and 1 or 0 and 255 of any type, for more class ids; or
        (h,w,classes): a plane of 0 and 1 (or 0 and 255) per class.
    classes
        Number of classes.
    exclusive
        Whether a pixel has exactly one of several classes.

    Returns
    -------
    array
        (h,w,1) of 0 and 1 for one class, (h,w,1) of ids for exclusive classes, else (h,w,classes) of 0 and 1; where
        the item's ``void``, bool (h,w), is True, every channel is `segcore.raw_masks.VOID`.

    Raises
    ------
    DataError
        With code ``mask-missing``, ``mask-shape``, ``mask-values``, ``mask-planes`` or ``void-shape``, naming the id.

    """
    if item.y is None:
        raise fault("mask-missing", item.id, "it has no mask", "Add the mask or leave the sample out.")
    mask = np.asarray(item.y)
    mask = mask[..., None] if mask.ndim == 2 else mask
    depths = {1, classes} if exclusive else {classes}
    if mask.ndim != 3 or mask.shape[2] not in depths:
        allowed = f"(h,w), (h,w,1) and (h,w,{classes})" if 1 in depths else f"(h,w,{classes})"
        message = f"the mask has shape {mask.shape}, allowed are {allowed}"
        raise fault("mask-shape", item.id, message, "Correct the data set, or `classes` in the config.")
    void = _void(item, mask.shape[:2])
    if classes == 1:
        whole = binary_mask(mask[..., 0], f"Sample {item.id!s}")
    elif mask.shape[2] == 1:
        whole = _ids(mask if void is None else np.where(void[..., None], 0, mask), classes, item)
    else:
        planes = _planes(mask, item)
        whole = _ids_of_planes(planes, void, item) if exclusive else planes
    return whole if void is None else np.where(void[..., None], np.uint8(VOID), whole)
