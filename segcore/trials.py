"""Trials of a search: which of those that are there count, and which comes next."""

import math
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from attrs import frozen

from segcore.outcomes import FoldResult, scores
from segcore.searching import Search, Values, combinations, drawn, fits

State: TypeAlias = Literal["done", "failed", "to do"]
FOLDER: Final = "trials"
HANDED_OVER: Final = 100  # trials of a grid or at random that are made at a time
FIRST: Final = 3  # that tell a wrong config from wrong values: where all of them fail, the search stops
_ATTEMPTS: Final = 100


@frozen
class Trial:
    """One trial as it lies in its folder.

    Attributes
    ----------
    number
        From 0; the name of its folder.
    values
        Of each parameter.
    score
        Where it is done.
    reason
        Why it failed, or why it is none of the search's; empty otherwise.
    folds
        How many folds the score is the mean of.
    is_own
        Whether its values are of the space, and its config is the one that they give.

    """

    number: int
    values: Values
    state: State = "to do"
    score: float | None = None
    reason: str = ""
    folds: int = 0
    is_own: bool = True


def folder_name(number: int) -> str:
    """Return the name of a trial's folder."""
    return f"{number:04d}"


def counted(search: Search, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Return the trials that are the search's as it is now, by number."""
    own = (one for one in trials if one.is_own and fits(search, one.values))
    return tuple(sorted(own, key=lambda one: one.number))


@frozen
class Step:
    """What a search does next.

    Attributes
    ----------
    there
        Trials that are made and not trained to the end.
    number
        Of the first one that is to be made.
    new
        How many are to be made.
    known
        How many of the trials that count, the first ones, may decide on what is made: the others of this step, done
        or not, count as running.

    """

    there: tuple[Trial, ...]
    number: int
    new: int
    known: int

    @property
    def is_last(self) -> bool:
        """Whether nothing is left to do."""
        return not self.there and not self.new


def _block(search: Search, first: int, at_once: int) -> tuple[int, int]:
    """Return begin and end of the trials that are handed over together with one of them."""
    if search.method == "tpe":
        begin = first // at_once * at_once
        return begin, begin + at_once
    begin, size = max(FIRST, at_once), max(HANDED_OVER, at_once)
    if first < begin:
        return 0, begin
    before = (first - begin) // size * size + begin
    return before, before + size


def next_step(search: Search, trials: Sequence[Trial], at_once: int = 1) -> Step:
    """Return what is to be trained next; an interruption anywhere changes nothing of it.

    Trials are handed over in blocks that begin at fixed numbers of trials: `at_once` of a TPE search each, of others
    three first, then a hundred at a time. So what is asked of TPE follows from the blocks before, and from the values
    of those before it in its own block.

    Parameters
    ----------
    search
        What is searched.
    trials
        All that lie in the folder, those of other spaces, too.
    at_once
        How many are trained side by side.

    """
    own, wanted = counted(search, trials), search.wanted or 0
    number = max((one.number for one in trials), default=-1) + 1
    first = next((at for at, one in enumerate(own) if one.state == "to do"), len(own))
    if first >= wanted:
        return Step((), number, 0, len(own))
    begin, end = _block(search, first, at_once)
    end = min(end, wanted)
    there = tuple(one for one in own[begin:end] if one.state == "to do")
    return Step(there, number, max(0, end - max(len(own), begin)), begin)


def next_values(search: Search, number: int, before: Sequence[Values]) -> Values | None:
    """Return the values of the next trial of a grid, or at random; None where every combination is there.

    Parameters
    ----------
    search
        What is searched; of a TPE search, what is tried where it repeats itself.
    number
        Of the trial, by which it is drawn.
    before
        Values of the trials that count: none is tried twice.

    """
    known = set(before)
    if search.method != "grid":
        for attempt in range(_ATTEMPTS):
            found = drawn(search, number, attempt)
            if found not in known:
                return found
    return next((one for one in combinations(search) if one not in known), None)


def is_hopeless(search: Search, trials: Sequence[Trial]) -> bool:
    """Return whether the first trials have all failed, so that others would, too."""
    own = counted(search, trials)[:FIRST]
    return len(own) == min(FIRST, search.wanted or FIRST) and all(one.state == "failed" for one in own)


def score_of(folds: Sequence[FoldResult], column: str) -> tuple[float | None, int, str]:
    """Return the mean of a column over folds as `report` shows it, how many folds, and why there is none."""
    found = scores(folds).get(column)
    if found is None:
        leaking = [one for one in folds if one.leaks != 0]
        told = (
            "its weights have seen the images that they are scored on"
            if leaking
            else f"{column} is not measured"
        )
        return None, 0, told
    if not math.isfinite(found.mean):
        return None, found.folds, f"{column} is not finite"
    return found.mean, found.folds, ""


def best(search: Search, trials: Sequence[Trial]) -> Trial | None:
    """Return the best trial that counts and is done; of several the first."""
    done = [
        (one.score, one) for one in counted(search, trials) if one.state == "done" and one.score is not None
    ]
    if not done:
        return None
    sign = -1 if search.mode == "max" else 1
    return min(done, key=lambda pair: (sign * pair[0], pair[1].number))[1]
