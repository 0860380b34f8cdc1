"""Many experiments as one ranked table: what differs between them, and their metrics over the folds."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from attrs import frozen

from segcore.catalog.remembering import remembering
from segcore.diffing import Difference, differing
from segcore.errors import ConfigError, Finding
from segcore.meanings import ABSENT
from segcore.monitors import direction, primary
from segcore.outcomes import Experiment, Score, scores


@frozen
class Row:
    """One experiment: the values of the parameters that differ, and its scores by column."""

    experiment: Experiment
    values: tuple[Any, ...]
    scores: tuple[tuple[str, Score], ...]

    def score(self, column: str) -> Score | None:
        """Return the score of a column, or None where no fold has it."""
        return next((score for name, score in self.scores if name == column), None)


@frozen
class Report:
    """Experiments, the best first.

    Attributes
    ----------
    parameters
        What differs between those whose config can be read; the `values` of rows stand in this order.
    columns
        The metrics, those of the training part first.
    sort_by, mode
        The column that ranks, and ``min`` or ``max``.
    notes
        What has to be said before rows are compared.

    """

    parameters: tuple[Difference, ...]
    columns: tuple[str, ...]
    sort_by: str
    mode: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def _columns(tables: Sequence[Mapping[str, Score]]) -> tuple[str, ...]:
    """Return all columns, those of the training part first, each part sorted: the order of the seed system."""
    names = {name for one in tables for name in one}
    return tuple(sorted(names, key=lambda name: (name.startswith("val_"), name)))


def _primary(experiments: Sequence[Experiment]) -> str:
    """Return the primary metric of most experiments, of several such the first."""
    configs = [one.config for one in experiments if one.config]
    found = Counter(primary(one.primary_metric, one.metrics) for one in configs)
    return found.most_common(1)[0][0] if found else "val_loss"


def _direction(column: str, experiments: Sequence[Experiment]) -> str:
    """Return the direction of a column by the catalogs' rows, else by what experiments say of their primary metric."""
    for one in experiments:
        if one.config and (found := direction(column, one.config.metrics, one.catalog)):
            return found
    configs = [one.config for one in experiments if one.config]
    told = (one.primary_metric_mode for one in configs if one.primary_metric == column)
    return next((mode for mode in told if mode in ("min", "max")), "")


def _required(column: str, known: Sequence[str]) -> str:
    """Return a column, or the one of the validation part that its name leaves out."""
    found = next((one for one in (column, f"val_{column}") if one in known), None)
    if found is None:
        import difflib

        near = tuple(difflib.get_close_matches(column, known, 3))
        advice = f"There are {', '.join(known) or 'none: nothing is trained'}."
        raise ConfigError(
            [Finding("metric", f"no experiment has a metric {column!r}.", (), None, near, advice)]
        )
    return found


def _rank(row: Row, sort_by: str, mode: str) -> tuple[bool, float, str]:
    found = row.score(sort_by)
    is_last = found is None or math.isnan(found.mean)
    value = 0.0 if found is None or is_last else found.mean
    return is_last, -value if mode == "max" else value, row.experiment.path


def _notes(experiments: Sequence[Experiment], *, with_leaks: bool) -> tuple[str, ...]:
    splits = {one.split for one in experiments if one.split}
    leaking = sum(1 for one in experiments if any(fold.leaks != 0 for fold in one.folds))
    told = (
        f"{len(splits)} different splits: only rows of one split can be compared." if len(splits) > 1 else "",
        f"{leaking} experiment{'s' * (leaking > 1)} with folds that leak or may leak: these folds are "
        f"{'counted' if with_leaks else 'left out of the means'}."
        if leaking
        else "",
    )
    return tuple(one for one in told if one)


def _parameters(experiments: Sequence[Experiment]) -> tuple[Difference, ...]:
    """Return what differs between the experiments whose config can be read."""
    readable = [(one.config, one.catalog) for one in experiments if one.config]
    known = {id(catalog): remembering(catalog) for _, catalog in readable}
    return differing([config for config, _ in readable], [known[id(catalog)] for _, catalog in readable])


def _rows(
    experiments: Sequence[Experiment],
    parameters: Sequence[Difference],
    tables: Sequence[Mapping[str, Score]],
) -> Iterator[Row]:
    """Yield a row for each experiment; `parameters` have a value for each whose config can be read, in order."""
    readable = count()
    for one, table in zip(experiments, tables, strict=True):
        at = next(readable) if one.config else None
        values = (ABSENT if at is None else found.values[at] for found in parameters)
        yield Row(one, tuple(values), tuple(table.items()))


def report(
    experiments: Sequence[Experiment],
    metrics: Sequence[str] = (),
    sort_by: str = "",
    *,
    with_leaks: bool = False,
) -> Report:
    """Return experiments ranked by a metric, with what differs between them.

    Parameters
    ----------
    experiments
        In any order.
    metrics
        The columns to show; empty for all. ``iou`` stands for ``val_iou`` where no training part has it.
    sort_by
        The column that ranks, in its own direction, without a value last; by default the first of `metrics`, else the
        primary metric of most experiments.
    with_leaks
        As in `scores`.

    Raises
    ------
    ConfigError
        When no experiment has the metric, or nobody says whether more of it is better.

    """
    tables = [scores(one.folds, with_leaks=with_leaks) for one in experiments]
    every = _columns(tables)
    shown = tuple(_required(one, every) for one in metrics) or every
    column = _required(sort_by, every) if sort_by else shown[0] if metrics else _primary(experiments)
    mode = _direction(column, experiments)
    if not mode and every:
        message = f"nobody says whether more or less of {column!r} is better."
        advice = "Set primary_metric and primary_metric_mode in a config, or sort by another metric."
        raise ConfigError([Finding("metric", message, (), None, (), advice)])
    parameters = _parameters(experiments)
    rows = sorted(_rows(experiments, parameters, tables), key=lambda row: _rank(row, column, mode))
    notes = _notes(experiments, with_leaks=with_leaks)
    return Report(parameters, shown, column, mode or "min", tuple(rows), notes)
