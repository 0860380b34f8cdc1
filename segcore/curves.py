"""Learning curves: the epochs of all stages of a fold one after the other, with the epochs that were kept."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from attrs import field, frozen

from segcore.history import EpochRow
from segcore.page_charts import (
    Axis,
    Chart,
    Dot,
    Line,
    Tick,
    axis_of,
    number_text,
    points,
    x_of,
    x_ticks,
    y_of,
    y_ticks,
)
from segcore.replicating import fold_name

RATE: Final = "lr"
_VALIDATION = "val_"


@frozen
class StageCourse:
    """The epochs of one fold-stage of a replicate; `kept` is the one whose weights were kept, None where none is."""

    fold: int
    stage: int
    rows: tuple[EpochRow, ...] = field(repr=False)
    kept: int | None
    replicate: int = 0

    @property
    def name(self) -> str:
        """What its fold is called."""
        return fold_name(self.fold, self.replicate)


@frozen
class Figure:
    """One measure: a chart for each fold, all with the same axes; `is_main` tells those to look at first."""

    measure: str
    charts: tuple[Chart, ...]
    is_main: bool


@frozen
class _Placed:
    """A fold-stage with the number of epochs that the stages before it took."""

    course: StageCourse
    before: int

    def values(self, column: str) -> Iterator[tuple[float, float]]:
        """Yield (epoch, value) where the column has one; what is not finite is yielded too."""
        for row in self.course.rows:
            value = dict(row.columns).get(column)
            if value is not None:
                yield float(self.before + row.epoch), value

    @property
    def last(self) -> int:
        """The last epoch, counted through all stages."""
        return self.before + max((row.epoch for row in self.course.rows), default=0)


def _placed(courses: Sequence[StageCourse]) -> tuple[tuple[_Placed, ...], ...]:
    """Return the stages of each fold, one after the other."""
    folds = []
    ordered = sorted(courses, key=lambda one: (one.replicate, one.fold, one.stage))
    for _, group in groupby(ordered, lambda one: (one.replicate, one.fold)):
        before, stages = 0, []
        for course in group:
            stages.append(_Placed(course, before))
            before = stages[-1].last
        folds.append(tuple(stages))
    return tuple(folds)


def measures(courses: Sequence[StageCourse], primary: str) -> tuple[str, ...]:
    """Return what was measured: the loss, the primary metric, the others, and last the learning rate.

    A measure is a column without ``val_``: it is drawn of the training and of the validation part.
    """
    columns = (name for one in courses for row in one.rows for name, _ in row.columns)
    found = dict.fromkeys(name.removeprefix(_VALIDATION) for name in columns)
    first = ("loss", primary.removeprefix(_VALIDATION))
    others = (name for name in found if name not in {*first, RATE})
    return tuple(name for name in dict.fromkeys((*first, *others, RATE)) if name in found)


def _parts(pairs: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Yield runs of finite values."""
    for is_finite, run in groupby(pairs, lambda pair: math.isfinite(pair[1])):
        if is_finite:
            yield list(run)


def _line(kind: str, column: str, stages: Sequence[_Placed], x_axis: Axis, y_axis: Axis) -> Line:
    # Stages do not join: the next one starts from the kept epoch, not from the last.
    runs = (run for stage in stages for run in _parts(tuple(stage.values(column))))
    return Line(kind, tuple(points(run, x_axis, y_axis) for run in runs))


def _kept(column: str, stages: Sequence[_Placed]) -> Iterator[tuple[int, float, float]]:
    """Yield stage, epoch and value of the epochs that were kept."""
    for stage in stages:
        kept = stage.course.kept
        at = None if kept is None else float(stage.before + kept)
        found = next((value for epoch, value in stage.values(column) if epoch == at), math.nan)
        if at is not None and math.isfinite(found):
            yield stage.course.stage, at, found


def _told(measure: str, column: str, stages: Sequence[_Placed]) -> str:
    pairs = [pair for stage in stages for pair in stage.values(column) if math.isfinite(pair[1])]
    if not pairs:
        return f"{measure} of {stages[0].course.name}: no finite value"
    (start, first), (end, last) = pairs[0], pairs[-1]
    kept = "".join(
        f"; kept at stage {stage}: epoch {at:g}, {number_text(value)}"
        for stage, at, value in _kept(column, stages)
    )
    return (
        f"{column} of {stages[0].course.name}: {number_text(first)} at epoch {start:g}, "
        f"{number_text(last)} at epoch {end:g}{kept}"
    )


def _chart(measure: str, stages: Sequence[_Placed], x_axis: Axis, y_axis: Axis) -> Chart:
    validation = f"{_VALIDATION}{measure}"
    is_validated = any(True for stage in stages for _ in stage.values(validation))
    watched = validation if is_validated else measure
    kind = "rate" if measure == RATE else "training"
    lines = (
        _line(kind, measure, stages, x_axis, y_axis),
        *((_line("validation", validation, stages, x_axis, y_axis),) if is_validated else ()),
    )
    dots = tuple(
        Dot(x_of(at, x_axis), y_of(value, y_axis), f"kept: epoch {at:g}, {number_text(value)}")
        for _, at, value in _kept(watched, stages)
    )
    rules = tuple(
        Tick(x_of(stage.before + 0.5, x_axis), f"stage {stage.course.stage}")
        for stage in stages
        if stage.before
    )
    title, told = stages[0].course.name, _told(measure, watched, stages)
    drawn = tuple(line for line in lines if line.parts)
    return Chart(title, told, x_ticks(x_axis), y_ticks(y_axis), drawn, dots, rules, y_axis.is_log)


def _figure(measure: str, folds: Sequence[Sequence[_Placed]], x_axis: Axis, names: tuple[str, ...]) -> Figure:
    columns = measure, f"{_VALIDATION}{measure}"
    every = (stage.values(column) for stages in folds for stage in stages for column in columns)
    # A first epoch of a high loss, or a rate that falls by steps, would press all else to the ground.
    may_be_log = measure in ("loss", RATE)
    y_axis = axis_of((value for pairs in every for _, value in pairs), may_be_log=may_be_log)
    return Figure(measure, tuple(_chart(measure, one, x_axis, y_axis) for one in folds), measure in names)


def figures(courses: Sequence[StageCourse], primary: str) -> tuple[Figure, ...]:
    """Return the learning curves of an experiment: per measure a chart for each fold, its stages in one row.

    Parameters
    ----------
    courses
        Fold-stages in any order; those without epochs are passed over.
    primary
        The column that decided which epoch was kept.

    """
    folds = _placed([one for one in courses if one.rows])
    if not folds:
        return ()
    last = max(stages[-1].last for stages in folds)
    x_axis = Axis(0.5, last + 0.5)
    main = ("loss", primary.removeprefix(_VALIDATION), RATE)
    return tuple(_figure(name, folds, x_axis, main) for name in measures(courses, primary))
