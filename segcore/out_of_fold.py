"""What the kept weights of a fold-stage make of the images that they did not see: counts from which metrics follow."""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from segcore.masks import counted, one_hot
from segcore.rle import rle_encode
from segcore.scores import GRID, MASK_THRESHOLD, Counts, of_classes
from segcore.values import Integers


@frozen
class ImageRecord:
    """One image under weights that did not see it.

    Attributes
    ----------
    tp, fp, fn
        Pixels of each class (c,) at each threshold (t,): int64 (c,t).
    pixels
        How many pixels count: those that are not void.
    confusion
        int64 (c,c), truth by prediction, where classes exclude each other; else (0,0).
    masks
        The prediction at `segcore.scores.MASK_THRESHOLD` as Kaggle's run-length text, one per class.
    size
        Height and width at which it was scored.

    """

    tp: Integers
    fp: Integers
    fn: Integers
    pixels: int
    confusion: Integers
    masks: tuple[str, ...]
    size: tuple[int, int]


@frozen
class OutOfFold:
    """The images of a fold's validation part under its kept weights, in the order of the sample table.

    Attributes
    ----------
    key, weights
        The key of the fold-stage, and the SHA-256 digest of its weights.
    split
        The hash of the split; images of equal hashes only are compared.
    leaks
        As in the plan: how many of the images the weights have seen after all; None where that is not known.
    thresholds
        At which pixels were counted; one where classes exclude each other, as then the likeliest is predicted.
    classes
        Their names; empty where the data set gives none.
    ids, groups
        Of each image; an image without a group is one by itself.
    tp, fp, fn
        int64 (n,c,t): images, classes, thresholds.
    pixels
        int64 (n,): pixels that count.
    confusion
        int64 (n,c,c), truth by prediction, where classes exclude each other; else (n,0,0).
    masks
        For each image, the prediction at 0.5 as run-length text (Kaggle's, of a mask of `sizes`), one per class.
    sizes
        int64 (n,2): height and width at which an image was scored.

    """

    key: str
    weights: str
    fold: int
    stage: int
    split: str
    leaks: int | None
    is_exclusive: bool
    thresholds: tuple[float, ...]
    classes: tuple[str, ...]
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    tp: Integers = field(repr=False)
    fp: Integers = field(repr=False)
    fn: Integers = field(repr=False)
    pixels: Integers = field(repr=False)
    confusion: Integers = field(repr=False)
    masks: tuple[tuple[str, ...], ...] = field(repr=False)
    sizes: Integers = field(repr=False)

    @property
    def class_count(self) -> int:
        """Number of classes."""
        return int(self.tp.array.shape[1])

    def at(self, threshold: float = MASK_THRESHOLD) -> NDArray[np.int64]:
        """Return counts int64 (n,c,4) at a threshold: true positives, false positives, false and true negatives.

        Raises
        ------
        ValueError
            When nothing was counted at the threshold.

        """
        if threshold not in self.thresholds:
            raise ValueError(f"nothing was counted at the threshold {threshold}; there are {self.thresholds}")
        level = self.thresholds.index(threshold)
        tp, fp, fn = (one.array[:, :, level] for one in (self.tp, self.fp, self.fn))
        return np.stack([tp, fp, fn, self.pixels.array[:, None] - tp - fp - fn], axis=2)

    def counts(self, threshold: float = MASK_THRESHOLD) -> tuple[Counts, ...]:
        """Return the counts of each image at a threshold, from which `segcore.metrics` makes scores."""
        return tuple(of_classes(one) for one in self.at(threshold))


def thresholds_of(*, exclusive: bool) -> tuple[float, ...]:
    """Return at which thresholds pixels are counted; where classes exclude each other none is asked for."""
    return (MASK_THRESHOLD,) if exclusive else GRID


def _swept(truth: NDArray[np.uint8], probability: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return tp, fp, fn as int64 (3,t) of one class: truth 0/1 and probabilities, both (p,)."""
    levels = np.array(GRID, np.float32)
    # The number of thresholds that a pixel exceeds; a pixel is claimed at each of them.
    exceeded = np.searchsorted(levels, probability, side="left")
    bins = len(GRID) + 1
    histogram = np.bincount(exceeded + bins * truth.astype(np.int64), minlength=2 * bins).reshape(2, bins)
    claimed = histogram[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
    return np.stack([claimed[1], claimed[0], histogram[1].sum() - claimed[1]])


def _confusion(truth: NDArray[np.uint8], claimed: NDArray[np.intp], classes: int) -> NDArray[np.int64]:
    paired = truth.astype(np.int64) * classes + claimed
    return np.bincount(paired, minlength=classes * classes).reshape(classes, classes)


def record(truth: NDArray[np.uint8], probability: NDArray[np.float32], *, exclusive: bool) -> ImageRecord:
    """Return the counts of one image.

    Parameters
    ----------
    truth
        uint8 (h,w,m): class ids where classes exclude each other, else 0 and 1 per class; `segcore.raw_masks.VOID`
        where a pixel does not count.
    probability
        float32 (h,w,c), in [0, 1]. Where classes exclude each other the likeliest is predicted, else what exceeds
        the threshold.
    exclusive
        Whether a pixel has exactly one of several classes.

    """
    classes, valid = probability.shape[2], counted(truth)
    planes = one_hot(truth, classes)
    part = slice(None) if valid is None else valid
    if exclusive:
        claimed = probability.argmax(axis=2)
        confusion = _confusion(
            planes[part].reshape(-1, classes).argmax(axis=1), claimed[part].ravel(), classes
        )
        right = np.diagonal(confusion)
        counts = np.stack([right, confusion.sum(axis=0) - right, confusion.sum(axis=1) - right])[..., None]
        predicted = [claimed == number for number in range(classes)]
    else:
        confusion = np.zeros((0, 0), np.int64)
        pairs = ((planes[..., k][part].ravel(), probability[..., k][part].ravel()) for k in range(classes))
        counts = np.stack([_swept(*pair) for pair in pairs], axis=1)
        predicted = [probability[..., number] > MASK_THRESHOLD for number in range(classes)]
    pixels = truth.shape[0] * truth.shape[1] if valid is None else int(np.count_nonzero(valid))
    masks = tuple(rle_encode(one) for one in predicted)
    size = (int(truth.shape[0]), int(truth.shape[1]))
    tp, fp, fn = map(Integers, counts)
    return ImageRecord(tp, fp, fn, pixels, Integers(confusion), masks, size)


def stacked(records: Sequence[ImageRecord]) -> dict[str, Integers]:
    """Return the numbers of many images as `OutOfFold` has them, by the names of its fields.

    Raises
    ------
    ValueError
        When there is no image.

    """
    if not records:
        raise ValueError("there is no image to record")
    grids = {
        name: Integers(np.stack([getattr(one, name).array for one in records]))
        for name in ("tp", "fp", "fn", "confusion")
    }
    sizes = Integers(np.array([one.size for one in records]))
    return {**grids, "pixels": Integers([one.pixels for one in records]), "sizes": sizes}


def fault(made: OutOfFold) -> str:
    """Return in what the parts of a record contradict each other, or an empty text; of what was read from a file."""
    images, levels = len(made.ids), len(made.thresholds)
    counts = [one.array for one in (made.tp, made.fp, made.fn)]
    parts = (made.groups, made.masks, made.pixels.array, made.confusion.array, made.sizes.array, *counts)
    if {len(one) for one in parts} != {images}:
        return "its parts are of different numbers of images"
    if {one.shape for one in counts} != {(images, made.class_count, levels)}:
        return f"its counts are not of {images} images, {made.class_count} classes and {levels} thresholds"
    if any(one.min(initial=0) < 0 for one in counts):
        return "a count is negative"
    if bool((sum(counts) > made.pixels.array[:, None, None]).any()):
        return "an image has more pixels in its counts than pixels that count"
    if made.sizes.array.shape != (images, 2) or made.sizes.array.min(initial=1) < 1:
        return "its sizes are no heights and widths"
    return ""
