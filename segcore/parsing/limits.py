"""How much is read and shown: no text may cost minutes, or flood the screen."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from segcore.errors import Finding, Place

FINDING_LIMIT: Final = 50
# Checks go over all metrics and callbacks of all stages, so the product of these must stay small.
STAGE_LIMIT: Final = 100
NAME_LIMIT: Final = 100


def cut(place: Place) -> Finding:
    """Return the finding that stands last where there are more than `FINDING_LIMIT`."""
    message = f"There are more than {FINDING_LIMIT} faults; the rest is not shown."
    return Finding("too-many-findings", message, place=place, advice="Correct these first.")


def limited(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return at most `FINDING_LIMIT` findings, and a last one that says so where there are more."""
    shown = tuple(islice(findings, FINDING_LIMIT + 1))
    if len(shown) <= FINDING_LIMIT:
        return shown
    return (*shown[:FINDING_LIMIT], cut(shown[-1].place or Place(1, 1)))
