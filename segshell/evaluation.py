"""Out-of-fold evaluation: the kept weights of each fold on the validation part that they did not see."""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore import evaluating
from segcore.epochs import fixed_rows
from segcore.errors import DataError, Finding
from segcore.masks import decided, masks_of, one_hot
from segcore.negatives import balance
from segcore.plans import StageRun
from segcore.scores import count
from segcore.values import Call, Indices
from segshell import files, images
from segshell.builders import STANDARD, Builders
from segshell.datasets import ordered
from segshell.directories import write_masks
from segshell.folder import Folder
from segshell.outputs import folders_of, require_apart
from segshell.pixels import image_of, mask_of
from segshell.prediction import Decoded, Map, Predictor, ahead, grouped, predict_decoded, views_for
from segshell.preparing import Prepared


@frozen(eq=False)
class Sample(Decoded):
    """A decoded image with its truth, uint8 (h,w,m), at its own size."""

    truth: NDArray[np.uint8]


@frozen(eq=False)
class EvaluationBatch:
    """A batch of validation samples; lists of equal length, maps at each image's own size.

    Attributes
    ----------
    images
        uint8 (h,w,c) each.
    data
        Ids.
    segmentation_maps
        Truth, `arr` uint8 (h,w,m).
    predicted_maps_aug
        Predicted probabilities, `arr` float32 (h,w,classes).

    """

    images: list[NDArray[np.uint8]]
    data: list[str]
    segmentation_maps: list[Map]
    predicted_maps_aug: list[Map]


def _decode(prepared: Prepared, order: Sequence[int], run: StageRun, row: int) -> Sample:
    item = prepared.dataset[order[row]]
    image, truth = image_of(item, run.network.shape[2]), mask_of(item, run.network.classes)
    return Sample(str(item.id), image, images.resize_image(image, run.network.shape[:2]), truth)


def samples(prepared: Prepared, run: StageRun, rows: Indices) -> Iterator[Sample]:
    """Yield some rows of the table decoded, in order."""
    yield from ahead(partial(_decode, prepared, ordered(prepared.dataset), run), rows)


def _count(
    sample: Sample, probability: NDArray[np.float32], run: StageRun, at: str, levels: tuple[float, ...]
) -> evaluating.ImageCounts:
    truth = sample.truth if at == "source" else _at_network(sample, run)
    planes, claimed = (
        one_hot(truth, run.network.classes),
        decided(probability, exclusive=run.network.is_exclusive),
    )
    return evaluating.ImageCounts(
        sample.name, run.fold, tuple((level, count(planes, claimed, level)) for level in levels)
    )


def _at_network(sample: Sample, run: StageRun) -> NDArray[np.uint8]:
    height, width, _ = run.network.shape
    resized: NDArray[np.uint8] = images.resize_mask(sample.truth, (height, width)).reshape(height, width, -1)
    return resized


def score_run(
    prepared: Prepared,
    run: StageRun,
    folder: Folder,
    at: str,
    metrics: tuple[Call, ...],
    *,
    flips: bool = False,
    masks: Path | None = None,
    builders: Builders = STANDARD,
) -> tuple[evaluating.ImageCounts, ...]:
    """Return the counts of a fold's validation images under its kept weights; write their masks where asked."""
    predictor = Predictor(run.network, [folder.weights(run.fold, run.stage)], views_for(flips), builders)
    batch = prepared.plan.config.inference_batch or run.settings.batch
    levels = evaluating.thresholds(metrics)
    found = []
    decoded = samples(prepared, run, run.validation_rows)
    for sample, probability in predict_decoded(predictor, decoded, batch, at=at):
        if not isinstance(sample, Sample):
            raise TypeError("samples of a data set carry their truth")
        found.append(_count(sample, probability, run, at, levels))
        if masks is not None:
            write_masks(masks, sample.name, masks_of(probability, 0.5, exclusive=run.network.is_exclusive))
    return tuple(found)


def evaluate(
    prepared: Prepared,
    runs: Sequence[StageRun],
    folder: Folder,
    at: str,
    *,
    flips: bool = False,
    masks: Path | None = None,
    builders: Builders = STANDARD,
) -> tuple[evaluating.FoldScores, ...]:
    """Return out-of-fold scores per fold and pooled, and write those of every image beside the metrics.

    Parameters
    ----------
    prepared
        Data and plan.
    runs
        One stage of each fold.
    folder
        Where the kept weights lie.
    at
        ``network``: truth and prediction at the network's size; ``source``: at each image's own.
    flips
        Average over the four test-time flips.
    masks
        Where masks at threshold 0.5 are written, or None.
    builders
        Names to builders.

    """
    if not runs:
        raise DataError(
            [
                Finding(
                    "nothing-trained", "no fold is trained with this config.", (), None, (), "Run it first."
                )
            ]
        )
    metrics = evaluating.measured(runs[0].settings.metrics)
    if masks is not None:
        require_apart(masks, folders_of(prepared.dataset))
        masks.mkdir(parents=True, exist_ok=True)
    found = [
        one
        for run in runs
        for one in score_run(prepared, run, folder, at, metrics, flips=flips, masks=masks, builders=builders)
    ]
    rows = evaluating.table(found, metrics, {run.fold: run.leaks for run in runs})
    _write_images(folder.scores(at), found, metrics)
    return rows


def _write_images(path: Path, found: Sequence[evaluating.ImageCounts], metrics: Sequence[Call]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    per_image = [call for call in metrics if not call.name.endswith("_per_image")]
    names = [name for name, _ in evaluating.scores("", found[:1], per_image).scores]
    classes = range(len(found[0].counts[0][1].tp))
    columns = [f"{kind}_{number}" for number in classes for kind in ("tp", "fp", "fn", "tn")]
    writer.writerow(["id", "fold", *names, *columns])
    for one in found:
        values = [repr(value) for _, value in evaluating.scores("", [one], per_image).scores]
        counts = dict(one.counts).get(evaluating.DEFAULT_THRESHOLD, one.counts[0][1])
        cells = [getattr(counts, kind)[number] for number in classes for kind in ("tp", "fp", "fn", "tn")]
        writer.writerow([one.id, one.fold, *values, *cells])
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_text(path, text.getvalue())


def rows_for(prepared: Prepared, run: StageRun, negatives: str | float) -> Indices:
    """Return the rows of a fold's validation part with a share of negatives, sorted."""
    part = balance(prepared.split.folds[run.fold].validation, frozenset(prepared.table.positives), negatives)
    return fixed_rows(part.positives, part.negatives, part.count, run.seed, run.fold, run.stage)


def batches(
    predictor: Predictor, prepared: Prepared, run: StageRun, rows: Indices, size: int
) -> Iterator[EvaluationBatch]:
    """Yield validation samples in batches, with truth and predicted maps at each image's own size."""
    pairs: Any = predict_decoded(predictor, samples(prepared, run, rows), size)
    for group in grouped(pairs, size):
        yield EvaluationBatch(
            [one.image for one, _ in group],
            [one.name for one, _ in group],
            [Map(one.truth) for one, _ in group],
            [Map(probability) for _, probability in group],
        )
