"""How much each fold's weights count in their mean: judged on samples that no fold saw.

An image is predicted out of fold by one model alone, so that nothing there tells how to weigh several. Only the samples
that were held out before folding (`testSplit`) are seen by none of them and predicted by all.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.candidate_scores import Scores, check_parts, score_of


@frozen
class Shares:
    """How much each fold's weights count in a mean: a name, and a number from 0 for each, 1 in sum."""

    name: str
    numbers: tuple[float, ...]


@frozen
class SharesOutcome:
    """Shares with their scores on the samples that no fold saw.

    Attributes
    ----------
    shares
        The best on all, or equal ones where the nested score is not above theirs.
    is_gain
        Whether they are the best on all.
    equal, nested
        The metric of equal shares, and of those that are chosen on the other parts of the images.
    images
        How many.

    """

    shares: Shares
    is_gain: bool
    equal: float
    nested: float
    images: int


def share_candidates(folds: Sequence[int], scores: Sequence[float]) -> tuple[Shares, ...]:
    """Return the ways to weigh folds, the plainest first: equal, by their out-of-fold scores, one of them left out."""
    count = len(scores)
    found = [Shares("equal", (1 / count,) * count)]
    if sum(scores) > 0:
        found.append(Shares("by out-of-fold score", tuple(one / sum(scores) for one in scores)))
    if count > 2:
        for left, fold in enumerate(folds):
            others = tuple(0.0 if number == left else 1 / (count - 1) for number in range(count))
            found.append(Shares(f"without fold {fold}", others))
    return tuple(found)


def choose_shares(
    counts: NDArray[np.int64], parts: Sequence[str], metric: str, among: tuple[Shares, ...]
) -> SharesOutcome:
    """Return the shares that are best on samples that no fold saw; equal ones unless the nested score is above theirs.

    Parameters
    ----------
    counts
        int64 (n,s,c,4): images, shares, classes.
    parts, metric
        As in `choose`.
    among
        s of them; of equals the first is taken.

    Raises
    ------
    ValueError
        As `choose`.

    """
    check_parts(parts, len(counts))
    if counts.ndim != 4 or counts.shape[1] != len(among):
        raise ValueError(f"counts have the shape (n, {len(among)}, classes, 4), got {counts.shape}")
    scores, names = Scores(counts, metric), np.array(list(parts))
    scored = np.empty((len(names), *counts.shape[2:]), np.int64)
    for part in sorted(set(parts)):
        inside = names == part
        scored[inside] = counts[inside, int(scores.over(~inside).mean(axis=1).argmax())]
    best = int(scores.over(np.ones(len(names), np.bool_)).mean(axis=1).argmax())
    equal, nested = score_of(counts[:, 0], metric), score_of(scored, metric)
    is_gain = nested > equal
    return SharesOutcome(among[best if is_gain else 0], is_gain, equal, nested, len(names))
