"""What there is to know of a data set before anything is trained on it, counted from facts of its samples."""

from collections import Counter

import numpy as np
from attrs import frozen

from segcore.doubles import SHOWN, Doubles, Part, doubles
from segcore.folds import Split
from segcore.likeness import FLAT
from segcore.values import Indices

ENLARGED = 2  # times that an image grows before it counts as enlarged


@frozen
class Facts:
    """What the audit is told of one sample.

    Attributes
    ----------
    id
        Name of the sample.
    fingerprint
        Digest of the content of image and mask.
    height, width
        Size of the image in pixels.
    class_pixels
        Pixels of each class; background first where classes exclude each other or there is one class.
    void_pixels
        Pixels that neither loss nor metric counts; in none of the classes.
    phash
        Perceptual hash of the image; see `segcore.likeness.phash`.

    """

    id: str
    fingerprint: str
    height: int
    width: int
    class_pixels: tuple[int, ...]
    void_pixels: int
    phash: int


@frozen
class Sizes:
    """Sizes of images as (height, width) in pixels; smallest and largest are those by area."""

    most_common: tuple[int, int]
    most_common_samples: int
    smallest: tuple[int, int]
    largest: tuple[int, int]
    distinct: int


@frozen
class ClassCount:
    """Over how many pixels a class extends, and how many samples have any of it."""

    name: str
    pixels: int
    samples: int


@frozen
class Conflict:
    """Two images that look the same and have one size, with masks that differ in at least so many pixels."""

    ids: tuple[str, str]
    pixels: int


@frozen
class Audit:
    """What was counted.

    Attributes
    ----------
    samples
        Samples of which facts are known.
    unseen
        Samples of which they are not.
    empty
        Samples whose mask holds no object.
    full
        Samples whose mask is nothing but object: without background, or one class everywhere where there is none.
    pixels
        All pixels of the samples, those that do not count included.
    classes
        One per class, background first where classes exclude each other or there is one class.
    void_pixels, void_samples
        Pixels that neither loss nor metric counts, and the samples that have any.
    shape
        Height and width that the network sees, or None.
    enlarged
        Samples that grow more than `ENLARGED` times along an axis to have that shape.
    copies
        Samples equal in image and mask.
    alike
        Samples whose images look alike, copies included.
    conflicting
        Samples whose image looks the same as another's and whose masks differ.
    conflicts
        Up to `segcore.doubles.SHOWN` of them, each beside the first with its look; most pixels first.

    """

    samples: int
    unseen: int
    sizes: Sizes
    empty: int
    full: int
    pixels: int
    classes: tuple[ClassCount, ...]
    void_pixels: int
    void_samples: int
    shape: tuple[int, int] | None
    enlarged: int
    copies: Doubles
    alike: Doubles
    conflicting: int
    conflicts: tuple[Conflict, ...]


def _sizes(facts: tuple[Facts, ...]) -> Sizes:
    counts = Counter((one.height, one.width) for one in facts)
    by_area = sorted(counts, key=lambda size: (size[0] * size[1], size))
    # Of sizes that are equally common, the smallest.
    common = max(by_area, key=counts.__getitem__)
    return Sizes(common, counts[common], by_area[0], by_area[-1], len(counts))


def _names(classes: int, class_names: tuple[str, ...], *, has_background: bool) -> tuple[str, ...]:
    if classes == 1:
        return ("background", *(class_names or ("mask",)))
    first = 0 if has_background else 1
    return class_names or tuple(str(number) for number in range(first, first + classes))


def _class_counts(facts: tuple[Facts, ...], names: tuple[str, ...]) -> tuple[ClassCount, ...]:
    table = np.array([one.class_pixels for one in facts], dtype=np.int64)
    if table.shape[1] != len(names):
        raise ValueError(f"{table.shape[1]} counts of pixels do not fit the classes {', '.join(names)}")
    pixels, samples = table.sum(axis=0), (table > 0).sum(axis=0)
    return tuple(map(ClassCount, names, pixels.tolist(), samples.tolist()))


def _is_full(one: Facts, *, has_background: bool) -> bool:
    counted = one.height * one.width - one.void_pixels
    return counted > 0 and max(one.class_pixels[has_background:], default=0) == counted


def parts_of(split: Split, extra: Indices = Indices()) -> tuple[Part, ...]:  # noqa: B008  (immutable)
    """Return the parts of a split that are scored: each fold's validation, and what is held out from all folds.

    Parameters
    ----------
    split
        The folds.
    extra
        Positions that are trained on in every fold.

    """
    folds = tuple(
        Part(f"fold {number}", Indices((*fold.training, *extra)), fold.validation)
        for number, fold in enumerate(split.folds)
    )
    if not len(split.held_out):
        return folds
    inside = sorted({row for fold in split.folds for row in (*fold.training, *fold.validation)} | set(extra))
    return (*folds, Part("held out", Indices(inside), split.held_out))


def _difference(left: Facts, right: Facts) -> int:
    """Return a number of pixels in which two masks of one size differ at least."""
    counts = zip(
        (*left.class_pixels, left.void_pixels), (*right.class_pixels, right.void_pixels), strict=True
    )
    return max(abs(a - b) for a, b in counts)


def _conflicts(facts: tuple[Facts, ...]) -> tuple[int, tuple[Conflict, ...]]:
    """Return how many samples look the same as another with another mask, and the gravest."""
    looks: dict[tuple[int, int, int], list[Facts]] = {}
    for one in facts:
        if one.phash != FLAT:
            looks.setdefault((one.phash, one.height, one.width), []).append(one)
    samples, found = 0, []
    for first, *others in looks.values():
        differing = [(one, pixels) for one in others if (pixels := _difference(first, one))]
        samples += (1 + len(others)) if differing else 0
        found += [Conflict((first.id, one.id), pixels) for one, pixels in differing]
    return samples, tuple(sorted(found, key=lambda one: -one.pixels)[:SHOWN])


def audit(
    facts: tuple[Facts, ...],
    parts: tuple[Part, ...],
    classes: int,
    *,
    exclusive: bool,
    class_names: tuple[str, ...] = (),
    shape: tuple[int, int] | None = None,
    unseen: int = 0,
) -> Audit:
    """Count what there is to know of a data set.

    Parameters
    ----------
    facts
        One per sample, at least one.
    parts
        Parts of a split of these samples, as positions in `facts`; see `parts_of`.
    classes, exclusive
        How many classes the masks have, and whether a pixel has exactly one of them.
    class_names
        One name per class; without them, classes are called by their numbers as in result files.
    shape
        Height and width in pixels to which whole images are brought, or None where they are not.
    unseen
        Samples of which nothing is known.

    Raises
    ------
    ValueError
        When there are no facts, or their counts of pixels are not one per class.

    """
    if not facts:
        raise ValueError("an audit needs the facts of at least one sample")
    has_background = exclusive or classes == 1
    height, width = shape or (0, 0)
    ids, phashes = tuple(one.id for one in facts), tuple(one.phash for one in facts)
    looks = (one.phash if one.phash != FLAT else one.fingerprint for one in facts)
    conflicting, conflicts = _conflicts(facts)
    return Audit(
        len(facts),
        unseen,
        _sizes(facts),
        sum(not any(one.class_pixels[has_background:]) for one in facts),
        sum(_is_full(one, has_background=has_background) for one in facts),
        sum(one.height * one.width for one in facts),
        _class_counts(facts, _names(classes, class_names, has_background=has_background)),
        sum(one.void_pixels for one in facts),
        sum(one.void_pixels > 0 for one in facts),
        shape,
        sum(ENLARGED * one.height < height or ENLARGED * one.width < width for one in facts),
        doubles(ids, phashes, (one.fingerprint for one in facts), parts, None),
        doubles(ids, phashes, looks, parts),
        conflicting,
        conflicts,
    )
