"""Example pictures of a fold-stage: training samples as they are fed, and predictions beside their truth."""

import shutil

import numpy as np
from numpy.typing import NDArray

from segcore.epochs import epoch_order
from segcore.gallery import in_colour
from segcore.plans import StageRun
from segcore.raw_masks import VOID
from segcore.values import Indices
from segshell import files, images
from segshell.augmenters import Augmenter
from segshell.batches import sample
from segshell.engine import Traced
from segshell.folder import Folder
from segshell.forward import as_probability
from segshell.pixels import Pixels, plain

COUNT = 4
_GREY = 128


def chosen(run: StageRun) -> tuple[int, ...]:
    """Return the rows that are pictured: positives of the validation part first, then its negatives."""
    positives = tuple(run.validation.positives)
    known = frozenset(positives)
    negatives = tuple(row for row in run.validation_rows if row not in known)
    kept = max(1, COUNT - 1) if negatives and len(positives) >= COUNT else COUNT
    return (*positives[:kept], *negatives)[:COUNT]


def _colours(classes: int) -> NDArray[np.uint8]:
    """Return one colour per class id: black, then hues spread evenly; white where there is one class."""
    if classes <= 2:
        return np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    hues = np.arange(classes - 1) / (classes - 1) * 6
    channel = [np.clip(np.abs((hues + shift) % 6 - 3) - 1, 0, 1) for shift in (0, 4, 2)]
    return np.vstack([[0, 0, 0], (np.stack(channel, 1) * 255)]).astype(np.uint8)


def triple(
    image: NDArray[np.uint8],
    truth: NDArray[np.uint8],
    probability: NDArray[np.float32],
    *,
    exclusive: bool = True,
) -> NDArray[np.uint8]:
    """Return image | truth | prediction as one picture.

    Parameters
    ----------
    image
        uint8 (h,w,c), shown by its first three channels.
    truth
        uint8 (h,w,m) of 0/1 or of class ids; pixels that do not count are grey.
    probability
        float32 (h,w,c) in [0, 1]; one class is shown as grey, several as the colour of the likeliest.
    exclusive
        Whether a pixel has exactly one of several classes; else what is below 0.5 in all of them is black.

    """
    classes = probability.shape[2]
    colours = _colours(classes if exclusive or classes == 1 else classes + 1)
    if classes == 1:
        shown = np.repeat(np.clip(probability * 255, 0, 255).round().astype(np.uint8), 3, axis=2)
    else:
        likeliest = probability.argmax(axis=2)
        shown = colours[likeliest if exclusive else (likeliest + 1) * (probability.max(axis=2) > 0.5)]
    ids = _class_ids(truth, exclusive=exclusive)
    truth_shown = colours[np.minimum(ids, len(colours) - 1)]
    truth_shown[(truth == VOID).all(axis=2)] = _GREY
    line = _line(image)
    return np.hstack([in_colour(image), line, truth_shown, line, shown])


def _line(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.full((image.shape[0], 2, 3), _GREY, np.uint8)


def clear(run: StageRun, folder: Folder) -> None:
    """Remove the pictures of an earlier training of this fold-stage."""
    where = folder.examples(run.fold, run.stage)
    if where.exists():
        shutil.rmtree(where)


def write(run: StageRun, folder: Folder, traced: Traced, pixels: Pixels, epoch: int) -> None:
    """Write the example pictures of an epoch as ``t_epoch_<epoch>.<n>.jpg``."""
    rows = Indices(chosen(run))
    pairs = [plain(pixels, pixels.fullest(row)) for row in rows]
    outputs = traced.predict_step(np.stack([image for image, _ in pairs]))
    predicted = as_probability(outputs, run.network).numpy()
    exclusive = run.network.is_exclusive
    where = folder.examples(run.fold, run.stage)
    files.make_folder(where)
    for number, ((image, mask), probability) in enumerate(zip(pairs, predicted, strict=True)):
        shown = triple(image, mask, probability, exclusive=exclusive)
        images.write_jpg(where / f"t_epoch_{epoch}.{number}.jpg", shown)


def fed(run: StageRun) -> tuple[int, ...]:
    """Return the rows of training samples that are pictured: the first of epoch 0, a negative among them."""
    part = run.training
    order = epoch_order(part.positives, part.negatives, part.count, run.seed, run.fold, run.stage, 0)
    known = frozenset(part.positives)
    positives = [row for row in order if row in known]
    negatives = [row for row in order if row not in known]
    kept = COUNT - 1 if negatives else COUNT
    return tuple((*positives[:kept], *negatives)[:COUNT])


def _class_ids(mask: NDArray[np.uint8], *, exclusive: bool) -> NDArray[np.intp]:
    """Return ids (h,w) that are 0 for background; of planes that do not exclude each other the last one counts."""
    if mask.shape[2] == 1:
        return mask[..., 0].astype(np.intp)
    if exclusive:
        return np.asarray(mask.argmax(axis=2))
    numbers = np.arange(1, mask.shape[2] + 1)
    return np.asarray(((mask == 1) * numbers).max(axis=2))


def overlay(
    image: NDArray[np.uint8], mask: NDArray[np.uint8], classes: int, *, exclusive: bool
) -> NDArray[np.uint8]:
    """Return an image and the same with its mask over it, side by side: (h,2w+2,3).

    Parameters
    ----------
    image
        uint8 (h,w,3).
    mask
        uint8 (h,w,m) of 0/1 or of class ids, `segcore.raw_masks.VOID` where a pixel does not count.
    classes, exclusive
        Number of classes, and whether a pixel has exactly one of them. Each class but the background has a colour, half
        transparent; pixels that do not count are grey.

    """
    ids = _class_ids(mask, exclusive=exclusive)
    tint = _colours(max(3, classes + (not exclusive)))
    inside, shown = ids > 0, image.copy()
    shown[inside] = (image.astype(np.uint16) + tint[np.minimum(ids, len(tint) - 1)])[inside] // 2
    shown[(mask == VOID).all(axis=2)] = _GREY
    return np.hstack([image, _line(image), shown])


def write_data(run: StageRun, folder: Folder, pixels: Pixels, augmenter: Augmenter) -> None:
    """Write a few samples of the first epoch, augmented as the network will see them, as ``data.<n>.jpg``."""
    where = folder.examples(run.fold, run.stage)
    files.make_folder(where)
    for number, row in enumerate(fed(run)):
        image, mask = sample(pixels, augmenter, run.seed, run.fold, run.stage, 0, pixels.fullest(row))
        shown = overlay(in_colour(image), mask, run.network.classes, exclusive=run.network.is_exclusive)
        images.write_jpg(where / f"data.{number}.jpg", shown)
