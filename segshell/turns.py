"""A camera's turn, undone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def upright(pixels: NDArray[Any], turn: int) -> NDArray[Any]:
    """Return pixels (h, w, ...) upright.

    Parameters
    ----------
    pixels
        As they are stored.
    turn
        1 to 8 as in the EXIF standard, tag 0x0112; 1, and any other number, is upright.

    """
    swapped = pixels.swapaxes(0, 1)
    turned = [pixels, pixels[:, ::-1], pixels[::-1, ::-1], pixels[::-1]]
    turned += [swapped, swapped[:, ::-1], swapped[::-1, ::-1], swapped[::-1]]
    return np.ascontiguousarray(turned[turn - 1 if 1 <= turn <= 8 else 0])
