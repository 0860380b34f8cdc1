"""Out-of-fold records of fold-stages that were trained before such records were written, or whose record is damaged."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.ledger import Result
from segcore.out_of_fold import ImageRecord, OutOfFold, record
from segcore.plans import StageRun
from segshell import checkpoints, files, out_of_fold_file
from segshell.auditing import class_names
from segshell.builders import STANDARD, Builders
from segshell.evaluation import samples, truth_at
from segshell.folder import Folder
from segshell.latest import Latest
from segshell.prediction import predict_and, predictor_for
from segshell.preparing import Prepared
from segshell.recording import assembled
from segshell.streams import say


def _recorded(run: StageRun, sample: Any, probability: NDArray[np.float32]) -> ImageRecord:
    return record(truth_at(sample, "network"), probability, exclusive=run.network.is_exclusive)


def _made(
    prepared: Prepared, run: StageRun, result: Result, folder: Folder, builders: Builders, latest: Latest
) -> OutOfFold:
    """Return the record of a fold-stage, signed with the weights that its sidecar told of before they were read."""
    config = prepared.plan.config
    weights = [folder.weights(run.fold, run.stage)]
    predictor = predictor_for(config, run.network, weights, builders, latest, flips=False, windows=False)
    batch = config.inference_batch or run.settings.batch
    decoded = samples(prepared, predictor, run.validation_rows, batch)
    found = list(predict_and(partial(_recorded, run), predictor, decoded, batch, at="network"))
    split = prepared.plan.split_digest
    return assembled(run, result.weights_digest, found, prepared.table, split, class_names(config))


def _signer(folder: Folder, run: StageRun) -> Result:
    weights = folder.weights(run.fold, run.stage)
    result = checkpoints.result_of(weights)
    if result is None:
        raise checkpoints.WeightsError(f"{weights} has no readable sidecar. Train it again.")
    return result


def _unwritten(folder: Folder, run: StageRun, result: Result, made: OutOfFold) -> str:
    """Write a record, and return why it was not written; empty where it was."""
    try:
        with files.lock(folder.config_folder):
            # A training may have ended since: its record is the one of the weights that lie there now.
            there = checkpoints.result_of(folder.weights(run.fold, run.stage))
            if there != result or result.key != run.key:
                return "the weights have been replaced since. Evaluate again."
            out_of_fold_file.write(folder, made)
    except files.LockedError as error:
        return str(error)
    return ""


def complete(
    prepared: Prepared,
    runs: Sequence[StageRun],
    folder: Folder,
    builders: Builders = STANDARD,
    tell: Callable[[str], None] = say,
) -> tuple[StageRun, ...]:
    """Write the records that are missing, as training would have written them, and return whose they are.

    While another process trains here, or where it has replaced the weights in the meantime, a record is not written.

    Parameters
    ----------
    prepared
        Data and plan.
    runs
        Fold-stages that are trained.
    folder
        Where their weights lie.
    builders
        Names to builders.
    tell
        Who is told of a record that was not written, and why.

    Raises
    ------
    WeightsError, DataError
        When weights or images cannot be read.
    segshell.files.WriteError
        When the operating system refuses.

    """
    lacking = tuple(
        run for run in runs if run.validation_rows and not out_of_fold_file.read(folder, run.fold, run.stage)
    )
    written, latest = [], Latest()
    for run in lacking:
        result = _signer(folder, run)
        made = _made(prepared, run, result, folder, builders, latest)
        if reason := _unwritten(folder, run, result, made):
            tell(f"{folder.out_of_fold(run.fold, run.stage)} is not written: {reason}")
        else:
            written.append(run)
    return tuple(written)
