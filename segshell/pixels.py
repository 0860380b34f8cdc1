"""Decoded samples: what a data set gives, checked, brought to one form, and kept in memory up to a budget."""

import threading
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from segcore.tiles import Crops, cut, cut_scaled, resized
from segcore.values import Call
from segshell.augmenters import Pair, Pixels8, fit
from segshell.items import checked
from segshell.pixel_file import PixelFile
from segshell.tables import Items, item_at
from segshell.transforms import Transforms

BUDGET = 2 * 2**30
WHOLE = Crops()


class Pixels:
    """Decoded samples, kept in memory up to a budget; usable by any number of threads.

    A sample has an address: its row in the sample table. With crops each window of an image is a sample of its own,
    with the address ``row * windows + number``, and what is kept is the image that they are cut from.

    Parameters
    ----------
    dataset
        Gives an item with `id`, `x` and `y` for a position.
    order
        The position in the data set of each row of the sample table.
    shape
        Input (height, width, channels) of the network, in pixels.
    at
        ``network``: samples have the network's height and width; ``source``: they have their own, or the share of
        it that a window shows.
    budget
        Bytes that are kept at most; samples beyond them are decoded anew each time. Nothing is pushed out:
        every epoch asks for every sample, so that what leaves would be asked for again before what comes.
    classes, exclusive
        Number of classes, and whether a pixel has exactly one of them; see `items.mask_of`.
    crops
        The windows of each image.
    transforms
        What is done to every image at its own size.
    file
        Where samples at the network's size are kept on disk, for other processes too; what has no place there is
        kept in memory.

    """

    def __init__(
        self,
        dataset: Items,
        order: Sequence[int],
        shape: tuple[int, int, int],
        at: Literal["network", "source"] = "network",
        budget: int = BUDGET,
        classes: int = 1,
        *,
        exclusive: bool = True,
        crops: Crops = WHOLE,
        transforms: tuple[Call, ...] = (),
        file: PixelFile | None = None,
    ) -> None:
        self.dataset, self.order, self.shape, self.at = dataset, tuple(order), shape, at
        self.budget, self.classes, self.exclusive = budget, classes, exclusive
        self.grid = resized(self.size, crops).grid
        self._transforms = Transforms(transforms)
        self.file = file
        self.used = 0
        self._kept: dict[int, Pair] = {}
        self._lock = threading.Lock()

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input in pixels."""
        return self.shape[0], self.shape[1]

    def _decode(self, row: int) -> Pair:
        item = item_at(self.dataset, self.order[row])
        image, mask = checked(item, self.shape[2], self.classes, exclusive=self.exclusive)
        image = self._transforms.apply(image)
        whole = fit(image, mask, self.grid.canvas) if self.at == "network" else (image, mask)
        return _own(whole[0], item.x), _own(whole[1], item.y)

    def _keep(self, row: int, pair: Pair) -> None:
        if self.file is not None and self._is_unchanged(row) and self.file.put(row, *pair):
            return
        cost = pair[0].nbytes + pair[1].nbytes
        with self._lock:
            if row not in self._kept and self.used + cost <= self.budget:
                self._kept[row] = pair
                self.used += cost

    def _is_unchanged(self, row: int) -> bool:
        """Return whether what was decoded is what the name of the file stands for; looked up after decoding."""
        asked = getattr(self.dataset, "is_unchanged", None)
        return asked is not None and bool(asked(self.order[row]))

    def get(self, address: int) -> Pair:
        """Return image uint8 (h,w,c) and mask uint8 (h,w,m) of a sample, both read-only.

        Raises
        ------
        DataError
            When the sample cannot be read or does not fit, naming it.

        """
        row, number = divmod(address, len(self.grid))
        image, mask = self.whole(row)
        part = cut if self.at == "network" else cut_scaled
        return part(image, self.grid, number), part(mask, self.grid, number)

    def name(self, address: int) -> str:
        """Return what messages call a sample: its id where the data set tells it unread, else its position."""
        position, ids = self.order[address // len(self.grid)], getattr(self.dataset, "ids", None)
        return f"position {position}" if ids is None else str(ids[position])

    def on_canvas(self, row: int) -> Pair:
        """Return image and mask of a row of the sample table, of which the windows of the network's size are cut."""
        return fit(*self.whole(row), self.grid.canvas)

    def fullest(self, row: int) -> int:
        """Return the address of the window of a row with the most mask, the first of equals: what is pictured."""
        windows = len(self.grid)
        if windows == 1:
            return row
        mask = self.on_canvas(row)[1]
        filled = [np.count_nonzero(cut(mask, self.grid, number)) for number in range(windows)]
        return row * windows + int(np.argmax(filled))

    def whole(self, row: int) -> Pair:
        """Return image uint8 (h,w,c) and mask uint8 (h,w,m) of a row of the sample table, both read-only.

        Raises
        ------
        DataError
            When the sample cannot be read or does not fit, naming it.

        """
        kept = self._kept.get(row)
        if kept is None and self.file is not None:
            kept = self.file.get(row)
        if kept is not None:
            return kept
        pair = self._decode(row)
        self._keep(row, pair)
        return pair


def _own(array: Pixels8, given: Any) -> Pixels8:
    """Return an array that nobody can write to."""
    # A view would keep a larger array alive, and the data set could write into its own.
    own = array.copy() if np.may_share_memory(array, np.asarray(given)) else array
    own.flags.writeable = False
    return own


def plain(pixels: Pixels, address: int) -> Pair:
    """Return a sample's image uint8 (h,w,c) and mask uint8 (h,w,m) at the network's size, not augmented.

    It is the same at the network's size and at the source's.
    """
    row, number = divmod(address, len(pixels.grid))
    image, mask = pixels.on_canvas(row)
    return cut(image, pixels.grid, number), cut(mask, pixels.grid, number)
