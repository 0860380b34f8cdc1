"""Example pictures of a fold-stage: image, truth and prediction side by side."""

import shutil

import numpy as np
from numpy.typing import NDArray

from segcore.plans import StageRun
from segcore.values import Indices
from segshell import images
from segshell.engine import Traced
from segshell.folder import Folder
from segshell.pixels import Pixels, plain

COUNT = 4


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
    image: NDArray[np.uint8], truth: NDArray[np.uint8], probability: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Return image | truth | prediction as one picture.

    Parameters
    ----------
    image
        uint8 (h,w,3).
    truth
        uint8 (h,w,m) of 0/1 or of class ids.
    probability
        float32 (h,w,c) in [0, 1]; one class is shown as grey, several as the colour of the likeliest.

    """
    classes = probability.shape[2]
    if classes == 1:
        shown = np.repeat(np.clip(probability * 255, 0, 255).round().astype(np.uint8), 3, axis=2)
        ids = truth[..., 0]
    else:
        shown = _colours(classes)[probability.argmax(axis=2)]
        ids = truth[..., 0] if truth.shape[2] == 1 else truth.argmax(axis=2)
    line = np.full((image.shape[0], 2, 3), 128, np.uint8)
    return np.hstack([image, line, _colours(classes)[np.minimum(ids, max(classes - 1, 1))], line, shown])


def clear(run: StageRun, folder: Folder) -> None:
    """Remove the pictures of an earlier training of this fold-stage."""
    where = folder.examples(run.fold, run.stage)
    if where.exists():
        shutil.rmtree(where)


def write(run: StageRun, folder: Folder, traced: Traced, pixels: Pixels, epoch: int) -> None:
    """Write the example pictures of an epoch as ``t_epoch_<epoch>.<n>.jpg``."""
    rows = Indices(chosen(run))
    pairs = [plain(pixels, row) for row in rows]
    predicted = traced.predict_step(np.stack([image for image, _ in pairs])).numpy()
    where = folder.examples(run.fold, run.stage)
    where.mkdir(parents=True, exist_ok=True)
    for number, ((image, mask), probability) in enumerate(zip(pairs, predicted, strict=True)):
        images.write_jpg(where / f"t_epoch_{epoch}.{number}.jpg", triple(image, mask, probability))
