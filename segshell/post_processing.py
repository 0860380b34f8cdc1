"""Holes and objects of masks by OpenCV: the twin of `segcore.post_processing`, for one rule and for many."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray

from segcore.post_processing import PostProcessing, check_rules, pixels_of

Mask = NDArray[np.bool_]


def _components(mask: Mask, connectivity: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the component of each pixel, int32 (h,w), 0 for none, and cv2's statistics of each, int32 (n,5)."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        mask.view(np.uint8), connectivity=connectivity
    )
    return labels, statistics


def _filled(mask: Mask, smallest: int) -> Mask:
    if smallest <= 1 or mask.all():
        return mask
    labels, statistics = _components(~mask, 4)
    left, top, width, height, area = statistics.T
    inside = (left > 0) & (top > 0) & (left + width < mask.shape[1]) & (top + height < mask.shape[0])
    is_filled = inside & (area < smallest)
    is_filled[0] = False  # the mask itself
    return mask | is_filled[labels] if is_filled.any() else mask


def processed(mask: Mask, rule: PostProcessing) -> Mask:
    """Return a mask bool (h,w) with small holes filled, and then without small objects."""
    shape = (mask.shape[0], mask.shape[1])
    filled = _filled(np.ascontiguousarray(mask), pixels_of(rule.hole_size, rule.unit, shape))
    smallest = pixels_of(rule.object_size, rule.unit, shape)
    if smallest <= 1:
        return filled
    labels, statistics = _components(filled, 8)
    is_kept = statistics[:, cv2.CC_STAT_AREA] >= smallest
    is_kept[0] = False  # the background
    return np.asarray(is_kept[labels])


def masks_after(
    probability: NDArray[np.float32], rules: tuple[PostProcessing, ...]
) -> tuple[NDArray[np.uint8], ...]:
    """Return the mask of each class, uint8 (h,w) of 0 and 255, from its probabilities; see the definition."""
    check_rules(rules, probability.shape[2])
    masks = (processed(probability[..., k] > rule.threshold, rule) for k, rule in enumerate(rules))
    return tuple(mask.view(np.uint8) * np.uint8(255) for mask in masks)


def _swept(mask: Mask, truth: Mask, counted: Mask | None, sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield true and false positives of a mask without objects below each of some sizes."""
    labels, statistics = _components(mask, 8)
    area = statistics[:, cv2.CC_STAT_AREA]
    hits = np.bincount(labels[truth], minlength=len(area))
    claimed = area if counted is None else np.bincount(labels[counted], minlength=len(area))
    for smallest in sizes:
        is_kept = area >= smallest
        is_kept[0] = False  # the background
        found = int(hits[is_kept].sum())
        yield found, int(claimed[is_kept].sum()) - found


def _by_mask(rule: PostProcessing) -> tuple[float, float, str]:
    return rule.threshold, rule.hole_size, rule.unit


def counts_after(
    truth: Mask, probability: NDArray[np.float32], counted: Mask | None, rules: Sequence[PostProcessing]
) -> NDArray[np.int64]:
    """Return the counts of one class in one image under each of many rules, int64 (k,4).

    An image is labelled once for each threshold and size of holes, whatever the number of sizes of objects.

    Parameters
    ----------
    truth
        bool (h,w).
    probability
        float32 (h,w).
    counted
        Which pixels count, bool (h,w); None for all. The others are part of objects, and are not counted.
    rules
        k of them, in any order.

    """
    inside = truth if counted is None else truth & counted
    positive = int(np.count_nonzero(inside))
    pixels = truth.size if counted is None else int(np.count_nonzero(counted))
    shape = (truth.shape[0], truth.shape[1])
    order = sorted(range(len(rules)), key=lambda place: _by_mask(rules[place]))
    found = np.empty((len(rules), 4), np.int64)
    for (threshold, hole, unit), group in groupby(order, key=lambda place: _by_mask(rules[place])):
        places = list(group)
        mask = _filled(np.ascontiguousarray(probability > threshold), pixels_of(hole, unit, shape))
        sizes = [pixels_of(rules[place].object_size, unit, shape) for place in places]
        for place, (hit, wrong) in zip(places, _swept(mask, inside, counted, sizes), strict=True):
            found[place] = hit, wrong, positive - hit, pixels - positive - wrong
    return found
