"""A report as a page: what it shows of experiments, as a value from which any renderer makes the same page."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from segcore.curves import Figure, StageCourse, figures
from segcore.gallery import Picked, picked
from segcore.monitors import primary
from segcore.out_of_fold import OutOfFold
from segcore.page_cells import Extras, Table, score_text
from segcore.page_scores import (
    ClassScore,
    Confusion,
    Histogram,
    Spread,
    class_names,
    class_scores,
    confusion,
    histogram,
    image_scores,
    metric_of,
    shown_records,
    spreads,
)
from segcore.page_tables import differences, folds_table, leaderboard, metrics
from segcore.report_text import remarks
from segcore.reports import Report, Row

DETAILS = 5


@frozen
class Material:
    """What was read of an experiment that is shown in detail.

    Attributes
    ----------
    courses
        The epochs of its fold-stages.
    records
        The out-of-fold records of its last stage, of the folds that have one.
    audit
        Lines about its data; empty where the data cannot be read.
    split
        The hash of the split that the data set has now.
    fault
        Why the data cannot be read.

    """

    courses: tuple[StageCourse, ...] = ()
    records: tuple[OutOfFold, ...] = field(default=(), repr=False)
    audit: tuple[str, ...] = ()
    split: str = ""
    fault: str = ""


@frozen
class Detail:
    """What is shown of one experiment beside its row.

    Attributes
    ----------
    figures
        Its learning curves.
    metric
        By which its images are scored, at the threshold 0.5.
    images
        How many scores of images there are.
    histogram, spreads, classes, confusion
        How they spread, and what is found of each class; empty or None without records.
    classes_named
        Names of the classes.
    picks
        The images to show.
    leaking
        Folds among these whose weights have seen some of their images, or may have.
    notes
        What is missing, and what makes it.

    """

    figures: tuple[Figure, ...]
    metric: str
    images: int
    histogram: Histogram | None
    spreads: tuple[Spread, ...]
    classes: tuple[ClassScore, ...]
    classes_named: tuple[str, ...]
    confusion: Confusion | None
    picks: tuple[Picked, ...]
    leaking: tuple[int, ...]
    notes: tuple[str, ...]


@frozen
class Entry:
    """One experiment: its rank, its headline, its folds, and its details where they are shown."""

    number: int
    path: str
    state: str
    headline: str
    split: str
    remarks: tuple[str, ...]
    folds: Table
    detail: Detail | None


@frozen
class Data:
    """What is known of the samples of experiments on one split."""

    split: str
    paths: tuple[str, ...]
    audit: tuple[str, ...]


@frozen
class Page:
    """All that a page shows.

    Attributes
    ----------
    sort_by, mode
        The metric that ranks, and ``min`` or ``max``.
    states
        How many experiments are in each state.
    notes
        What has to be said before rows are compared.

    """

    sort_by: str
    mode: str
    states: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]
    leaderboard: Table
    differences: Table
    metrics: Table
    data: tuple[Data, ...]
    entries: tuple[Entry, ...]


def _folds(numbers: Sequence[int]) -> str:
    return f"fold{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


def _leaking(records: Sequence[OutOfFold]) -> tuple[int, ...]:
    return tuple(sorted({one.fold for one in records if one.leaks != 0}))


def _left_out(material: Material, records: Sequence[OutOfFold]) -> Iterator[str]:
    without = {one.fold for one in material.records} - {one.fold for one in records}
    leaking = sorted(without.intersection(_leaking(material.records)))
    if leaking:
        yield (
            f"Of the images of {_folds(leaking)} the weights have seen some, or may have: images, classes and "
            "pictures leave them out; the option --with-leaks shows them."
        )
    if other := sorted(without.difference(leaking)):
        yield f"The records of {_folds(other)} are of other classes than the first and are left out."


def _missing(row: Row, material: Material, records: Sequence[OutOfFold]) -> Iterator[str]:
    done = {one.fold for one in row.experiment.folds if not one.replicate}
    config = row.experiment.config
    if config and config.replicates > 1 and material.records:
        yield "Images and classes are those of the first replicate."
    if not material.courses:
        yield "There are no files of epochs, so there are no learning curves; training writes them."
    recorded = {one.fold for one in material.records}
    if without := sorted(done - recorded):
        yield (
            f"There is no out-of-fold record of {_folds(without)}, so images, classes and pictures of it are "
            f"missing. This makes it: python -m segshell evaluate {row.experiment.path}"
        )
    yield from _left_out(material, records)
    if material.split and row.experiment.split not in ("", material.split):
        yield f"It was trained on the split {row.experiment.split}; that of the data set is {material.split} now."
    if material.fault:
        yield f"The data set cannot be read, so there are no pictures and no audit: {material.fault}"


def detail(row: Row, material: Material, *, with_leaks: bool = False) -> Detail:
    """Return what is shown of an experiment in detail.

    Parameters
    ----------
    row
        Its row in the report.
    material
        What was read of it.
    with_leaks
        Whether images count that weights have seen, or may have.

    """
    config = row.experiment.config
    column = primary(config.primary_metric, config.metrics) if config else "val_loss"
    records, metric = shown_records(material.records, with_leaks=with_leaks), metric_of(column)
    scores = image_scores(records, metric)
    names = class_names(records[0]) if records else ()
    return Detail(
        figures(material.courses, column),
        metric,
        len(scores),
        histogram(scores) if scores else None,
        spreads(scores, names),
        class_scores(records),
        names,
        confusion(records),
        picked(scores),
        _leaking(records),
        tuple(_missing(row, material, records)),
    )


def _data(report: Report, materials: Mapping[str, Material]) -> tuple[Data, ...]:
    """Return what is known of data, once for all experiments of which the same is known."""
    known: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for row in report.rows:
        one = row.experiment
        material = materials.get(one.path)
        if material is not None and material.audit:
            known.setdefault((material.split, material.audit), []).append(one.path)
    return tuple(Data(split, tuple(paths), audit) for (split, audit), paths in known.items())


def _entry(number: int, row: Row, report: Report, material: Material | None, *, with_leaks: bool) -> Entry:
    one = row.experiment
    return Entry(
        number,
        one.path,
        one.state,
        score_text(row.score(report.sort_by)),
        one.split,
        remarks(one),
        folds_table(row, report.columns),
        None if material is None else detail(row, material, with_leaks=with_leaks),
    )


def _beside(extras: Extras) -> Iterator[str]:
    """Yield what has to be said beside the differences to the best: a hint under the mouse is not seen on paper."""
    for path, found in extras.against:
        yield from (f"{path}: {note}" for note in found.notes)


def page(
    report: Report,
    materials: Mapping[str, Material],
    extras: Extras = Extras(),  # noqa: B008  (immutable)
    *,
    with_leaks: bool = False,
) -> Page:
    """Return all that a page shows.

    Parameters
    ----------
    report
        The experiments, the best first.
    materials
        What was read of those that are shown in detail, by their paths.
    extras
        What else is known of experiments.
    with_leaks
        As in `reports.report`.

    """
    states = Counter(row.experiment.state for row in report.rows)
    entries = (
        _entry(at, row, report, materials.get(row.experiment.path), with_leaks=with_leaks)
        for at, row in enumerate(report.rows, 1)
    )
    return Page(
        report.sort_by,
        report.mode,
        tuple(sorted(states.items(), key=lambda pair: (-pair[1], pair[0]))),
        (*report.notes, *_beside(extras)),
        leaderboard(report, extras, with_leaks=with_leaks),
        differences(report),
        metrics(report),
        _data(report, materials),
        tuple(entries),
    )
