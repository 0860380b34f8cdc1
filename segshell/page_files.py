"""What a page needs of an experiment's folder: its epochs, what its fold-stages cost, and its out-of-fold records."""

import logging
from collections.abc import Iterator
from pathlib import Path

from segcore.config import ExperimentConfig
from segcore.curves import StageCourse
from segcore.history import EpochRow
from segcore.out_of_fold import OutOfFold
from segcore.page_costs import Cost, cost
from segcore.selection import chosen_stage
from segshell import checkpoints, out_of_fold_file, run_record
from segshell.folder import Folder
from segshell.history_file import UNREADABLE, read_history


def epochs(path: Path) -> tuple[EpochRow, ...]:
    """Return the epochs of a metrics file; nothing where there is none. A damaged one is told, and counts as none."""
    try:
        return read_history(path)
    except FileNotFoundError:
        return ()
    except UNREADABLE as error:
        logging.getLogger(__name__).warning("%s cannot be read and is left out: %s", path, error)
        return ()


def _places(config: ExperimentConfig) -> Iterator[tuple[int, int]]:
    return ((fold, stage) for fold in range(config.folds_count) for stage in range(len(config.stages)))


def _kept(folder: Folder, fold: int, stage: int) -> int | None:
    weights = folder.weights(fold, stage)
    result = checkpoints.result_of(weights) if weights.exists() else None
    return None if result is None else result.epoch


def _replicates(folder: Folder, config: ExperimentConfig) -> Iterator[tuple[int, Folder]]:
    return ((number, folder.replicate(number)) for number in range(config.replicates))


def courses(folder: Folder, config: ExperimentConfig) -> tuple[StageCourse, ...]:
    """Return the epochs of every fold-stage that was begun, with the one that was kept where it ended."""
    every = (
        StageCourse(*place, epochs(own.metrics(*place)), _kept(own, *place), number)
        for number, own in _replicates(folder, config)
        for place in _places(config)
    )
    return tuple(one for one in every if one.rows)


def records(folder: Folder, config: ExperimentConfig) -> tuple[OutOfFold, ...]:
    """Return the out-of-fold records of the last stage that trains, of the folds that have one.

    Of replicates only the first is read, so that each image stands there once.
    """
    last = chosen_stage(config, -1)
    found = (out_of_fold_file.read(folder, fold, last) for fold in range(config.folds_count))
    return tuple(one for one in found if one is not None)


def cost_of(folder: Folder, config: ExperimentConfig) -> Cost | None:
    """Return what the fold-stages of an experiment took; None where none was begun."""
    every = (own.record(*place) for _, own in _replicates(folder, config) for place in _places(config))
    return cost(map(run_record.read, every))
