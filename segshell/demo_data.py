"""Pictures that the demo draws itself: soft coloured cells on a shaded, scratched background, with their masks.

A picture is a function of (seed, number) alone; nothing here touches a file.
"""

import numpy as np
from attrs import frozen
from numpy.random import Generator
from numpy.typing import NDArray

from segcore.seeds import generator

HEIGHT, WIDTH = 96, 128
MOST_CELLS = 5
SUPERSAMPLING = 2  # edges are drawn twice as fine and averaged, so that they are as soft as a camera's

Plane = NDArray[np.float64]


@frozen(eq=False)
class Picture:
    """A drawn picture.

    Attributes
    ----------
    image
        uint8 (h, w, 3), RGB.
    mask
        uint8 (h, w): 255 on a cell, 0 elsewhere.

    """

    image: NDArray[np.uint8]
    mask: NDArray[np.uint8]


@frozen(eq=False)
class Cell:
    """One object: its coverage (h, w) and its shading (h, w), both in [0, 1], and its colour (3,), 0 to 255."""

    coverage: Plane
    shading: Plane
    colour: Plane


def _grid(shape: tuple[int, int]) -> tuple[Plane, Plane]:
    """Return row and column coordinates in pixels, at the centres of the finer pixels."""
    fine = [(np.arange(side * SUPERSAMPLING) + 0.5) / SUPERSAMPLING for side in shape]
    rows, columns = np.meshgrid(*fine, indexing="ij")
    return rows, columns


def _averaged(fine: Plane) -> Plane:
    height, width = (side // SUPERSAMPLING for side in fine.shape)
    blocks = fine.reshape(height, SUPERSAMPLING, width, SUPERSAMPLING)
    means: Plane = blocks.mean(axis=(1, 3))
    return means


def _waves(random: Generator, shape: tuple[int, int], count: int, longest: float) -> Plane:
    """Return a smooth random field (h, w) of about unit size: `count` plane waves of random direction."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    angles, phases = random.uniform(0, 2 * np.pi, (2, count))
    lengths = random.uniform(longest / 6, longest, count)
    turns = [(rows * np.sin(a) + columns * np.cos(a)) / n for a, n in zip(angles, lengths, strict=True)]
    waves = [np.sin(2 * np.pi * turn + phase) for turn, phase in zip(turns, phases, strict=True)]
    field: Plane = np.sum(waves, axis=0) / np.sqrt(count)
    return field


def background(random: Generator, shape: tuple[int, int]) -> Plane:
    """Return a shaded, grainy background, (h, w, 3) around 0 to 255."""
    colour = random.uniform(60, 150, 3)
    shade = 14 * _waves(random, shape, 6, 120.0)
    grain = random.normal(0, 5, (*shape, 3))
    return np.asarray(colour + shade[..., None] + grain, dtype=np.float64)


def scratches(random: Generator, shape: tuple[int, int]) -> Plane:
    """Return thin bright or dark lines, (h, w), to be added: what is not background is not always a cell."""
    rows, columns = _grid(shape)
    drawn = np.zeros(rows.shape)
    for _ in range(int(random.integers(1, 5))):
        angle = random.uniform(0, np.pi)
        distance = (rows - random.uniform(0, shape[0])) * np.cos(angle)
        distance -= (columns - random.uniform(0, shape[1])) * np.sin(angle)
        drawn += random.choice((-45.0, 45.0)) * (np.abs(distance) < random.uniform(0.4, 1.0))
    return _averaged(drawn)


def cell(random: Generator, shape: tuple[int, int], background_colour: Plane) -> Cell:
    """Return an ellipse with a wavy rim, of a colour well away from the background's (3,)."""
    rows, columns = _grid(shape)
    radius = random.uniform(0.09, 0.2) * min(shape)
    stretch, angle = random.uniform(1.0, 1.7), random.uniform(0, np.pi)
    down = rows - random.uniform(radius, shape[0] - radius)
    across = columns - random.uniform(radius, shape[1] - radius)
    along = (across * np.cos(angle) + down * np.sin(angle)) / stretch
    beside = (down * np.cos(angle) - across * np.sin(angle)) * stretch
    lobes, phase = int(random.integers(2, 6)), random.uniform(0, 2 * np.pi)
    rim = radius * (1 + 0.12 * np.sin(lobes * np.arctan2(beside, along) + phase))
    reach = np.hypot(along, beside) / rim
    colour = background_colour + random.choice((-1.0, 1.0), 3) * random.uniform(45, 100, 3)
    shading = _averaged(np.clip(1.1 - 0.5 * reach**2, 0, 1))
    return Cell(_averaged((reach < 1).astype(np.float64)), shading, np.clip(colour, 0, 255))


def composed(base: Plane, cells: tuple[Cell, ...]) -> Picture:
    """Return the picture of some cells, in their order, over a background (h, w, 3) around 0 to 255.

    A pixel belongs to the mask when cells cover at least half of it.
    """
    image, covered = base.copy(), np.zeros(base.shape[:2])
    for one in cells:
        opacity = (one.coverage * (0.55 + 0.45 * one.shading))[..., None]
        image = image * (1 - opacity) + one.colour * opacity
        covered = np.maximum(covered, one.coverage)
    pixels = np.clip(np.round(image), 0, 255).astype(np.uint8)
    return Picture(pixels, np.where(covered >= 0.5, 255, 0).astype(np.uint8))


def picture(seed: int, number: int, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> Picture:
    """Return the picture of an address; every third number is a negative, without any cell.

    Parameters
    ----------
    seed
        Any integer; it chooses the series.
    number
        Which picture of the series, from 0; every number can be asked for on its own.
    shape
        Height and width in pixels.

    """
    random = generator(seed, "demo picture", number)
    base = background(random, shape)
    base += scratches(random, shape)[..., None]
    count = 0 if number % 3 == 2 else int(random.integers(1, MOST_CELLS + 1))
    colour = base.mean(axis=(0, 1))
    return composed(base, tuple(cell(random, shape, colour) for _ in range(count)))
