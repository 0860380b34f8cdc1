"""Test-time flips with their inverses: the views of an image whose predictions are averaged."""

from typing import TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


@frozen
class View:
    """A name and the axes that are reversed: -3 is height, -2 is width."""

    name: str
    flips: tuple[int, ...] = ()


IDENTITY = View("identity")
FLIPS = (IDENTITY, View("left_right", (-2,)), View("up_down", (-3,)), View("both", (-3, -2)))


def apply(view: View, array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return the array as the view shows it.

    Parameters
    ----------
    view
        Which axes to reverse.
    array
        Any dtype, (..., h, w, c): one image or map, or a batch of them.

    Returns
    -------
    NDArray
        Same shape and dtype; it shares memory with `array`.

    Raises
    ------
    ValueError
        When the array has fewer than three axes.

    """
    if array.ndim < 3:
        raise ValueError(
            f"a view is taken of an array (..., h, w, c), got shape {array.shape}; add the channel axis"
        )
    return np.flip(array, axis=view.flips)


def invert(view: View, array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return the array from which `apply` made `array`; a flip is its own inverse.

    Parameters and errors are those of `apply`.
    """
    return apply(view, array)
