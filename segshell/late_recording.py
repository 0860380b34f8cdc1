"""Out-of-fold records of fold-stages that were trained before such records were written, or whose record is damaged."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.out_of_fold import ImageRecord, record
from segcore.plans import StageRun
from segshell import checkpoints, out_of_fold_file
from segshell.auditing import class_names
from segshell.builders import STANDARD, Builders
from segshell.evaluation import samples, truth_at
from segshell.folder import Folder
from segshell.latest import Latest
from segshell.prediction import predict_and, predictor_for
from segshell.preparing import Prepared
from segshell.recording import assembled


def _recorded(run: StageRun, sample: Any, probability: NDArray[np.float32]) -> ImageRecord:
    return record(truth_at(sample, "network"), probability, exclusive=run.network.is_exclusive)


def complete(
    prepared: Prepared, runs: Sequence[StageRun], folder: Folder, builders: Builders = STANDARD
) -> tuple[StageRun, ...]:
    """Write the records that are missing, as training would have written them, and return whose they are.

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
    config, latest = prepared.plan.config, Latest()
    for run in lacking:
        weights = folder.weights(run.fold, run.stage)
        predictor = predictor_for(
            config, run.network, [weights], builders, latest, flips=False, windows=False
        )
        batch = config.inference_batch or run.settings.batch
        decoded = samples(prepared, predictor, run.validation_rows, batch)
        found = list(predict_and(partial(_recorded, run), predictor, decoded, batch, at="network"))
        result = checkpoints.result_of(weights)
        digest = result.weights_digest if result else ""
        split = prepared.plan.split_digest
        made = assembled(run, digest, found, prepared.table, split, class_names(config))
        out_of_fold_file.write(folder, made)
    return lacking
