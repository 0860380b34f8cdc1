"""From an image to the canvas that the network's windows cover, and from the canvas back to a map of the image."""

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.tiles import Frame, Size
from segshell.images import resize_image, resize_probability


@frozen(eq=False)
class Map:
    """A map of an image: `arr` is float32 (h,w,c), or uint8 (h,w,m) for a truth."""

    arr: NDArray[Any]


@frozen(eq=False)
class Decoded:
    """One image on its canvas.

    Attributes
    ----------
    name
        What the image is called.
    size
        Its own height and width in pixels.
    canvas
        uint8 (h,w,c), what the windows of the frame are cut from.
    frame
        How it came to its canvas.

    """

    name: str
    size: Size
    canvas: NDArray[np.uint8]
    frame: Frame


def to_canvas(image: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """Return an image uint8 (h,w,c) resized and padded as its frame says."""
    brought = image if image.shape[:2] == frame.size else resize_image(image, frame.size)
    if frame.grid.canvas == frame.size:
        return brought
    (above, left), (below, right) = frame.before, frame.after
    return np.pad(brought, ((above, below), (left, right), (0, 0)), mode="reflect")


def from_canvas(probability: NDArray[np.float32], frame: Frame, size: Size) -> NDArray[np.float32]:
    """Return a map float32 (h,w,c) of the canvas without its padding, at a height and width."""
    (top, left), (height, width) = frame.before, frame.size
    inner = probability[top : top + height, left : left + width]
    return inner if frame.size == size else resize_probability(inner, size)
