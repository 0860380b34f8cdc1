"""Out-of-fold records as a page shows them: scores of images, how they spread, and which classes are confused."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen

from segcore.metrics import DEFINITIONS, score_per_class
from segcore.out_of_fold import OutOfFold
from segcore.scores import Counts, total
from segcore.values import Integers

DEFAULT: Final = "iou"
BINS: Final = 20
QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
# Of these the empty part of a picture, which is most of it, makes a good score of any prediction.
_OF_BACKGROUND: Final = frozenset({"binary_accuracy", "specificity"})
_PER_IMAGE: Final = "_per_image"


@frozen
class ImageScore:
    """The score of one image, and where it stands: which record, and which image of it.

    Attributes
    ----------
    value
        Mean over classes.
    per_class
        Of each class, in [0, 1].
    is_absent
        Of each class, whether neither truth nor prediction has any of it.

    """

    id: str
    fold: int
    value: float
    per_class: tuple[float, ...]
    is_absent: tuple[bool, ...]
    record: int
    row: int


@frozen
class Spread:
    """How scores of images spread: their quantiles at `QUANTILES`, and in how many images there was nothing to find."""

    name: str
    quantiles: tuple[float, ...]
    absent: int


@frozen
class Histogram:
    """How many images have a score in each of `BINS` equal parts of 0 to 1; the last part holds 1."""

    counts: tuple[int, ...]


@frozen
class ClassScore:
    """One class over all images pooled: its metrics by name, and its pixels."""

    name: str
    metrics: tuple[tuple[str, float], ...]
    tp: int
    fp: int
    fn: int


@frozen
class Confusion:
    """Pixels of each class by what was predicted there: int64 (c,c), truth by prediction."""

    classes: tuple[str, ...]
    pixels: Integers = field(repr=False)

    @property
    def shares(self) -> tuple[tuple[float | None, ...], ...]:
        """The share of each true class's pixels that went to each predicted class; None without any pixel."""
        rows = self.pixels.array.tolist()
        return tuple(tuple(one / sum(row) if sum(row) else None for one in row) for row in rows)


def metric_of(primary: str) -> str:
    """Return the metric by which images are ranked: the primary one where counts of pixels give it, else ``iou``."""
    name = primary.removeprefix("val_").removesuffix(_PER_IMAGE)
    return name if name in DEFINITIONS and name not in _OF_BACKGROUND else DEFAULT


def class_names(record: OutOfFold) -> tuple[str, ...]:
    """Return a name for each class: the given one, else its number as in result files."""
    if record.classes:
        return record.classes
    if record.class_count == 1:
        return ("mask",)
    first = 0 if record.is_exclusive else 1
    return tuple(f"class {number}" for number in range(first, first + record.class_count))


def alike(records: Sequence[OutOfFold]) -> tuple[OutOfFold, ...]:
    """Return the records that have the classes of the first, so that they can be put together."""
    return tuple(
        one
        for one in records
        if (one.class_count, one.is_exclusive, one.classes)
        == (records[0].class_count, records[0].is_exclusive, records[0].classes)
    )


def shown_records(records: Sequence[OutOfFold], *, with_leaks: bool = False) -> tuple[OutOfFold, ...]:
    """Return the records that are put together, of one set of classes.

    Those of weights that have seen some of their images, or may have, are among them only with `with_leaks`: nothing
    is told of unseen images by what was learned.
    """
    return alike([one for one in records if with_leaks or one.leaks == 0])


def _of_record(position: int, record: OutOfFold, metric: str) -> Iterator[ImageScore]:
    formula = DEFINITIONS[metric].from_counts
    for row, (name, counts) in enumerate(zip(record.ids, record.counts(), strict=True)):
        values = tuple(formula(counts).tolist())
        nothing = tuple(not any(one) for one in zip(counts.tp, counts.fp, counts.fn, strict=True))
        yield ImageScore(name, record.fold, float(np.mean(values)), values, nothing, position, row)


def image_scores(records: Sequence[OutOfFold], metric: str = DEFAULT) -> tuple[ImageScore, ...]:
    """Return the score of every image at the threshold 0.5, in the order of the records.

    Parameters
    ----------
    records
        Of one experiment; an image that several folds scored has a score of each.
    metric
        A key of `segcore.metrics.DEFINITIONS`. Where a class is neither there nor predicted it counts as that metric
        says: 1 for most.

    Raises
    ------
    KeyError
        When the metric is unknown.

    """
    return tuple(
        one for position, record in enumerate(records) for one in _of_record(position, record, metric)
    )


def histogram(scores: Sequence[ImageScore]) -> Histogram:
    """Return how the scores of images spread over [0, 1]."""
    values = np.array([one.value for one in scores], dtype=np.float64)
    places = np.clip((values * BINS).astype(np.int64), 0, BINS - 1)
    return Histogram(tuple(np.bincount(places, minlength=BINS).tolist()))


def _spread(name: str, values: Sequence[float], absent: int) -> Spread:
    return Spread(name, tuple(np.quantile(values, QUANTILES).tolist()), absent)


def spreads(scores: Sequence[ImageScore], names: Sequence[str]) -> tuple[Spread, ...]:
    """Return how the scores of images spread: of each class, and of their mean where there are several.

    Parameters
    ----------
    scores
        Of images with as many classes as there are names; without any, nothing is returned.
    names
        Of the classes.

    """
    if not scores:
        return ()
    classes = tuple(
        _spread(name, [one.per_class[at] for one in scores], sum(one.is_absent[at] for one in scores))
        for at, name in enumerate(names)
    )
    if len(classes) == 1:
        return classes
    return (_spread("all classes", [one.value for one in scores], 0), *classes)


def class_scores(records: Sequence[OutOfFold]) -> tuple[ClassScore, ...]:
    """Return each class over all images pooled, at the threshold 0.5: IoU, Dice, precision and recall."""
    pooled = total(one for record in records for one in record.counts())
    if not pooled.tp:
        return ()
    tables = {name: score_per_class(name, [pooled]) for name in ("iou", "dice", "precision", "recall")}
    return tuple(_class_score(name, at, pooled, tables) for at, name in enumerate(class_names(records[0])))


def _class_score(name: str, at: int, pooled: Counts, tables: dict[str, np.ndarray]) -> ClassScore:
    metrics = tuple((metric, float(values[at])) for metric, values in tables.items())
    return ClassScore(name, metrics, pooled.tp[at], pooled.fp[at], pooled.fn[at])


def confusion(records: Sequence[OutOfFold]) -> Confusion | None:
    """Return which classes are taken for which, over all images; None where classes do not exclude each other."""
    if not records or not records[0].is_exclusive:
        return None
    pixels = sum(one.confusion.array.sum(axis=0) for one in records)
    return Confusion(class_names(records[0]), Integers(np.asarray(pixels, dtype=np.int64)))
