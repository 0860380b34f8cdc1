"""`report --html`: reads what the page shows of experiments, and writes it as one file."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, frozen

from segcore.against import Against
from segcore.errors import SegmentationError
from segcore.page import DETAILS, Material, Page, page
from segcore.page_cells import Extras, Tuning
from segcore.page_scores import shown_records
from segcore.reports import Report, Row
from segcore.selection import chosen_stage
from segcore.tuned import rule_words
from segshell import auditing, files, page_files, page_rendering, tuning
from segshell.comparing import against_best_of
from segshell.folder import Folder
from segshell.missing import told
from segshell.page_gallery import gallery
from segshell.page_rendering import Gallery
from segshell.segmentation import parse

if TYPE_CHECKING:
    from segshell.preparing import Prepared

T = TypeVar("T")
MOST_BYTES = 16_000_000  # of all pictures of a page; a browser on a phone still opens it


@frozen
class Written:
    """A page that was written: its bytes, and how many of them are pictures."""

    size: int
    pictures: int


@frozen
class _Read:
    """What was read of an experiment, and the experiment on its data set where that can be read."""

    material: Material
    prepared: "Prepared | None" = field(default=None, repr=False)


def _or_reason(make: Callable[[], T]) -> T | str:
    """Return what is made from a data set, or why it cannot be made: the rest of the page stands without it."""
    try:
        return make()
    except SegmentationError as error:
        return str(error)
    except ImportError as error:
        if reason := told(error):
            return reason
        raise


def _folder(root: Path, row: Row) -> Folder:
    config = root / row.experiment.path
    return Folder(config.parent, config.name)


def _read(root: Path, row: Row, allow: Sequence[str]) -> _Read | None:
    """Return what is shown of an experiment in detail; None where its config cannot be read."""
    config, folder = row.experiment.config, _folder(root, row)
    if config is None:
        return None
    material = Material(page_files.courses(folder, config), page_files.records(folder, config))
    prepared = _or_reason(lambda: parse(root / row.experiment.path, allow_imports=allow).prepare())
    if isinstance(prepared, str):
        return _Read(evolve(material, fault=prepared))
    known = auditing.audited(prepared.plan.config, prepared.table, prepared.split, prepared.facts)
    told_of = tuple(auditing.shown(known))
    return _Read(evolve(material, audit=told_of, split=prepared.plan.split_digest), prepared)


def _tuning(root: Path, row: Row) -> Tuning | None:
    """Return the scores without and with the post-processing that was chosen for the weights of the last stage."""
    config = row.experiment.config
    found = tuning.read(_folder(root, row), chosen_stage(config, -1)) if config else None
    if found is None:
        return None
    return Tuning(found.metric, found.untuned, found.nested, rule_words(found.rules))


def extras_of(root: Path, report: Report, against: Mapping[str, Against]) -> Extras:
    """Return what the leaderboard shows beside the report.

    Of every experiment what training took and, where post-processing was chosen, its scores; of the best ones how
    they differ from the best.
    """
    readable = ((row, row.experiment.config) for row in report.rows)
    costs = (
        (row.experiment.path, page_files.cost_of(_folder(root, row), config))
        for row, config in readable
        if config
    )
    tuned = ((row.experiment.path, _tuning(root, row)) for row in report.rows)
    return Extras(
        tuple((path, one) for path, one in costs if one is not None),
        tuple(against.items()),
        tuple((path, one) for path, one in tuned if one is not None),
    )


def _galleries(shown: Page, read: Mapping[str, _Read], *, with_leaks: bool) -> dict[int, Gallery]:
    """Return the pictures by rank, the best experiment first, as long as there is room for them."""
    made: dict[int, Gallery] = {}
    for entry in shown.entries:
        one = read.get(entry.path)
        if one is not None and one.prepared is not None and entry.detail is not None:
            room = MOST_BYTES - sum(other.size for other in made.values())
            records = shown_records(one.material.records, with_leaks=with_leaks)  # picks are rows of these
            given = entry.detail.picks, records, one.prepared, room
            found = _or_reason(partial(gallery, *given))
            made[entry.number] = Gallery(fault=found) if isinstance(found, str) else found
    return made


def write(
    root: Path,
    report: Report,
    path: Path,
    details: int = DETAILS,
    allow_imports: Sequence[str] = (),
    *,
    against: Mapping[str, Against] | None = None,
    with_leaks: bool = False,
) -> Written:
    """Write a report as one HTML file that needs nothing else, so that it is the old or the new one at every moment.

    Data sets of the experiments that are shown in detail are read, as `plan` reads them; TensorFlow is not loaded.

    Parameters
    ----------
    root
        The folder of the experiments.
    report
        What was found below it.
    path
        The file; it is replaced.
    against
        How experiments differ from the best one, by path, where `segshell.comparing.against_best_of` was asked before.
    details
        Of how many experiments, from the best on, curves, scores and pictures are shown.
    allow_imports, with_leaks
        As in `segshell.configs.open_config` and `segcore.reports.report`.

    Raises
    ------
    ModuleNotFoundError
        When jinja2 is not installed.
    segshell.files.WriteError
        When the operating system refuses.

    """
    page_rendering.environment()  # whatever is missing is told before anything is read
    pairs = ((row.experiment.path, _read(root, row, allow_imports)) for row in report.rows[:details])
    read = {name: one for name, one in pairs if one is not None}
    materials = {name: one.material for name, one in read.items()}
    compared = dict(against_best_of(root, report)) if against is None else against
    shown = page(report, materials, extras_of(root, report, compared), with_leaks=with_leaks)
    galleries = _galleries(shown, read, with_leaks=with_leaks)
    text = page_rendering.rendered(shown, galleries)
    files.make_folder(path.parent)
    files.write_text(path, text)
    return Written(len(text.encode()), sum(one.size for one in galleries.values()))
