"""What is done to a mask after the threshold: holes are filled, then small objects are removed; by definition.

An object is an 8-connected component of the mask, a hole a 4-connected component of what is not mask that does not
touch the edge of the image: the two connectivities that go together (Rosenfeld, 1970, "Connectivity in digital
pictures", J ACM 17, https://doi.org/10.1145/321556.321570).
"""

from math import ceil, isfinite

import numpy as np
from attrs import field, frozen
from attrs.validators import in_
from numpy.typing import NDArray

from segcore.components import component_runs, linked, spread
from segcore.scores import MASK_THRESHOLD

UNITS = ("share", "pixels")


def _size(_record: object, attribute: object, value: float) -> None:
    if not (isfinite(value) and value >= 0):
        name = getattr(attribute, "name", "size")
        raise ValueError(f"{name} is a finite number from 0, got {value}")


def _probability(_record: object, _attribute: object, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"threshold is a number from 0 to 1, got {value}")


@frozen
class PostProcessing:
    """What makes a mask of one class from its probabilities.

    Attributes
    ----------
    threshold
        Probability above which a pixel is mask.
    object_size
        Objects smaller than this are removed; 0 removes none.
    hole_size
        Holes smaller than this are filled, before objects are removed; 0 fills none.
    unit
        Of both sizes: ``share`` of the image's pixels, or ``pixels``.

    Raises
    ------
    ValueError
        When a number is out of its range, or the unit is unknown.

    """

    threshold: float = field(default=MASK_THRESHOLD, validator=_probability)
    object_size: float = field(default=0.0, validator=_size)
    hole_size: float = field(default=0.0, validator=_size)
    unit: str = field(default="share", validator=in_(UNITS))


UNTUNED = PostProcessing()


def pixels_of(size: float, unit: str, shape: tuple[int, int]) -> int:
    """Return the fewest pixels that are not smaller than a size, in an image (h,w).

    Parameters
    ----------
    size
        From 0.
    unit
        ``share`` of the image's pixels, or ``pixels``.
    shape
        Height and width.

    """
    # One ten-thousandth of 10,000 pixels is one pixel, whatever the product of the two floats is.
    return ceil(size * shape[0] * shape[1] - 1e-9) if unit == "share" else ceil(size)


def _sized(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the area of the object of each pixel, int64 (h,w); 0 outside."""
    runs, areas = component_runs(mask), np.zeros(mask.size, np.int64)
    lengths = runs.ends - runs.starts
    if runs.starts.size:
        totals = np.bincount(runs.components, weights=lengths).astype(np.int64)
        areas[spread(runs.starts, lengths)] = np.repeat(totals[runs.components], lengths)
    return areas.reshape(mask.shape, order="F")


def without_objects(mask: NDArray[np.bool_], smallest: int) -> NDArray[np.bool_]:
    """Return a mask bool (h,w) without its objects of fewer than some pixels."""
    return np.asarray(mask & (_sized(mask) >= smallest))


def _background(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the 4-connected component of each pixel that is not mask, int64 (h,w), -1 for mask; in no order."""
    places = np.where(mask, -1, np.arange(mask.size).reshape(mask.shape))
    roots = np.arange(mask.size)
    for left, right in ((places[:, :-1], places[:, 1:]), (places[:-1], places[1:])):
        free = (left >= 0) & (right >= 0)
        roots = linked(roots, left[free], right[free])
    return np.where(mask, -1, roots[np.maximum(places, 0)])


def holes_filled(mask: NDArray[np.bool_], smallest: int) -> NDArray[np.bool_]:
    """Return a mask bool (h,w) with its holes of fewer than some pixels filled."""
    parts = _background(mask)
    edge = np.concatenate(
        [parts[:1].ravel(), parts[-1:].ravel(), parts[:, :1].ravel(), parts[:, -1:].ravel()]
    )
    found, places, areas = np.unique(parts, return_inverse=True, return_counts=True)
    is_filled = (found >= 0) & (areas < smallest) & ~np.isin(found, edge)
    return np.asarray(mask | is_filled[places].reshape(mask.shape))


def processed(mask: NDArray[np.bool_], rule: PostProcessing) -> NDArray[np.bool_]:
    """Return a mask bool (h,w) with small holes filled, and then without small objects."""
    shape = (mask.shape[0], mask.shape[1])
    hole, smallest = (pixels_of(size, rule.unit, shape) for size in (rule.hole_size, rule.object_size))
    return without_objects(holes_filled(mask, hole), smallest)


def masks_after(
    probability: NDArray[np.float32], rules: tuple[PostProcessing, ...]
) -> tuple[NDArray[np.bool_], ...]:
    """Return the mask of each class, bool (h,w), from its probabilities.

    Parameters
    ----------
    probability
        float32 (h,w,c), in [0, 1]; classes do not exclude each other.
    rules
        One for each class.

    Raises
    ------
    ValueError
        When there are not as many rules as classes.

    """
    check_rules(rules, probability.shape[2])
    return tuple(processed(probability[..., k] > rule.threshold, rule) for k, rule in enumerate(rules))


def check_rules(rules: tuple[PostProcessing, ...], classes: int) -> None:
    """Check that there is a rule for each class; ValueError where not."""
    if len(rules) != classes:
        raise ValueError(f"{classes} classes need as many rules of post-processing, got {len(rules)}")


def words(rule: PostProcessing) -> str:
    """Return what a rule does, in words."""
    parts = [f"threshold {rule.threshold:g}"]
    for size, kind in (
        (rule.object_size, "objects below {} removed"),
        (rule.hole_size, "holes below {} filled"),
    ):
        if size:
            shown = f"{size:.3%} of the image" if rule.unit == "share" else f"{size:g} pixels"
            parts.append(kind.format(shown))
    return ", ".join(parts)
