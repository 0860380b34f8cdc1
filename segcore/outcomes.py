"""What experiments left in their folders: the kept epochs of their folds, what went wrong, and scores over folds."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from segcore.catalog.callbacks import OBSERVING
from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig
from segcore.declaring import keys

_IGNORED: Final = frozenset({"lr"})  # a column of the metrics file that measures nothing


@frozen
class FoldResult:
    """What the last stage of a fold left.

    Attributes
    ----------
    epoch, epochs
        The kept epoch, from 1, and how many were trained.
    columns
        Every column of the metrics file at the kept epoch.
    leaks
        How many samples it was scored on that its weights had seen before; None where that is not known.
    scored
        How many samples it was scored on; None where that was not recorded.
    replicate
        Which of several trainings of the fold, from 0.

    """

    fold: int
    epoch: int
    epochs: int
    columns: tuple[tuple[str, float], ...]
    leaks: int | None = 0
    scored: int | None = None
    replicate: int = 0


@frozen
class Experiment:
    """An experiment as it lies in its folder.

    Attributes
    ----------
    path
        Of its config, relative to the folder of the report.
    config
        None where it cannot be read; `faults` then says why.
    folds
        Results of the last stage, one for each fold that is done, of each replicate.
    failed, interrupted
        What is said of fold-stages that ended by an error, and of those that were begun and neither ended nor failed.
    split
        The hash of its split; empty where nothing is done.
    changed
        Keys of the config that are no longer what its results were trained with.

    """

    path: str
    config: ExperimentConfig | None
    catalog: Catalog = field(default=STANDARD, repr=False)
    folds: tuple[FoldResult, ...] = ()
    failed: tuple[str, ...] = ()
    interrupted: tuple[str, ...] = ()
    split: str = ""
    changed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def planned(self) -> int:
        """How many folds are to be trained, those of all replicates; 0 where the config cannot be read."""
        return self.config.folds_count * self.config.replicates if self.config else 0

    @property
    def state(self) -> str:
        """``finished``, ``unfinished``, ``failed``, ``not run`` or ``broken``."""
        if self.config is None or self.faults:
            return "broken"
        if self.failed:
            return "failed"
        if len(self.folds) >= self.planned:
            return "finished"
        return "unfinished" if self.folds or self.interrupted else "not run"


@frozen
class Score:
    """A metric over folds: its mean, the sample standard deviation (None for one fold), and how many folds."""

    mean: float
    deviation: float | None
    folds: int


def _spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and sample deviation; that of one value is 0."""
    try:
        # From the first value on, so that equal ones have their own value as mean, and no deviation.
        apart = [value - values[0] for value in values]
        mean = math.fsum(apart) / len(values)
        squares = math.fsum([(value - mean) ** 2 for value in apart])
        return values[0] + mean, math.sqrt(squares / max(1, len(values) - 1))
    except OverflowError:  # above 1e154: exactly, a hundred times slower
        return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def _score(values: Sequence[float]) -> Score:
    if not all(map(math.isfinite, values)):
        return Score(math.nan, None, len(values))
    mean, deviation = _spread(values)
    return Score(mean, deviation if len(values) > 1 else None, len(values))


def scores(folds: Sequence[FoldResult], *, with_leaks: bool = False) -> dict[str, Score]:
    """Return the mean and deviation of every column over the folds that have it, each the mean of its replicates.

    Parameters
    ----------
    folds
        Results of one stage, of all replicates.
    with_leaks
        Whether folds count whose weights have seen samples on which they are scored, or may have: without it they do
        not, as in the pooled score of `evaluate`.

    """
    counted = [(one.fold, dict(one.columns)) for one in folds if with_leaks or one.leaks == 0]
    names = dict.fromkeys(name for _, one in counted for name in one if name not in _IGNORED)
    return {name: _score(_by_fold(name, counted)) for name in names}


def _by_fold(name: str, counted: Sequence[tuple[int, Mapping[str, float]]]) -> list[float]:
    """Return a column's value of each fold that has it: the mean of its replicates."""
    values: dict[int, list[float]] = {}
    for fold, columns in counted:
        if name in columns:
            values.setdefault(fold, []).append(columns[name])
    return [one[0] if len(one) == 1 else _spread(one)[0] for one in values.values()]


def changed_keys(recorded: Mapping[str, Any], current: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that decide weights and are no longer as they were recorded.

    Paths are left out: they may be told from another folder.

    Parameters
    ----------
    recorded
        The config as run.json has it.
    current
        The config as it is now; both as `segcore.parsing.dumping.as_plain` returns them.

    """
    before, after = _deciding(recorded), _deciding(current)
    return tuple(name for name in {**after, **before} if before.get(name) != after.get(name))


_CALLBACKS: Final = frozenset({"callbacks", "extra_callbacks"})
_PATHS: Final = frozenset({"encoder_weights", "dataset_augmenter", "initial_weights"})
_DECIDING: Final = frozenset(
    key.name for _, key in keys(ExperimentConfig) if key.semantic and key.name not in _PATHS
)


def _deciding(plain: Mapping[str, Any]) -> dict[str, Any]:
    kept = _trained(plain, "callbacks")
    stages = plain.get("stages")
    if isinstance(stages, list):
        kept["stages"] = [_trained(one, "extra_callbacks") for one in stages if isinstance(one, dict)]
    return {name: value for name, value in kept.items() if name in _DECIDING}


def _trained(plain: Mapping[str, Any], adding: str) -> dict[str, Any]:
    """Return the keys that are no paths, without callbacks that only look on.

    Where no other callback is left under the key `adding`, that is as if it was not there; a stage's own empty list of
    `callbacks`, which takes those of the experiment away, is not.
    """
    kept = {name: value for name, value in plain.items() if name not in _PATHS}
    for name in _CALLBACKS.intersection(kept):
        if isinstance(kept[name], list):
            kept[name] = [one for one in kept[name] if _name(one) not in OBSERVING]
            if not kept[name] and name == adding:
                del kept[name]
    return kept


def _name(call: Any) -> str:
    """Return the name of a call as a config dumps it: a text, or a mapping from it to its arguments."""
    return call if isinstance(call, str) else str(next(iter(call), "")) if isinstance(call, dict) else ""
