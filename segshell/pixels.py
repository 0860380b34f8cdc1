"""Decoded samples: what a data set gives, checked, brought to one form, and kept in memory up to a budget."""

import threading
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from segcore.errors import DataError, Finding, SegmentationError
from segshell.augmenters import Pair, Pixels8, fit
from segshell.images import binary_mask

BUDGET = 2 * 2**30


class Item(Protocol):
    """One sample of a data set: its id, its image and its mask."""

    id: Any
    x: Any
    y: Any


class Items(Protocol):
    """What is needed of a data set: an item for a position."""

    def __getitem__(self, position: int, /) -> Item:
        """Return the item at a position."""
        ...


def _fault(code: str, identifier: object, message: str, advice: str) -> DataError:
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
        raise _fault("image-values", item.id, message, "Scale it to 0-255 and convert it.")
    image = image[..., None] if image.ndim == 2 else image
    if image.ndim != 3 or image.shape[2] != channels:
        message = f"the image has shape {image.shape}, needed are {channels} channels"
        raise _fault("image-channels", item.id, message, "Correct the data set, or `shape` in the config.")
    return image


def _whole_mask(given: NDArray[Any], identifier: object) -> Pixels8:
    fits = (given >= 0) & (given <= 255) & (np.floor(given) == given)
    if not fits.all():
        message = f"the mask has the value {given[~fits].flat[0]}, allowed are whole numbers from 0 to 255"
        raise _fault("mask-values", identifier, message, "Save class ids as 8-bit values.")
    mask: Pixels8 = given.astype(np.uint8)
    return mask


def mask_of(item: Item, classes: int = 1) -> Pixels8:
    """Return an item's mask as uint8 (h,w,m).

    With one class it is (h,w,1) of 0 and 1, from bool, integer or float values of 0 and 1 or 0 and 255. With
    more it is (h,w,1) of class ids or (h,w,classes) of one plane per class, values as they are.

    Raises
    ------
    DataError
        With code ``mask-missing``, ``mask-shape`` or ``mask-values``, naming the id.

    """
    if item.y is None:
        raise _fault("mask-missing", item.id, "it has no mask", "Add the mask or leave the sample out.")
    mask = np.asarray(item.y)
    mask = mask[..., None] if mask.ndim == 2 else mask
    if mask.ndim != 3 or mask.shape[2] not in {1, classes}:
        message = f"the mask has shape {mask.shape}, allowed are (h,w), (h,w,1) and (h,w,{classes})"
        raise _fault("mask-shape", item.id, message, "Correct the data set, or `classes` in the config.")
    return binary_mask(mask[..., 0], f"Sample {item.id!s}") if classes == 1 else _whole_mask(mask, item.id)


class Pixels:
    """Decoded samples, kept in memory up to a budget; usable by any number of threads.

    Parameters
    ----------
    dataset
        Gives an item with `id`, `x` and `y` for a position.
    order
        The position in the data set of each row of the sample table.
    shape
        Input (height, width, channels) of the network, in pixels.
    at
        ``network``: samples have the network's height and width; ``source``: they have their own.
    budget
        Bytes that are kept at most; samples beyond them are decoded anew each time. Nothing is pushed out:
        every epoch asks for every sample, so that what leaves would be asked for again before what comes.
    classes
        Number of classes, see `mask_of`.

    """

    def __init__(
        self,
        dataset: Items,
        order: Sequence[int],
        shape: tuple[int, int, int],
        at: Literal["network", "source"] = "network",
        budget: int = BUDGET,
        classes: int = 1,
    ) -> None:
        self.dataset, self.order, self.shape, self.at = dataset, tuple(order), shape, at
        self.budget, self.classes = budget, classes
        self.used = 0
        self._kept: dict[int, Pair] = {}
        self._lock = threading.Lock()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input in pixels."""
        return self.shape[0], self.shape[1]

    def _item(self, row: int) -> Item:
        position = self.order[row]
        try:
            return self.dataset[position]
        except SegmentationError:
            raise
        except Exception as error:  # the data set may be anyone's code, and whatever it raises is its fault
            message = f"the data set cannot give it: {type(error).__name__}: {error}"
            raise _fault(
                "unreadable-sample", f"at position {position}", message, "Repair or remove it."
            ) from error

    def _decode(self, row: int) -> Pair:
        item = self._item(row)
        image, mask = image_of(item, self.shape[2]), mask_of(item, self.classes)
        if image.shape[:2] != mask.shape[:2]:
            message = f"the image is {image.shape[:2]} pixels high and wide, its mask {mask.shape[:2]}"
            raise _fault("mask-size", item.id, message, "Give the mask of this very image.")
        return fit(image, mask, self.size) if self.at == "network" else (image, mask)

    def _keep(self, row: int, pair: Pair) -> None:
        cost = pair[0].nbytes + pair[1].nbytes
        with self._lock:
            if row not in self._kept and self.used + cost <= self.budget:
                self._kept[row] = pair
                self.used += cost

    def get(self, row: int) -> Pair:
        """Return image uint8 (h,w,c) and mask uint8 (h,w,m) of a row of the sample table, both read-only.

        Raises
        ------
        DataError
            When the sample cannot be read or does not fit, naming it.

        """
        kept = self._kept.get(row)
        if kept is not None:
            return kept
        image, mask = map(_read_only, self._decode(row))
        self._keep(row, (image, mask))
        return image, mask


def _read_only(array: Pixels8) -> Pixels8:
    # A copy, since a view would keep a larger array alive and the data set could write into its own.
    own = array.copy()
    own.flags.writeable = False
    return own


def plain(pixels: Pixels, row: int) -> Pair:
    """Return a row's image uint8 (h,w,c) and mask uint8 (h,w,m) at the network's size, not augmented."""
    return fit(*pixels.get(row), pixels.size)
