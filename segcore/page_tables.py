"""The tables of a page: the leaderboard, what differs between experiments, all metrics, and the folds of each one."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from segcore.errors import dotted
from segcore.monitors import direction
from segcore.outcomes import FoldResult
from segcore.page_cells import (
    NONE,
    Cell,
    Extras,
    Heading,
    Table,
    TableRow,
    against_cells,
    cost_cells,
    number,
    score_cell,
    tuned_cells,
)
from segcore.page_charts import axis_of
from segcore.replicating import fold_name
from segcore.report_text import cell, done_text, leaks_text, marked_state
from segcore.reports import Report, Row

_SPLIT_SHOWN = 8
UNTUNED, TUNED = "untuned, at own size", "tuned, at own size"
AGAINST = "difference to the best [95 % for all]"


def _counted(fold: FoldResult, column: str, *, with_leaks: bool) -> float | None:
    value = dict(fold.columns).get(column)
    is_counted = with_leaks or fold.leaks == 0
    return value if is_counted and value is not None and math.isfinite(value) else None


def _dots(report: Report, *, with_leaks: bool) -> Iterator[Cell]:
    """Yield the values of each experiment's folds as places on one axis."""
    column = report.sort_by
    every = [
        [
            value
            for one in row.experiment.folds
            if (value := _counted(one, column, with_leaks=with_leaks)) is not None
        ]
        for row in report.rows
    ]
    # What diverged would push all others into one point.
    axis = axis_of((one for values in every for one in values), may_be_log=True)
    for row, values in zip(report.rows, every, strict=True):
        hint = ", ".join(map(number, values))
        # Sorted as the metric itself: a mean over dots would weigh folds by how many of their replicates are done.
        mean = score_cell(row.score(column)).value
        yield Cell("", mean, tuple(round(axis.share(one), 4) for one in values), hint)


def _state_cell(row: Row) -> Cell:
    return Cell(marked_state(row.experiment))


def _folds_cell(row: Row) -> Cell:
    one = row.experiment
    return Cell(done_text(one), len(one.folds))


def leaderboard(report: Report, extras: Extras, *, with_leaks: bool = False) -> Table:
    """Return the ranked table: state, folds, the metric that ranks, and cost.

    Parameters
    ----------
    report
        The experiments, the best first.
    extras
        What else is known; columns of which nobody knows anything are left out.
    with_leaks
        As in `reports.report`.

    """
    costs, against, tuned = dict(extras.costs), dict(extras.against), dict(extras.tuned)
    headings = [
        Heading(report.sort_by, is_number=True, best=report.mode),
        Heading("each fold", is_number=True, best=report.mode),
        *([Heading(AGAINST, is_number=True, best=report.mode)] * bool(against)),
        Heading("state"),
        Heading("folds", is_number=True),
        *([Heading(UNTUNED, is_number=True), Heading(TUNED, is_number=True)] if tuned else []),
        Heading("epochs", is_number=True),
        Heading("time", is_number=True),
        Heading("peak memory", is_number=True),
        Heading("split"),
    ]
    rows = []
    for at, (row, dots) in enumerate(zip(report.rows, _dots(report, with_leaks=with_leaks), strict=True), 1):
        one = row.experiment
        cells = (
            *(score_cell(row.score(report.sort_by)), dots),
            *against_cells(against, one.path),
            *(_state_cell(row), _folds_cell(row)),
            *tuned_cells(tuned, one.path),
            *cost_cells(costs.get(one.path)),
            Cell(one.split[:_SPLIT_SHOWN] or NONE, hint=one.split),
        )
        rows.append(TableRow(at, one.path, cells))
    return Table(tuple(headings), tuple(rows))


def _value(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None


def _is_numeric(cells: Iterable[Cell]) -> bool:
    told = [one for one in cells if one.text]
    return bool(told) and all(one.value is not None for one in told)


def differences(report: Report) -> Table:
    """Return the parameters that differ, a column each, beside the metric that ranks."""
    columns = [
        [Cell(cell(row.values[at]), _value(row.values[at])) for row in report.rows]
        for at in range(len(report.parameters))
    ]
    named = zip(report.parameters, columns, strict=True)
    headings = tuple(Heading(dotted(one.path), is_number=_is_numeric(cells)) for one, cells in named)
    rows = (
        TableRow(
            at + 1,
            row.experiment.path,
            (score_cell(row.score(report.sort_by)), *(one[at] for one in columns)),
        )
        for at, row in enumerate(report.rows)
    )
    return Table((Heading(report.sort_by, is_number=True, best=report.mode), *headings), tuple(rows))


def _best(column: str, report: Report) -> str:
    configs = ((row.experiment.config, row.experiment.catalog) for row in report.rows)
    known = (direction(column, config.metrics, catalog) for config, catalog in configs if config)
    return report.mode if column == report.sort_by else next((one for one in known if one), "")


def metrics(report: Report) -> Table:
    """Return every metric at the kept epochs, mean and deviation over folds, a column each."""
    headings = tuple(Heading(one, is_number=True, best=_best(one, report)) for one in report.columns)
    rows = (
        TableRow(at, row.experiment.path, tuple(score_cell(row.score(name)) for name in report.columns))
        for at, row in enumerate(report.rows, 1)
    )
    return Table(headings, tuple(rows))


def _fold_leaks(one: FoldResult) -> str:
    return "" if one.leaks == 0 else leaks_text((one,)).partition(": ")[2]


def folds_table(row: Row, columns: Sequence[str]) -> Table:
    """Return the folds of an experiment: the kept epoch, leaks, and the metrics at that epoch."""
    folds, number_heading = row.experiment.folds, [Heading(one, is_number=True) for one in columns]
    rows = []
    for at, one in enumerate(folds, 1):
        values = dict(one.columns)
        cells = (Cell(f"{one.epoch} of {one.epochs}", one.epoch), Cell(_fold_leaks(one)))
        measured = (Cell(number(values.get(name)), values.get(name)) for name in columns)
        rows.append(TableRow(at, fold_name(one.fold, one.replicate), (*cells, *measured)))
    return Table((Heading("kept epoch", is_number=True), Heading("leaks"), *number_heading), tuple(rows))
