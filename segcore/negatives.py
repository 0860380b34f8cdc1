"""How many negatives a part takes: none, all of them, or a number per positive."""

from attrs import frozen

from segcore.values import Indices


@frozen
class Balance:
    """The samples of one part: all positives, and how many of the negatives at a time."""

    positives: Indices
    negatives: Indices
    count: int

    def __len__(self) -> int:
        return len(self.positives) + self.count


def count(policy: str | float, positives: int, negatives: int) -> int:
    """Return how many of `negatives` a policy takes beside `positives`.

    ``none`` takes 0, ``real`` all, a number N takes min(negatives, round(N x positives)), halves to even.

    Raises
    ------
    ValueError
        For an unknown word or a number below 0.

    """
    if policy == "none":
        return 0
    if policy == "real":
        return negatives
    if isinstance(policy, str) or not policy >= 0:
        raise ValueError(f"negatives are none, real or a number of at least 0, got {policy!r}")
    wanted = policy * positives
    return negatives if wanted >= negatives else round(wanted)


def rebalanced(halves: Balance, policy: str | float) -> Balance:
    """Return the same samples with the number of negatives that another policy takes."""
    wanted = count(policy, len(halves.positives), len(halves.negatives))
    return Balance(halves.positives, halves.negatives, wanted)


def balance(part: Indices, positives: Indices, policy: str | float) -> Balance:
    """Return a part's positives and negatives, in its order, with the number of negatives that the policy takes."""
    is_positive = part.among(positives)
    inside, outside = Indices(part.array[is_positive]), Indices(part.array[~is_positive])
    return rebalanced(Balance(inside, outside, 0), policy)
