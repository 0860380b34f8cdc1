"""A search as people read it: what it is, how far it is, and what its best trial is worth."""

import json
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any

from segcore.searching import Choices, Range, Search, size
from segcore.trials import Trial, best, counted, folder_name

_SHOWN = 10


def _domain(domain: Range | Choices) -> str:
    if isinstance(domain, Choices):
        return f"{len(domain.options)} choices" if len(domain.options) > 1 else "1 choice"
    scale = ", log" if domain.is_log else ""
    step = f", step {domain.step}" if domain.step is not None else ""
    return f"{domain.low} to {domain.high}{step}{scale}"


def _kind(search: Search) -> str:
    combinations = size(search)
    of = "" if combinations is None else f" of {combinations} combinations"
    return f"{search.method}, {search.wanted} trials{of}, seed {search.seed}"


def values_text(trial: Trial) -> str:
    """Return the values of a trial on one line."""
    return ", ".join(f"{name} {_plain(value)}" for name, value in trial.values)


def _plain(value: str) -> str:
    found = json.loads(value)
    return found if isinstance(found, str) else value


def trial_line(trial: Trial, search: Search) -> str:
    """Return a trial with its state on one line."""
    told = {
        "done": f"{search.metric} {trial.score:.4f}" if trial.score is not None else "done",
        "failed": f"failed: {trial.reason}",
        "to do": "to do",
    }
    return f"trial {folder_name(trial.number)}: {told[trial.state]} ({values_text(trial)})"


def _others(search: Search, trials: Sequence[Trial]) -> Iterator[str]:
    own = {one.number for one in counted(search, trials)}
    for one in trials:
        if one.number not in own:
            reason = one.reason or "its values are not of the space as it is now"
            yield f"trial {folder_name(one.number)} is left as it is and does not count: {reason}"


def _cut(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"... and {more} more"] if more > 0 else [])]


def plan_lines(search: Search, trials: Sequence[Trial]) -> list[str]:
    """Return what a search is, how far it is, and the trials that are there and to do."""
    own = counted(search, trials)
    states = [one.state for one in own]
    left = max(0, (search.wanted or 0) - len(own))
    shown = ", ".join(f"{one.name} ({_domain(one.domain)})" for one in search.over)
    folds = ", ".join(map(str, search.folds))
    numbers = ", ".join(f"{states.count(one)} {one}" for one in ("done", "failed", "to do"))
    return [
        f"search    {_kind(search)}, by {search.mode} {search.metric} over folds {folds}",
        f"over      {shown}",
        f"trials    {numbers}, {left} not made yet",
        *_cut([trial_line(one, search) for one in own if one.state == "to do"]),
        *_cut([f"note      {one}" for one in _others(search, trials)]),
    ]


def flattery(number: int) -> float:
    """Return by how many standard deviations the best of n values lies above their mean where all are mere noise.

    The expected greatest of n independent standard normal numbers, by Blom's formula, within 0.02. Source: Blom, 1958,
    "Statistical Estimates and Transformed Beta-Variables", Wiley.

    Parameters
    ----------
    number
        At least 1.

    """
    return NormalDist().inv_cdf((number - 0.375) / (number + 0.25)) if number > 1 else 0.0


def _honest(number: int) -> list[str]:
    if number < 2:
        return []
    seen = (
        f"The best of {number} trials was chosen on the images that it is scored on, so its score is optimistic, the "
        "more so the more trials there are:"
    )
    noise = (
        "if all were equally good, and noise alone told their scores apart, the best would lie "
        f"{flattery(number):.2f} standard deviations of that noise above the truth."
    )
    remedy = (
        "For an honest number score it on images that took no part (testSplit, or other data); to know whether it is "
        "better than another trial, use compare."
    )
    return [seen, noise, remedy]


def summary_lines(search: Search, trials: Sequence[Trial], folder: str) -> list[str]:
    """Return how a search ended.

    Parameters
    ----------
    search, trials
        What was searched, and all trials in its folder.
    folder
        Of the trials, as it is to be shown.

    """
    own = counted(search, trials)
    done = [one for one in own if one.state == "done"]
    failed = [trial_line(one, search) for one in own if one.state == "failed"]
    head = f"search    {len(done)} trials done, {len(failed)} failed, of {search.wanted}; see report {folder}"
    lines = [head, *_cut(failed), *_cut(list(_others(search, trials)))]
    top = best(search, trials)
    if top is None or top.score is None:
        return [*lines, "best      none: no trial is done"]
    folds = f"mean over {top.folds} fold{'s' * (top.folds != 1)}"
    return [
        *lines,
        f"best      trial {folder_name(top.number)}: {search.metric} {top.score:.4f}, {folds}",
        *(f"          {name}: {_plain(value)}" for name, value in top.values),
        *_honest(len(done)),
    ]


def as_data(search: Search, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return a search and its trials as plain data for JSON."""
    own = {one.number for one in counted(search, trials)}
    return {
        "method": search.method,
        "trials": search.wanted,
        "seed": search.seed,
        "metric": search.metric,
        "mode": search.mode,
        "folds": list(search.folds),
        "there": [
            {
                "trial": folder_name(one.number),
                "state": one.state if one.number in own else "not counted",
                "score": one.score,
                "reason": one.reason,
                "parameters": {name: json.loads(value) for name, value in one.values},
            }
            for one in trials
        ],
    }
