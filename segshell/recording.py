"""Makes the out-of-fold record of a fold-stage: its kept weights on the validation part, at the network's size."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.epochs import batches_of
from segcore.ledger import Result
from segcore.out_of_fold import ImageRecord, OutOfFold, record, stacked, thresholds_of
from segcore.plans import StageRun
from segcore.samples import SampleTable
from segcore.tiles import addresses, blend
from segshell import checkpoints, out_of_fold_file
from segshell.batches import stream
from segshell.engine import Traced
from segshell.fold_stage import Work
from segshell.forward import as_probability
from segshell.pixels import Pixels, plain


def _windows(run: StageRun, traced: Traced, pixels: Pixels) -> Iterator[NDArray[np.float32]]:
    """Yield the probabilities float32 (h,w,c) of each window of the validation part, in order."""
    batches = batches_of(addresses(run.validation_rows, run.settings.crops.windows), run.settings.batch)
    with closing(stream(batches, partial(plain, pixels), name=pixels.name)) as made:
        for images, _, _ in made:
            yield from as_probability(traced.predict_step(images), run.network).numpy()


def _images(run: StageRun, traced: Traced, pixels: Pixels) -> Iterator[ImageRecord]:
    maps = _windows(run, traced, pixels)
    for row in run.validation_rows:
        whole = blend((next(maps) for _ in range(len(pixels.grid))), pixels.grid)
        yield record(pixels.on_canvas(row)[1], whole, exclusive=run.network.is_exclusive)


def out_of_fold(
    run: StageRun,
    result: Result,
    traced: Traced,
    pixels: Pixels,
    table: SampleTable,
    split: str,
    classes: tuple[str, ...] = (),
) -> OutOfFold | None:
    """Return the record of a fold-stage whose kept weights are in the network; None where nothing is validated.

    Parameters
    ----------
    run, result
        The fold-stage and what it left.
    traced
        Its network, with the kept weights.
    pixels, table
        The samples; what is scored is the canvas of all windows of an image.
    split
        The hash of the split.
    classes
        Names of the classes, where the data set gives them.

    """
    found = list(_images(run, traced, pixels))
    return assembled(run, result.weights_digest, found, table, split, classes) if found else None


def write_record(run: StageRun, result: Result, work: Work, traced: Traced, weights: Path) -> None:
    """Write what kept weights make of the validation part, from which any metric follows later.

    Parameters
    ----------
    run, result
        The fold-stage and what it left.
    work
        Its data and folder.
    traced
        Its network, which has these weights afterwards.
    weights
        The file of the kept weights.

    Raises
    ------
    DataError, WeightsError, segshell.files.WriteError
        When a sample, the weights or the record cannot be read or written; the result itself is safe.

    """
    checkpoints.load_into(traced.model, weights)
    split = str(dict(work.provenance).get("split", ""))
    found = out_of_fold(run, result, traced, work.pixels(run), work.table, split, work.classes)
    if found is not None:
        out_of_fold_file.write(work.folder, found)


def complete(runs: Iterable[StageRun], ledger: Sequence[Result], work: Work) -> None:
    """Write the records that are lacking, with the bits that they would have had; raises as `write_record`."""
    results = {one.key: one for one in ledger}
    for run in out_of_fold_file.lacking(runs, ledger, work.folder):
        weights = checkpoints.kept(work.folder.weights(run.fold, run.stage), run.network)
        write_record(run, results[run.key], work, work.engines.get(run), weights)


def assembled(
    run: StageRun,
    weights: str,
    found: Sequence[ImageRecord],
    table: SampleTable,
    split: str,
    classes: tuple[str, ...],
) -> OutOfFold:
    """Return the record of a fold-stage from those of its images, in the order of its validation rows.

    `weights` is the digest of what made them; the rest is as in `out_of_fold`.
    """
    rows = run.validation_rows
    ids = tuple(table.ids[row] for row in rows)
    groups = tuple(table.groups[row] for row in rows) if table.groups else ids
    exclusive, numbers = run.network.is_exclusive, dict[str, Any](stacked(found))
    return OutOfFold(
        key=run.key,
        weights=weights,
        fold=run.fold,
        stage=run.stage,
        split=split,
        leaks=run.leaks,
        is_exclusive=exclusive,
        thresholds=thresholds_of(exclusive=exclusive),
        classes=classes,
        ids=ids,
        groups=groups,
        masks=tuple(one.masks for one in found),
        **numbers,
    )
