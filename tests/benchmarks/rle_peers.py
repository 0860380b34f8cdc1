"""Masks of several kinds, and the others that turn masks into run-length codes.

The seed system, pycocotools and rlemasklib are installed in the benchmark's environment only (extra `bench`).
"""

from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Sides = tuple[int, int]


@cache  # imported when first used, so that the options are told where no peer is installed
def _peer(name: str) -> Any:
    return import_module(name)


def _seed_system() -> Any:
    return _peer("segmentation_pipeline.impl.rle")


def _coco() -> Any:
    return _peer("pycocotools.mask")


def ships(sides: Sides, seed: int) -> Mask:
    """Return a mask (h, w) with 15 rotated rectangles of 20 to 90 by 6 to 25 pixels."""
    random = np.random.default_rng(seed)
    mask = np.zeros(sides, dtype=np.uint8)
    for _ in range(15):
        centre, size = random.uniform((0, 0), sides[::-1]), random.uniform((20, 6), (90, 25))
        corners = cv2.boxPoints((tuple(centre), tuple(size), random.uniform(0, 180)))
        cv2.fillPoly(mask, [corners.astype(np.int32)], 1)
    return mask


def _ellipse(random: np.random.Generator, sides: Sides, radius: float) -> Mask:
    mask = np.zeros(sides, dtype=np.uint8)
    centre, axes = random.uniform((0, 0), sides[::-1]), radius * random.uniform(0.5, 1.5, 2)
    cv2.ellipse(mask, (tuple(centre), tuple(2 * axes), random.uniform(0, 180)), 1, -1)
    return mask


def blobs(sides: Sides, seed: int, number: int, radius: float) -> Mask:
    """Return a mask (h, w) with ellipses of about this radius, which may touch."""
    random = np.random.default_rng(seed)
    mask = np.zeros(sides, dtype=np.uint8)
    for _ in range(number):
        mask |= _ellipse(random, sides, radius)
    return mask


def objects(sides: Sides, seed: int, number: int, radius: float) -> Mask:
    """Return a mask (h, w) with just so many ellipses, two pixels or more apart."""
    random = np.random.default_rng(seed)
    mask, taken = np.zeros(sides, dtype=np.uint8), np.zeros(sides, dtype=np.uint8)
    while number:
        one = _ellipse(random, sides, radius)
        if one.any() and not (one & taken).any():
            mask |= one
            taken |= cv2.dilate(one, np.ones((5, 5), dtype=np.uint8))
            number -= 1
    return mask


def salt(sides: Sides, seed: int) -> Mask:
    """Return a mask (h, w) whose smooth bodies cover four tenths of it, as those of salt do."""
    random = np.random.default_rng(seed)
    field = cv2.resize(random.random((5, 5)).astype(np.float32), sides[::-1], interpolation=cv2.INTER_CUBIC)
    mask: Mask = (field > np.quantile(field, 0.6)).astype(np.uint8)
    return mask


def seed_text(mask: Mask) -> str:
    """Return the seed system's text."""
    text: str = _seed_system().rle_encode(mask)
    return text


def seed_mask(text: str, sides: Sides) -> Mask:
    """Return the seed system's mask of a text; it takes the width first."""
    mask: Mask = _seed_system().rle_decode(text, sides[::-1])
    return mask


def seed_instances(mask: Mask) -> list[str]:
    """Return the seed system's texts of components."""
    texts: list[str] = _seed_system().multi_rle_encode(mask[:, :, None])
    return texts


def coco_code(mask: Mask) -> dict[str, Any]:
    """Return pycocotools' compressed counts of a mask whose rows lie in memory; no text is written."""
    code: dict[str, Any] = _coco().encode(np.asfortranarray(mask))
    return code


def coco_mask(code: dict[str, Any]) -> Mask:
    """Return pycocotools' mask."""
    mask: Mask = _coco().decode(code)
    return mask


def rlemasklib_code(mask: Mask) -> dict[str, Any]:
    """Return rlemasklib's compressed counts; no text is written."""
    code: dict[str, Any] = _peer("rlemasklib").encode(mask)
    return code


def rival_instances(mask: Mask) -> list[str]:
    """Return one text per component, labelled by OpenCV; labels are looked up only where runs start.

    Every step is the quickest that we know: OpenCV turns and frames the mask, runs are found as bytes that differ,
    all numbers become Python's at once, and each text is one formatting.
    """
    height = mask.shape[0]
    turned = cv2.copyMakeBorder(cv2.transpose(mask), 0, 0, 1, 1, cv2.BORDER_CONSTANT, value=0)
    labels = cv2.connectedComponents(turned, connectivity=8)[1].reshape(-1)
    flat = turned.reshape(-1)
    edges = (flat[1:] != flat[:-1]).nonzero()[0] + 1
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    labels = labels[starts]
    starts = starts - 2 * (starts // (height + 2))
    order = labels.argsort(kind="stable")
    labels, starts, lengths = labels[order], starts[order], lengths[order]
    # Runs that go on at the top of the next column are one in a text.
    own = np.ones(starts.size, dtype=np.bool_)
    own[1:] = (labels[1:] != labels[:-1]) | (starts[1:] != starts[:-1] + lengths[:-1])
    if not own.all():
        firsts = own.nonzero()[0]
        labels, starts, lengths = labels[firsts], starts[firsts], np.add.reduceat(lengths, firsts)
    bounds = [*(np.flatnonzero(labels[1:] != labels[:-1]) + 1).tolist(), labels.size]
    numbers = np.stack((starts, lengths), axis=1).reshape(-1).tolist()
    return _formatted(numbers, [0, *bounds])


def _formatted(numbers: list[int], bounds: list[int]) -> list[str]:
    return [
        ("%d " * (2 * (last - first)))[:-1] % tuple(numbers[2 * first : 2 * last])
        for first, last in pairwise(bounds)
    ]
