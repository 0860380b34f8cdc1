"""The audit of the samples that an experiment is planned on."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segcore.audit import Audit, Facts, audit, parts_of
from segcore.audit_text import as_data, lines
from segcore.config import ExperimentConfig
from segcore.errors import DataError, Finding
from segcore.folds import Fold, Split
from segcore.samples import SampleTable
from segcore.tiles import canvas_of
from segcore.values import Indices, Table
from segshell import files
from segshell.outputs import require_new_table


def class_names(config: ExperimentConfig) -> tuple[str, ...]:
    """Return the names that a config's data set gives to its classes; empty where it names not exactly all.

    Those of ``categories`` (of tables), of ``colors`` or of folders of ``masks``; before categories that exclude each
    other stands the background. Where there is one class, a first name of two is that of the background.
    """
    if config.dataset is None:
        return ()
    categories = config.dataset.get("categories")
    if isinstance(categories, tuple):
        listed = tuple(map(str, categories))
        whole = ("background", *listed)
        return next((names for names in (listed, whole) if len(names) == config.classes), ())
    given = (config.dataset.get(name) for name in ("colors", "masks"))
    named = next((one for one in given if isinstance(one, Table)), Table())
    names = tuple(name for name, _ in named.items)
    if config.classes == 1 and len(names) == 2:
        return names[1:]
    return names if len(names) == config.classes else ()


def _moved(rows: Indices, places: NDArray[np.int64]) -> Indices:
    """Return the new places of the rows that have one."""
    moved = places[rows.array]
    return Indices(moved[moved >= 0])


def _moved_split(split: Split, places: NDArray[np.int64]) -> Split:
    folds = (Fold(_moved(one.training, places), _moved(one.validation, places)) for one in split.folds)
    return Split(tuple(folds), _moved(split.held_out, places))


def audited(
    config: ExperimentConfig, table: SampleTable, split: Split, facts: tuple[Facts, ...]
) -> Audit | None:
    """Return the audit of the samples that a table and a split hold, or None where no fact is known of any.

    Parameters
    ----------
    config
        The experiment.
    table, split
        The samples, and how they are dealt to folds.
    facts
        What is known of samples, found by their ids; others are counted as unseen.

    """
    by_id = {one.id: one for one in facts}
    seen = [row for row, name in enumerate(table.ids) if name in by_id]
    if not seen:
        return None
    places = np.full(len(table), -1, dtype=np.int64)
    places[seen] = np.arange(len(seen))
    return audit(
        tuple(by_id[table.ids[row]] for row in seen),
        parts_of(_moved_split(split, places), _moved(table.extra, places)),
        config.classes,
        exclusive=config.is_exclusive,
        class_names=class_names(config),
        shape=canvas_of((config.shape[0], config.shape[1]), config.crops),
        unseen=len(table) - len(seen),
    )


def shown(found: Audit | None) -> list[str]:
    """Return an audit as lines of text, or one line that says why there is none."""
    return ["data      nothing is known of the contents of the samples"] if found is None else lines(found)


def write(found: Audit | None, path: Path, inputs: Iterable[Path]) -> None:
    """Write an audit as JSON.

    Parameters
    ----------
    found
        The audit, or None where nothing is known of the samples.
    path
        A file in a folder that exists; it is replaced.
    inputs
        Files and folders that it must not replace or lie in.

    Raises
    ------
    DataError
        ``table-over-input`` where it would; ``no-audit`` where there is none.
    segshell.files.WriteError
        When the file cannot be written.

    """
    if found is None:
        message = f"nothing is known of the contents of the samples, so {path} would be empty."
        raise DataError([Finding("no-audit", message, advice="Give data on disk, or items with masks.")])
    require_new_table(path, inputs)
    files.write_text(path, json.dumps(as_data(found), indent=1) + "\n")
