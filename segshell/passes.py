"""Performs the passes of an augmentation on an image and its mask with OpenCV."""

from collections.abc import Callable
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from segcore.colour_tables import FACTOR_SHIFT
from segcore.fusion import Resize, Table, View, Warp
from segcore.moves import Border, Fill, Order
from segshell.images import resize_image, resize_mask

Pixels8 = NDArray[np.uint8]
Pair = tuple[Pixels8, Pixels8]

_BORDERS: MappingProxyType[Border, int] = MappingProxyType(
    {
        "constant": cv2.BORDER_CONSTANT,
        "edge": cv2.BORDER_REPLICATE,
        "symmetric": cv2.BORDER_REFLECT,
        "reflect": cv2.BORDER_REFLECT_101,
        "wrap": cv2.BORDER_WRAP,
    }
)
_ORDERS: MappingProxyType[Order, int] = MappingProxyType(
    {0: cv2.INTER_NEAREST, 1: cv2.INTER_LINEAR, 3: cv2.INTER_CUBIC}
)
# OpenCV's reordering and warping of pixels takes this many channels at once.
_MOST = 4


def _by_fours(pixels: Pixels8, change: Callable[[Pixels8], Pixels8]) -> Pixels8:
    """Return what a change of OpenCV's makes of (h,w,c), for any number of channels."""
    channels = pixels.shape[2]
    if channels <= _MOST:
        changed = change(pixels)
        return changed if changed.ndim == 3 else changed[..., None]  # OpenCV drops a single channel
    starts = range(0, channels, _MOST)
    parts = [_by_fours(np.ascontiguousarray(pixels[..., at : at + _MOST]), change) for at in starts]
    return np.concatenate(parts, axis=2)


def _reordered(pixels: Pixels8, view: View) -> Pixels8:
    top, left, height, width = view.part
    part = pixels[top : top + height, left : left + width]
    return _by_fours(part, lambda one: _turned(one, view)) if _is_turned(view) else part


def _is_turned(view: View) -> bool:
    return view.is_transposed or view.is_upside_down or view.is_mirrored


def _turned(pixels: Pixels8, view: View) -> Pixels8:
    """Return pixels turned and mirrored; OpenCV copies them many times as fast as NumPy copies such a view."""
    turned: Pixels8 = cv2.transpose(pixels) if view.is_transposed else pixels
    if view.is_upside_down or view.is_mirrored:
        about_both = view.is_upside_down and view.is_mirrored
        turned = cv2.flip(turned, -1 if about_both else int(view.is_mirrored))
    return turned


def _warped(pixels: Pixels8, warp: Warp, order: Order, border: Border, fill: Fill) -> Pixels8:
    matrix, size = np.array(warp.matrix, np.float64).reshape(2, 3), warp.size[::-1]
    # As in imgaug, more than three channels are all filled with the first value.
    values = fill if pixels.shape[2] <= len(fill) else fill[:1] * _MOST
    flags, mode = _ORDERS[order], _BORDERS[border]
    return _by_fours(pixels, lambda one: cv2.warpAffine(one, matrix, size, None, flags, mode, values))


def _recoloured(image: Pixels8, table: Table, target: Pixels8 | None) -> Pixels8:
    if table.factor:
        # The same bytes as the look-up in a quarter of its time: many values at once.
        scaled: Pixels8 = cv2.convertScaleAbs(image, target, table.factor, FACTOR_SHIFT)
        return scaled.reshape(image.shape)
    rows = np.frombuffer(b"".join(table.channels), np.uint8).reshape(len(table.channels), 256)
    values = rows[0] if len(rows) == 1 else np.ascontiguousarray(rows.T)[None]
    changed: Pixels8 = cv2.LUT(image, values, target)
    return changed.reshape(image.shape)


def perform(
    one: View | Resize | Warp | Table, image: Pixels8, mask: Pixels8, *, may_write: bool = False
) -> Pair:
    """Return image and mask after a pass, which moves both in the same way.

    Parameters
    ----------
    one
        A pass as `segcore.fusion.fuse` returns it.
    image, mask
        uint8 (h,w,c) and (h,w,m). Values of a mask are moved, never blended; outside of it is 0,
        also where the image itself goes on.
    may_write
        Whether a table may be written into the image itself, which nobody else looks at then; else both stay as
        they are.

    Returns
    -------
    tuple
        uint8 (h',w',c) and (h',w',m), which may be views of what was given.

    """
    match one:
        case View():
            return _reordered(image, one), _reordered(mask, one)
        case Resize(size):
            return resize_image(image, size), resize_mask(mask, size)
        case Warp(order=order, border=border, fill=fill):
            return _warped(image, one, order, border, fill), _warped(mask, one, 0, "constant", (0, 0, 0))
        case Table():
            return _recoloured(image, one, image if may_write else None), mask
