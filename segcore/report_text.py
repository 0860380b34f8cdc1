"""A report as people and programs read it: a table on screen, rows of a csv, and plain data for JSON."""

import json
import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import asdict

from segcore.against import Against, text
from segcore.errors import dotted
from segcore.meanings import ABSENT
from segcore.outcomes import Experiment, FoldResult, Score
from segcore.parsing.dumping import plain
from segcore.replicating import fold_name
from segcore.reports import Report, Row

_HEAD = ("path", "state", "fold_count", "folds_planned", "leaks", "split", "remarks")
_WIDEST = 40
_AGAINST = ("difference_to_best", "interval_low", "interval_high", "verdict")
NOT_COMPARED: Final[Mapping[str, Against]] = MappingProxyType({})


def cell(value: Any) -> str:
    """Return a value as a cell: texts as they are, all else as JSON; empty where there is no such place."""
    if value is ABSENT:
        return ""
    return value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)


def leaks_text(folds: tuple[FoldResult, ...]) -> str:
    """Return which folds leak: ``fold 1: 3 of 20``, or ``unknown`` where nobody knows what their weights have seen."""
    told = [
        f"{fold_name(one.fold, one.replicate)}: {'unknown' if one.leaks is None else one.leaks}"
        + ("" if one.leaks is None or one.scored is None else f" of {one.scored}")
        for one in folds
        if one.leaks != 0
    ]
    return "; ".join(told)


def done_text(one: Experiment) -> str:
    """Return how many folds are done of those planned: ``5/5``, or of several replicates ``9/10 = 5 x 2``."""
    done = f"{len(one.folds)}/{one.planned or '?'}"
    if one.config is None or one.config.replicates == 1:
        return done
    return f"{done} = {one.config.folds_count} x {one.config.replicates}"


def marked_state(one: Experiment) -> str:
    """Return the state of an experiment with what must not be missed beside its score: ``finished, leaks``."""
    is_changed = bool(one.changed and one.folds)
    marks = ("changed",) * is_changed + ("leaks",) * bool(leaks_text(one.folds))
    return ", ".join((one.state, *marks))


def remarks(one: Experiment) -> tuple[str, ...]:
    """Return what has to be said of an experiment beside its numbers."""
    changed = (
        (f"the config was changed since: {', '.join(one.changed)}",) if one.changed and one.folds else ()
    )
    return (*one.faults, *one.failed, *one.interrupted, *changed)


def _planned(one: Experiment) -> str:
    return str(one.planned) if one.config else ""


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _score_cells(score: Score | None) -> tuple[str, str]:
    return ("", "") if score is None else (_number(score.mean), _number(score.deviation))


def _against_cells(one: Against | None) -> tuple[str, ...]:
    if one is None:
        return ("",) * len(_AGAINST)
    return _number(one.difference), _number(one.low), _number(one.high), one.verdict


def csv_rows(report: Report, against: Mapping[str, Against] = NOT_COMPARED) -> tuple[tuple[str, ...], ...]:
    """Return the header and a row for each experiment.

    A metric has two columns, its mean by its own name and its standard deviation as ``<name>_sd``. Cells of parameters
    are texts, numbers, or JSON. With `against`, differences to the best experiment by path, these have columns, too.
    """
    compared = _AGAINST if against else ()
    names = [dotted(one.path) for one in report.parameters]
    header = (*_HEAD, *compared, *names, *(name for one in report.columns for name in (one, f"{one}_sd")))
    rows = [header]
    for row in report.rows:
        one = row.experiment
        own = (one.path, one.state, str(len(one.folds)), _planned(one), leaks_text(one.folds), one.split)
        measured = (cell for name in report.columns for cell in _score_cells(row.score(name)))
        told = _against_cells(against.get(one.path)) if against else ()
        rows.append((*own, "; ".join(remarks(one)), *told, *map(cell, row.values), *measured))
    return tuple(rows)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _score_data(score: Score) -> dict[str, Any]:
    return {"mean": _finite(score.mean), "deviation": _finite(score.deviation), "folds": score.folds}


def _fold_data(one: FoldResult) -> dict[str, Any]:
    columns = {name: _finite(value) for name, value in one.columns}
    return {
        "fold": one.fold,
        "replicate": one.replicate,
        "kept_epoch": one.epoch,
        "epochs": one.epochs,
        "leaks": one.leaks,
        "columns": columns,
    }


def _row_data(row: Row, report: Report, against: Mapping[str, Against]) -> dict[str, Any]:
    one = row.experiment
    pairs = zip(report.parameters, row.values, strict=True)
    return {
        "path": one.path,
        "state": one.state,
        "folds_planned": one.planned if one.config else None,
        "split": one.split or None,
        "remarks": list(remarks(one)),
        "parameters": {dotted(found.path): plain(value) for found, value in pairs if value is not ABSENT},
        "metrics": {name: _score_data(score) for name, score in row.scores if name in report.columns},
        "folds": [_fold_data(fold) for fold in one.folds],
        **({"against_best": asdict(against[one.path])} if one.path in against else {}),
    }


def as_data(report: Report, against: Mapping[str, Against] = NOT_COMPARED) -> dict[str, Any]:
    """Return a report as plain data for JSON; what is no number is null, a parameter that is not there is left out.

    With `against`, differences to the best experiment by path, these stand in the experiments' data, too.
    """
    return {
        "sort_by": report.sort_by,
        "mode": report.mode,
        "notes": list(report.notes),
        "parameters": [dotted(one.path) for one in report.parameters],
        "metrics": list(report.columns),
        "experiments": [_row_data(row, report, against) for row in report.rows],
    }


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _shown(score: Score | None) -> str:
    if score is None:
        return "-"
    deviation = "" if score.deviation is None else f" ± {score.deviation:.4f}"
    return f"{score.mean:.4f}{deviation}"


def lines(report: Report, against: Mapping[str, Against] = NOT_COMPARED) -> list[str]:
    """Return a report as a table of text: the ranking metric, and what differs; then notes and remarks.

    With `against`, differences to the best experiment by path, these have a column, too.
    """
    names = [dotted(one.path) for one in report.parameters]
    compared = ("difference to the best [95 % for all]",) if against else ()
    table = [("", report.sort_by, *compared, "folds", "state", "path", *names)]
    for position, row in enumerate(report.rows, 1):
        one = row.experiment
        values = (_short(cell(value)) for value in row.values)
        behind = (text(against[one.path]) if one.path in against else "-",) if against else ()
        score = _shown(row.score(report.sort_by))
        table.append((str(position), score, *behind, done_text(one), marked_state(one), one.path, *values))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    out = [
        "  ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)).rstrip() for row in table
    ]
    told = [
        f"{row.experiment.path}: {remark}"
        for row in report.rows
        for remark in (*remarks(row.experiment), *filter(None, [leaks_text(row.experiment.folds)]))
    ]
    told += [f"{path}: {note}" for path, one in against.items() for note in one.notes]
    return [*out, *([""] if report.notes or told else []), *(f"note  {one}" for one in report.notes), *told]
