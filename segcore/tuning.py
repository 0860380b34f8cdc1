"""Post-processing chosen out of fold, and scored on images that had no part in the choice.

Every image is counted under every candidate. For each part of the images (a fold) the best candidate of all other
parts is taken and scored on it: the nested score, which is honest (Cawley and Talbot, 2010, "On over-fitting in model
selection and subsequent selection bias in performance evaluation", JMLR 11:2079). What is chosen on all images is
what is used on new ones; its own score there is optimistic.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.candidate_scores import Scores, check_parts, each_of, score_of
from segcore.metrics import DEFINITIONS
from segcore.post_processing import UNTUNED, PostProcessing
from segcore.scores import GRID
from segcore.statistics import Difference, paired

SIZES = (
    ("share", (0.0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01), (0.0, 0.001, 0.01)),
    ("pixels", (0.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0), (0.0, 64.0, 512.0)),
)


@frozen
class Candidates:
    """What there is to choose from, the plainest first; the first of each is what is done without a choice.

    Attributes
    ----------
    flips
        Whether predictions are averaged over the four flips.
    rules
        What makes a mask of a class; each class gets its own.

    """

    flips: tuple[bool, ...]
    rules: tuple[PostProcessing, ...]


@frozen
class Choice:
    """A candidate: flips, which all classes share, and a rule for each class."""

    flips: bool
    rules: tuple[PostProcessing, ...]


@frozen
class Outcome:
    """A choice with its scores.

    Attributes
    ----------
    choice
        What is used on new images: the best on all, or the plainest where the nested score is not above `untuned`.
    is_gain
        Whether it is the best on all.
    each
        The choice that each part's images are scored with, by the part's name.
    untuned, nested, optimistic
        The metric over all images: of the plainest candidate, of `each`, and of the best on all of them.
    images
        How many.
    gain
        `nested` less `untuned` as a paired difference of images, mean over parts; None for pooled metrics, which no
        single image has.

    """

    choice: Choice
    is_gain: bool
    each: tuple[tuple[str, Choice], ...]
    untuned: float
    nested: float
    optimistic: float
    images: int
    gain: Difference | None = None


def _plainness(rule: PostProcessing) -> tuple[float, ...]:
    changes = (rule.threshold != UNTUNED.threshold) + (rule.object_size > 0) + (rule.hole_size > 0)
    return changes, abs(rule.threshold - UNTUNED.threshold), rule.object_size, rule.hole_size, rule.threshold


def unit_of(asked: str | None, *, windows: bool) -> str:
    """Return the unit of sizes: the one that is asked for, else pixels where images are predicted in windows.

    Objects of images at their own resolution have about the same size in pixels however large the image is; where
    images are resized to the network they have about the same share of it.
    """
    return asked or ("pixels" if windows else "share")


def candidates(unit: str, flips: bool | None, *, untuned_flips: bool) -> Candidates:
    """Return what there is to choose from.

    Parameters
    ----------
    unit
        Of sizes: ``share`` of the image, or ``pixels``.
    flips
        The one that is asked for; None for both.
    untuned_flips
        What is done without a choice.

    Raises
    ------
    ValueError
        When the unit is unknown.

    """
    given = {name: (objects, holes) for name, objects, holes in SIZES}
    if unit not in given:
        raise ValueError(f"sizes are given as {' or as '.join(given)}, not as {unit!r}")
    every = (PostProcessing(*numbers, unit=unit) for numbers in product(GRID, *given[unit]))
    both = (untuned_flips, not untuned_flips) if flips is None else (flips,)
    return Candidates(both, tuple(sorted(every, key=_plainness)))


def _chosen(scores: NDArray[np.float64], among: Candidates) -> tuple[Choice, NDArray[np.intp], int]:
    """Return the best of scores (f,k,c), its rules' positions (c,) and that of its flips; of equals the plainest."""
    rules = scores.argmax(axis=1)
    best = np.take_along_axis(scores, rules[:, None], axis=1)[:, 0].mean(axis=1)
    flips = int(best.argmax())
    places = rules[flips]
    return Choice(among.flips[flips], tuple(among.rules[place] for place in places)), places, flips


def _gain(
    nested: NDArray[np.int64],
    untuned: NDArray[np.int64],
    parts: Sequence[str],
    groups: Sequence[str],
    metric: str,
) -> Difference | None:
    if not DEFINITIONS[metric].per_image:
        return None
    values = [each_of(one, metric) for one in (nested, untuned)]
    places = {part: number for number, part in enumerate(sorted(set(parts)))}
    return paired(values[0] - values[1], [places[part] for part in parts], groups)


def gain_words(gain: Difference | None) -> str:
    """Return how sure it is that a choice gains anything, as a sentence; empty where that is not known."""
    if gain is None or gain.headline is None:
        return ""
    told = f"{gain.headline.low:+.4f} … {gain.headline.high:+.4f}"
    verdict = "the interval leaves out 0" if gain.is_told_apart else "not distinguishable from no gain"
    return f"tuned less untuned, mean over {len(gain.folds)} parts: {gain.value:+.4f}, 95 % interval {told}: {verdict}."


def choose(
    counts: NDArray[np.int64],
    parts: Sequence[str],
    metric: str,
    among: Candidates,
    groups: Sequence[str] = (),
) -> Outcome:
    """Return the best candidate on all images, with the score that choosing so has on images not chosen on.

    Parameters
    ----------
    counts
        int64 (n,f,k,c,4): images, flips, rules, classes; true and false positives, false and true negatives.
    parts
        The part of each image. No image is scored by a choice that an image of its part had a say in.
    metric
        A key of `metrics.DEFINITIONS`; the mean over classes is what is made largest.
    among
        The candidates. Of equals the plainest is taken.
    groups
        Of each image; by default each is one by itself.

    Raises
    ------
    ValueError
        When the metric is unknown, the shapes differ, or there are fewer than two parts.

    """
    check_parts(parts, len(counts))
    if counts.ndim != 5 or counts.shape[1:3] != (len(among.flips), len(among.rules)):
        wanted = (len(among.flips), len(among.rules))
        raise ValueError(
            f"counts have the shape (n, {wanted[0]}, {wanted[1]}, classes, 4), got {counts.shape}"
        )
    scores, names = Scores(counts, metric), np.array(list(parts))
    classes = np.arange(counts.shape[3])
    scored, each = np.empty((len(names), classes.size, 4), np.int64), []
    for part in sorted(set(parts)):
        inside = names == part
        choice, places, flips = _chosen(scores.over(~inside), among)
        scored[inside] = counts[inside][:, flips, places, classes]
        each.append((part, choice))
    best, places, flips = _chosen(scores.over(np.ones(len(names), np.bool_)), among)
    plain, found = counts[:, 0, 0], counts[:, flips, places, classes]
    untuned, nested, optimistic = (score_of(one, metric) for one in (plain, scored, found))
    is_gain = nested > untuned
    kept = best if is_gain else Choice(among.flips[0], (among.rules[0],) * classes.size)
    gain = _gain(scored, plain, parts, groups, metric)
    return Outcome(kept, is_gain, tuple(each), untuned, nested, optimistic, len(names), gain)
