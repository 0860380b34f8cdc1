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


def balance(part: Indices, positives: frozenset[int], policy: str | float) -> Balance:
    """Return a part's positives and negatives with the number of negatives that the policy takes."""
    inside = Indices(row for row in part if row in positives)
    outside = Indices(row for row in part if row not in positives)
    return Balance(inside, outside, count(policy, len(inside), len(outside)))
