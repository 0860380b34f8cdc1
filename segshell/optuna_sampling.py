"""Optuna's TPE as a function: from the trials that are done to the values of the next one. It keeps no state."""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from segcore.searching import Choices, Range, Search, Values, nearest
from segcore.seeds import integer
from segcore.trials import Trial, next_values

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

_ATTEMPTS: Final = 10


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back that a study was made, and that `constant_liar` was once experimental; all else is told."""
    from optuna.exceptions import ExperimentalWarning

    logger = logging.getLogger("optuna")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=ExperimentalWarning)
            yield
    finally:
        logger.setLevel(before)


def _distribution(domain: Range | Choices) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(domain, Choices):
        return CategoricalDistribution(domain.options)
    if domain.is_whole:
        return IntDistribution(
            int(domain.low), int(domain.high), log=domain.is_log, step=int(domain.step or 1)
        )
    return FloatDistribution(domain.low, domain.high, log=domain.is_log, step=domain.step)


def _given(search: Search, values: Values) -> dict[str, Any]:
    """Return the values of a trial as Optuna has them: choices are texts."""
    domains = {one.name: one.domain for one in search.over}
    return {
        name: value if isinstance(domains[name], Choices) else json.loads(value) for name, value in values
    }


def _frozen(search: Search, values: Values, state: str, score: float | None = None) -> "FrozenTrial":
    from optuna.trial import TrialState, create_trial

    return create_trial(
        state=TrialState[state],
        value=score,
        params=_given(search, values),
        distributions={one.name: _distribution(one.domain) for one in search.over},
    )


def _asked(search: Search, known: Sequence[Trial], running: Sequence[Values], seed: int) -> Values:
    import optuna

    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
    study = optuna.create_study(direction="maximize" if search.mode == "max" else "minimize", sampler=sampler)
    for one in known:
        is_done = one.state == "done"
        study.add_trial(
            _frozen(search, one.values, "COMPLETE" if is_done else "FAIL", one.score if is_done else None)
        )
    for values in running:
        study.add_trial(_frozen(search, values, "RUNNING"))
    asked = study.ask({one.name: _distribution(one.domain) for one in search.over})
    return tuple((one.name, nearest(one.domain, asked.params[one.name])) for one in search.over)


def require() -> None:
    """Import Optuna, so that who lacks it hears of it before anything is trained.

    Raises
    ------
    ImportError
        See `segshell.missing`.

    """
    import optuna.samplers  # noqa: F401


def suggested(
    search: Search, number: int, known: Sequence[Trial], running: Sequence[Values] = ()
) -> Values | None:
    """Return the values of the next trial; None where every combination is there.

    A study is made in memory each time, from the trials that are known, so that what is suggested is a function of
    the arguments, and of Optuna's version. Where it repeats a trial it is asked again with other seeds, and then values
    are drawn at random. Source: Bergstra, Bardenet, Bengio and Kégl, 2011, "Algorithms for Hyper-Parameter
    Optimization", NIPS 24.

    Parameters
    ----------
    search
        What is searched.
    number
        Of the trial: its seed is made of it and of the search's.
    known
        Trials that are done, or have failed, in their order.
    running
        Values of trials that end later: TPE keeps away from them (``constant_liar``).

    """
    before = {*(one.values for one in known), *running}
    with _quiet():
        for attempt in range(_ATTEMPTS):
            seed = integer(search.seed, "tpe", number, attempt)
            found = _asked(search, known, running, seed)
            if found not in before:
                return found
    return next_values(search, number, tuple(before))
