"""Pixels: encode and resize. Decoding is in `image_files` and `mask_files`, whose names stand here too."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from segcore.raw_masks import binary_mask, class_mask
from segshell import files
from segshell.image_files import Pixels, header, read_image
from segshell.mask_files import read_mask
from segshell.outputs import mask_names

__all__ = (
    "Pixels",
    "binary_mask",
    "class_mask",
    "header",
    "read_image",
    "read_mask",
    "resize_image",
    "resize_mask",
    "resize_probability",
    "write_jpg",
    "write_masks",
    "write_png",
)


def _encoded(extension: str, image: Pixels, parameters: tuple[int, ...] = ()) -> bytes:
    swapped = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 and image.shape[2] == 3 else image
    return bytes(cv2.imencode(extension, swapped, parameters)[1])


def write_png(path: Path, image: Pixels) -> None:
    """Write uint8 or uint16 (h, w), (h, w, 1) or RGB (h, w, 3) as PNG, as `files.write_bytes` does."""
    files.write_bytes(path, _encoded(".png", image))


def write_jpg(path: Path, image: NDArray[np.uint8], quality: int = 95) -> None:
    """Write uint8 (h, w), (h, w, 1) or RGB (h, w, 3) as JPEG; `quality` from 0 to 100."""
    files.write_bytes(path, _encoded(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality)))


def write_masks(output: Path, stem: str, masks: Sequence[NDArray[np.uint8]]) -> None:
    """Write an image's masks, uint8 (h,w), under their `segshell.outputs.mask_names`."""
    for name, mask in zip(mask_names(stem, len(masks)), masks, strict=True):
        write_png(files.inside(output, name), mask)


def _resized(pixels: Pixels, shape: tuple[int, int], interpolation: int) -> Pixels:
    resized: Pixels = cv2.resize(pixels, shape[::-1], interpolation=interpolation)
    return resized.reshape(*shape, *pixels.shape[2:])  # OpenCV drops a single channel


def resize_image(image: Pixels, shape: tuple[int, int]) -> Pixels:
    """Bring uint8 (h, w, c) to `shape` (height, width): area averages when no side grows, else linear."""
    grows = shape[0] > image.shape[0] or shape[1] > image.shape[1]
    interpolation = cv2.INTER_LINEAR if grows else cv2.INTER_AREA
    if image.shape[2:] <= (4,):
        return _resized(image, shape, interpolation)
    # OpenCV averages areas of at most four channels.
    starts = range(0, image.shape[2], 4)
    parts = [_resized(image[..., first : first + 4], shape, interpolation) for first in starts]
    return np.concatenate(parts, axis=2)


def resize_mask(mask: Pixels, shape: tuple[int, int]) -> Pixels:
    """Bring (h, w) or (h, w, m) to `shape` (height, width) by the nearest pixel: no new value can appear."""
    return _resized(mask, shape, cv2.INTER_NEAREST_EXACT)


def resize_probability(probability: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Bring float32 (h, w, c) to `shape` (height, width) linearly; values stay within their old range."""
    return _resized(probability, shape, cv2.INTER_LINEAR)
