"""What `tune` leaves beside weights: the choice, for which weights it was made, and its scores in words."""

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from segcore.post_processing import PostProcessing, words

VERSION = 1


@frozen
class Member:
    """Weights for which a choice was made: those of a fold, with their key, digest, and share in a mean of folds."""

    fold: int
    key: str
    weights: str
    share: float


@frozen
class Tuned:
    """A choice of post-processing.

    Attributes
    ----------
    stage
        Whose weights it is for.
    metric
        What was made largest, at the images' own size.
    is_gain
        Whether the nested score is above the untuned one; if not, nothing is changed by the choice.
    flips, windows
        How the network is applied; windows are what was given, not what was chosen.
    rules
        What makes a mask of each class.
    members
        The weights.
    split
        The hash of the split.
    images, parts
        How many images were predicted out of fold, and in how many parts they were.
    untuned, nested, optimistic
        The metric: without a choice; with one, on images that had no part in it; with the best on all, on all.
    notes
        What is to be said of the choice, a sentence each.
    version
        Of this record.

    """

    stage: int
    metric: str
    is_gain: bool
    flips: bool
    windows: bool
    rules: tuple[PostProcessing, ...]
    members: tuple[Member, ...]
    split: str
    images: int
    parts: int
    untuned: float
    nested: float
    optimistic: float
    notes: tuple[str, ...] = ()
    version: int = VERSION


def mismatch(tuned: Tuned, weights: Mapping[int, str | None], *, windows: bool) -> str:
    """Return why a choice is not that of some weights; empty where it is.

    Parameters
    ----------
    tuned
        The choice.
    weights
        The digest of each fold's weights; None where there are none.
    windows
        How they are applied.

    """
    known = {one.fold: one.weights for one in tuned.members}
    other = [fold for fold, digest in weights.items() if known.get(fold) != digest]
    if other:
        return f"it was chosen for other weights of fold {', '.join(map(str, sorted(other)))}"
    if windows != tuned.windows:
        return f"it was chosen for images {'in windows' if tuned.windows else 'that are resized'}"
    return ""


def shares_for(tuned: Tuned, folds: Sequence[int]) -> tuple[float, ...] | None:
    """Return the share of each of some folds; None where they count the same, or are not those of the choice."""
    shares = {one.fold: one.share for one in tuned.members}
    if set(folds) != set(shares) or len(set(shares.values())) == 1:
        return None
    return tuple(shares[fold] for fold in folds)


def with_threshold(rules: Sequence[PostProcessing], threshold: float | None) -> tuple[PostProcessing, ...]:
    """Return rules with a threshold of one's own in place of the chosen ones; None leaves these."""
    return tuple(one if threshold is None else evolve(one, threshold=threshold) for one in rules)


def rule_words(rules: Sequence[PostProcessing]) -> str:
    """Return what is done to each class, in words; once where it is the same for all."""
    if len(set(rules)) == 1:
        return words(rules[0])
    return "; ".join(f"class {number}: {words(one)}" for number, one in enumerate(rules, start=1))


def applied_words(
    rules: Sequence[PostProcessing], *, flips: bool, shares: Sequence[float] | None = None
) -> str:
    """Return all that is done to predictions, in words; `shares` is None where folds count the same."""
    parts = [rule_words(rules), f"flips {'on' if flips else 'off'}"]
    weighted = f"folds weighted {', '.join(f'{one:.3f}' for one in shares)}" if shares else ""
    return "; ".join(filter(None, [*parts, weighted]))


def lines(tuned: Tuned) -> list[str]:
    """Return the scores of a choice with what each means, and the choice."""
    table = (
        ("untuned", tuned.untuned, "threshold 0.5, nothing removed or filled"),
        (
            "tuned",
            tuned.nested,
            "each image by one network, with what was chosen on the other parts",
        ),
        ("optimistic", tuned.optimistic, "the best on all images, on these same images: not a score"),
    )
    head = f"{tuned.metric} at the images' own size, {tuned.images} images out of fold in {tuned.parts} parts"
    verdict = "chosen" if tuned.is_gain else "nothing is gained, so that it stays as it was"
    done = applied_words(tuned.rules, flips=tuned.flips)
    rows = [f"{name:<10}  {value:.4f}  {meaning}" for name, value, meaning in table]
    return [head, *rows, f"{verdict}: {done}", *tuned.notes]
