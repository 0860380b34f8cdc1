"""Out-of-fold evaluation: the kept weights of each fold on the validation part that they did not see."""

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
from segcore.masks import counted, decided, masks_of, one_hot
from segcore.negatives import balance
from segcore.network import NetworkSpec
from segcore.plans import StageRun
from segcore.raw_masks import VOID
from segcore.scores import MASK_THRESHOLD, count
from segcore.shape_metrics import shape_counts
from segcore.values import Call, Indices
from segshell import files, images
from segshell.auditing import class_names
from segshell.builders import STANDARD, Builders
from segshell.datasets import ordered
from segshell.examining import void_of
from segshell.folder import Folder
from segshell.framing import Decoded, Map
from segshell.items import image_of, mask_of
from segshell.latest import Latest
from segshell.outputs import file_stem, folders_of, require_apart, require_names
from segshell.prediction import Predictor, ahead, grouped, predict_and, predict_decoded, predictor_for
from segshell.preparing import Prepared
from segshell.result_tables import require_text, write_table


class UntrainedError(DataError):
    """The weights that are to be scored are not there, or not those of this config. Exit code 5."""

    exit_code = 5


@frozen(eq=False)
class Sample(Decoded):
    """An image on its canvas, with itself, uint8 (h,w,c), and its truth, uint8 (h,w,m), at its own size."""

    image: NDArray[np.uint8]
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
        Truth, `arr` uint8 (h,w,m), 0 where a pixel is void.
    predicted_maps_aug
        Predicted probabilities, `arr` float32 (h,w,classes).
    void_maps
        bool (h,w) each, True where a pixel does not count.

    """

    images: list[NDArray[np.uint8]]
    data: list[str]
    segmentation_maps: list[Map]
    predicted_maps_aug: list[Map]
    void_maps: list[NDArray[np.bool_]]


def _decode(prepared: Prepared, order: Sequence[int], predictor: Predictor, row: int) -> Sample:
    item, network = prepared.dataset[order[row]], predictor.spec
    image = image_of(item, network.shape[2])
    truth = mask_of(item, network.classes, exclusive=network.is_exclusive)
    one = predictor.decoded(str(item.id), image)
    return Sample(one.name, one.size, one.canvas, one.frame, image, truth)


def samples(prepared: Prepared, predictor: Predictor, rows: Indices, size: int) -> Iterator[Sample]:
    """Yield some rows of the table decoded, in order, ahead of batches of some size."""
    decode = partial(_decode, prepared, ordered(prepared.dataset), predictor)
    yield from ahead(decode, rows, waiting=predictor.waiting(size), name=prepared.table.ids.__getitem__)


@frozen
class Measure:
    """What is counted of an image.

    Attributes
    ----------
    at
        ``network`` or ``source``: at which size.
    levels
        The thresholds.
    shapes
        Whether shapes are counted, too.

    """

    at: str
    levels: tuple[float, ...]
    shapes: bool = False


def _count(
    sample: Sample, probability: NDArray[np.float32], run: StageRun, measure: Measure
) -> evaluating.ImageCounts:
    truth, exclusive = truth_at(sample, measure.at), run.network.is_exclusive
    planes, claimed = one_hot(truth, run.network.classes), decided(probability, exclusive=exclusive)
    inside = counted(truth)
    counts = tuple((level, count(planes, claimed, level, inside)) for level in measure.levels)
    shapes = None
    if measure.shapes:
        # Where classes exclude each other the first is the background, which has no border of its own.
        masks = claimed > MASK_THRESHOLD
        shapes = shape_counts(planes[..., exclusive:], masks[..., exclusive:], inside)
    return evaluating.ImageCounts(sample.name, run.fold, counts, shapes)


def truth_at(sample: Sample, at: str) -> NDArray[np.uint8]:
    """Return a sample's truth uint8 (h,w,m) at its own size (``source``) or at that of its canvas (``network``)."""
    return sample.truth if at == "source" else _at_network(sample)


def _at_network(sample: Sample) -> NDArray[np.uint8]:
    size = sample.frame.size
    resized: NDArray[np.uint8] = images.resize_mask(sample.truth, size).reshape(*size, -1)
    return resized


def score_run(
    prepared: Prepared,
    run: StageRun,
    folder: Folder,
    at: str,
    metrics: tuple[Call, ...],
    *,
    flips: bool | None = None,
    windows: bool | None = None,
    masks: Path | None = None,
    shapes: bool = False,
    builders: Builders = STANDARD,
    latest: Latest | None = None,
) -> tuple[evaluating.ImageCounts, ...]:
    """Return the counts of a fold's validation images under its kept weights; write their masks where asked."""
    config, weights = prepared.plan.config, [folder.weights(run.fold, run.stage)]
    predictor = predictor_for(config, run.network, weights, builders, latest, flips, windows)
    batch = config.inference_batch or run.settings.batch
    measure = Measure(at, evaluating.thresholds(metrics), shapes)

    def counted_one(sample: Any, probability: NDArray[np.float32]) -> evaluating.ImageCounts:
        if masks is not None:
            claimed = masks_of(probability, MASK_THRESHOLD, exclusive=run.network.is_exclusive)
            images.write_masks(masks, file_stem(sample.name), claimed)
        return _count(sample, probability, run, measure)

    decoded = samples(prepared, predictor, run.validation_rows, batch)
    return tuple(predict_and(counted_one, predictor, decoded, batch, at=at))


def columns_of(run: StageRun, *, shapes: bool = False) -> tuple[Call, ...]:
    """Return the metrics that counts of pixels give: the config's, the standard ones, and those that go with shapes."""
    metrics = evaluating.measured(run.settings.metrics)
    return (*metrics, *evaluating.BESIDE_SHAPES) if shapes else metrics


def _last_suffix(network: NetworkSpec) -> str:
    """Return what follows the stem in the longest name of `images.write_masks`."""
    return ".png" if network.is_exclusive or network.classes == 1 else f".{network.classes}.png"


def _require_output(prepared: Prepared, network: NetworkSpec, masks: Path | None) -> None:
    """Check what would end the work after the predictions: names, and the folder of masks, which is made."""
    require_text(prepared.table.ids)
    if masks is not None:
        require_apart(masks, folders_of(prepared.dataset))
        require_names(masks, prepared.table.ids, _last_suffix(network))
        files.make_folder(masks)


def evaluate(
    prepared: Prepared,
    runs: Sequence[StageRun],
    folder: Folder,
    at: str,
    *,
    flips: bool | None = None,
    windows: bool | None = None,
    masks: Path | None = None,
    shapes: bool = False,
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
        ``network``: truth and prediction at the size at which the network sees the image (with crops, that of all
        of them together; with windows, the image's own); ``source``: at each image's own.
    flips
        Average over the four test-time flips; None is what the config says.
    windows
        Predict images at their own resolution in windows; None is what the config says.
    masks
        Where masks at threshold 0.5 are written, or None.
    shapes
        Score shapes, too: boundaries, surfaces, instances, at the threshold 0.5.
    builders
        Names to builders.

    """
    if not runs:
        raise UntrainedError(
            [
                Finding(
                    "nothing-trained",
                    "no fold is trained with this config.",
                    (),
                    None,
                    (),
                    "Run it first; `plan` says what is missing and why.",
                )
            ]
        )
    metrics = columns_of(runs[0], shapes=shapes)
    _require_output(prepared, runs[0].network, masks)
    files.require_place(folder.scores(at).parent)
    given: Any = {
        "flips": flips,
        "windows": windows,
        "masks": masks,
        "shapes": shapes,
        "builders": builders,
        "latest": Latest(),
    }
    found = [one for run in runs for one in score_run(prepared, run, folder, at, metrics, **given)]
    names = class_names(prepared.plan.config)
    first = 0 if runs[0].network.is_exclusive else 1
    rows = evaluating.table(found, metrics, {run.fold: run.leaks for run in runs}, names, first)
    write_table(folder.scores(at), *evaluating.image_table(found, metrics))
    return rows


def rows_for(prepared: Prepared, run: StageRun, negatives: str | float) -> Indices:
    """Return the rows of a fold's validation part with a share of negatives, sorted."""
    part = balance(prepared.split.folds[run.fold].validation, prepared.table.positives, negatives)
    drawn = prepared.plan.config.random_state, run.fold, run.stage
    return fixed_rows(part.positives, part.negatives, part.count, *drawn)


def batches(predictor: Predictor, prepared: Prepared, rows: Indices, size: int) -> Iterator[EvaluationBatch]:
    """Yield validation samples in batches, with truth and predicted maps at each image's own size."""
    pairs: Any = predict_decoded(predictor, samples(prepared, predictor, rows, size), size)
    for group in grouped(pairs, size):
        truths = [one.truth for one, _ in group]
        voids = [void_of(one) for one in truths]
        yield EvaluationBatch(
            [one.image for one, _ in group],
            [one.name for one, _ in group],
            [Map(np.where(one == VOID, np.uint8(0), one)) for one in truths],
            [Map(probability) for _, probability in group],
            voids,
        )
