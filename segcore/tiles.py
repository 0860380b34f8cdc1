"""Windows that cover an image: their grid, the way an image comes before them, and the blend of what they give."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.values import Indices

Size = tuple[int, int]
Map = NDArray[np.float32]

# Of windows over an image at its own resolution; half is what nnU-Net takes.
WINDOW_OVERLAP = 0.5


@frozen
class Crops:
    """An image is brought to a canvas that `count` x `count` windows cover; 1 is the image as a whole.

    Attributes
    ----------
    count
        Windows per side, from 1.
    overlap
        Share of a window's side that it has in common with its neighbour, 0 <= overlap < 1.

    """

    count: int = 1
    overlap: float = 0.0

    @property
    def windows(self) -> int:
        """How many windows an image has."""
        return self.count * self.count


@frozen
class Grid:
    """Windows of one size on a canvas, numbered row by row.

    Attributes
    ----------
    window, canvas
        Height and width in pixels.
    tops, lefts
        First row of each row of windows and first column of each column of them, increasing from 0.

    """

    window: Size
    canvas: Size
    tops: tuple[int, ...]
    lefts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.tops) * len(self.lefts)

    def corner(self, number: int) -> Size:
        """Return the first row and column of a window."""
        row, column = divmod(number, len(self.lefts))
        return self.tops[row], self.lefts[column]


@frozen
class Frame:
    """How one image comes before the network.

    Attributes
    ----------
    size
        Height and width to which the image is resized; its own where it is not.
    before, after
        Rows and columns that are added above and left, and below and right, by reflection.
    grid
        The windows of the canvas that this gives.

    """

    size: Size
    before: Size
    after: Size
    grid: Grid


def _stride(window: int, overlap: float) -> int:
    # The small number takes back what 0.1 x 320 has too much as a float.
    return max(1, window - math.ceil(window * overlap - 1e-9))


def _checked(overlap: float) -> float:
    if not 0 <= overlap < 1:
        raise ValueError(f"the overlap is a share of the window, at least 0 and below 1, got {overlap}")
    return overlap


def _starts(length: int, window: int, overlap: float) -> tuple[int, ...]:
    if window < 1 or length < window:
        raise ValueError(f"a canvas of {length} pixels does not hold a window of {window}")
    gaps, free = -(-(length - window) // _stride(window, overlap)), length - window
    return tuple((2 * number * free + gaps) // (2 * gaps) for number in range(gaps + 1)) if gaps else (0,)


def grid(canvas: Size, window: Size, overlap: float = 0.0) -> Grid:
    """Return the fewest windows that cover a canvas and overlap enough.

    The first one begins at 0, the last one ends with the canvas, and they are spaced equally but for rounding.

    Parameters
    ----------
    canvas, window
        Height and width in pixels.
    overlap
        Share of a window's side that neighbours have in common at least, 0 <= overlap < 1; windows are never less
        than one pixel apart.

    Raises
    ------
    ValueError
        When the canvas is smaller than the window, or the overlap is no such share.

    """
    share = _checked(overlap)
    tops, lefts = (_starts(length, side, share) for length, side in zip(canvas, window, strict=True))
    return Grid(window, canvas, tops, lefts)


def canvas_of(window: Size, crops: Crops) -> Size:
    """Return the height and width of the canvas that the windows of `crops` cover exactly."""
    share = _checked(crops.overlap)
    height, width = (side + (crops.count - 1) * _stride(side, share) for side in window)
    return height, width


def resized(window: Size, crops: Crops) -> Frame:
    """Return the frame of an image that is resized: to the canvas of its crops, which without them is the window."""
    canvas = canvas_of(window, crops)
    return Frame(canvas, (0, 0), (0, 0), grid(canvas, window, crops.overlap))


def own_size(size: Size, window: Size) -> Frame:
    """Return the frame of an image at its own resolution: padded to at least the window, not resized.

    Parameters
    ----------
    size, window
        Height and width in pixels of the image and of the window.

    """
    missing = [max(0, side - length) for length, side in zip(size, window, strict=True)]
    before, after = (missing[0] // 2, missing[1] // 2), (-(-missing[0] // 2), -(-missing[1] // 2))
    canvas = (size[0] + missing[0], size[1] + missing[1])
    return Frame(size, before, after, grid(canvas, window, WINDOW_OVERLAP))


def cut(canvas: NDArray[Any], grid: Grid, number: int) -> NDArray[Any]:
    """Return a view of one window, (h,w,c), of an array (h,w,c) of the canvas."""
    top, left = grid.corner(number)
    return canvas[top : top + grid.window[0], left : left + grid.window[1]]


def _scaled(start: int, side: int, length: int, size: int) -> slice:
    first = min((2 * start * size + length) // (2 * length), size - 1)
    return slice(first, max((2 * (start + side) * size + length) // (2 * length), first + 1))


def cut_scaled(image: NDArray[Any], grid: Grid, number: int) -> NDArray[Any]:
    """Return a view of what a window shows of an image (h,w,c) that was not brought to the canvas.

    Edges are rounded to whole pixels of the image; at least one pixel is left.
    """
    places = zip(grid.corner(number), grid.window, grid.canvas, image.shape[:2], strict=True)
    rows, columns = (_scaled(*place) for place in places)
    return image[rows, columns]


def addresses(rows: Indices, windows: int) -> Indices:
    """Return the addresses of all windows of some rows of the sample table, ``row * windows + number``, in order.

    With one window they are the rows themselves.
    """
    return Indices((rows.array[:, None].astype(np.int64) * windows + np.arange(windows)).ravel())


@frozen
class Framing:
    """How images come before the network: resized, whole or in crops, or at their own resolution in windows.

    Raises
    ------
    ValueError
        When both crops and windows are wanted.

    """

    crops: Crops = Crops()
    at_own_size: bool = False

    def __attrs_post_init__(self) -> None:
        if self.at_own_size and self.crops.count > 1:
            raise ValueError(
                "crops are windows of a resized image; windows of its own resolution exclude them"
            )

    def frame(self, size: Size, window: Size) -> Frame:
        """Return the frame of an image of some height and width for a network's input."""
        return own_size(size, window) if self.at_own_size else resized(window, self.crops)


def gaussian(side: int) -> NDArray[np.float64]:
    """Return the weight of each row or column of a window, float64 (side,), in (0, 1].

    A Gaussian around the middle with a deviation of an eighth of the side, as in nnU-Net (Isensee et al. 2021,
    https://doi.org/10.1038/s41592-020-01008-z); no weight is below a thousandth of the largest, so that what only
    one window sees is still well scaled.
    """
    steps = (np.arange(side) - (side - 1) / 2) / (side / 8)
    weights: NDArray[np.float64] = np.maximum(np.exp(-0.5 * steps**2), 1e-3)
    return weights


def uniform(side: int) -> NDArray[np.float64]:
    """Return equal weights for the rows or columns of a window, float64 (side,)."""
    return np.ones(side)


def _shares(starts: Sequence[int], profile: NDArray[np.float64], length: int) -> list[NDArray[np.float32]]:
    """Return what each window counts at each of its rows: over all windows it adds up to 1 everywhere."""
    total = np.zeros(length)
    for start in starts:
        total[start : start + profile.size] += profile
    return [(profile / total[start : start + profile.size]).astype(np.float32) for start in starts]


def blend(maps: Iterable[Map], grid: Grid, *, is_uniform: bool = False) -> Map:
    """Return the weighted mean of the windows' maps where they overlap.

    The weight of a pixel is the product of those of its row and its column, so that their sum over all windows is
    such a product too, and one map is all that has to be held. Values stay between those that were given, and what
    only one window covers stays as it is.

    Parameters
    ----------
    maps
        float32 (h,w,c) for each window of the grid, in its order; taken one after the other.
    grid
        Where they belong.
    is_uniform
        Count all pixels of a window alike, instead of by `gaussian`.

    Returns
    -------
    array
        float32 (h,w,c) of the canvas.

    Raises
    ------
    ValueError
        When there are fewer or more maps than windows, or one of another size.

    """
    weights = uniform if is_uniform else gaussian
    rows = _shares(grid.tops, weights(grid.window[0]), grid.canvas[0])
    columns = _shares(grid.lefts, weights(grid.window[1]), grid.canvas[1])
    out, done = None, 0
    for one in maps:
        if done == len(grid) or one.shape[:2] != grid.window:
            raise ValueError(
                f"{len(grid)} maps of {grid.window} make a map, got number {done + 1}: {one.shape}"
            )
        out = np.zeros((*grid.canvas, one.shape[2]), np.float32) if out is None else out
        row, column = divmod(done, len(grid.lefts))
        part = cut(out, grid, done)
        part += one * rows[row][:, None, None] * columns[column][:, None]
        done += 1
    if out is None or done < len(grid):
        raise ValueError(f"{len(grid)} maps of {grid.window} make a map, got {done}")
    return out
