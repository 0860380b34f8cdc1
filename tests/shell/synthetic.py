"""A small data set of noise for tests of decoding and batching."""

import numpy as np
from attrs import frozen

from segshell.images import resize_image, resize_mask

SHAPE = (16, 24, 3)


@frozen(eq=False)
class Item:
    id: str
    x: object
    y: object


class Synthetic:
    """Samples of different sizes, made anew at each access; counts how often each was asked for."""

    def __init__(self, length=12, broken=()):
        self.length, self.broken, self.asked = length, broken, []

    def __getitem__(self, position):
        self.asked.append(position)
        if position in self.broken:
            raise OSError(f"cannot read image{position}.png")
        random = np.random.default_rng(position)
        size = (20 + position, 30 + position % 5)
        image = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        return Item(f"image{position}", image, random.random(size) < 0.4)


def decoded(dataset, position, at):
    item = dataset[position]
    mask = item.y.astype(np.uint8)[..., None]
    return (
        (resize_image(item.x, SHAPE[:2]), resize_mask(mask, SHAPE[:2])) if at == "network" else (item.x, mask)
    )


def equal(one, other):
    return all(
        np.array_equal(a, b) and a.dtype == b.dtype == np.uint8 for a, b in zip(one, other, strict=True)
    )
