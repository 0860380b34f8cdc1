"""Predict a directory: to a callback, to pictures, to a run-length csv."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore import submissions
from segcore.masks import masks_of
from segcore.network import NetworkSpec
from segcore.post_processing import PostProcessing
from segcore.scores import MASK_THRESHOLD
from segshell import files
from segshell.each_image import for_each
from segshell.framing import Decoded, Map
from segshell.image_listing import image_files
from segshell.image_outcomes import CallbackError, Outcome, call_back, nothing
from segshell.images import write_masks
from segshell.mask_output import MaskOutput, Rows
from segshell.outputs import require_apart
from segshell.post_processing import masks_after
from segshell.prediction import Predictor
from segshell.throughput import Throughput

__all__ = (
    "CallbackError",
    "OnPredict",
    "image_files",
    "masks_by",
    "to_callback",
    "to_masks",
    "to_pictures",
    "write_masks",
)

OnPredict = Callable[[str, Map, Any], None]


def to_callback(
    predictor: Predictor,
    directory: Path,
    on_predict: OnPredict,
    data: Any,
    batch: int,
    limit: int = -1,
    *,
    keep_going: bool = False,
) -> None:
    """Call ``on_predict(file_name, img, data)`` for every image, `img.arr` float32 (h,w,classes).

    Raises
    ------
    CallbackError
        When the callback raises; names the image.
    DataError
        When an image cannot be read; with `keep_going`, at the end, with all that failed, the callback included.

    """

    def use(decoded: Decoded, probability: NDArray[np.float32]) -> None:
        call_back(on_predict, decoded.name, Map(probability), data)

    for_each(predictor, directory, batch, use, limit, keep_going=keep_going).require_all()


def to_pictures(
    predictor: Predictor,
    directory: Path,
    output: Path,
    batch: int,
    *,
    arrays: bool,
    limit: int = -1,
    inputs: Iterable[Path] = (),
    keep_going: bool = False,
) -> int:
    """Write the probabilities of every image as PNG (0-255; a file per class of several) or as float32 .npy.

    Neither the directory nor one of `inputs` may be the folder that is written to.

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    DataError
        When an image cannot be read; with `keep_going`, at the end, with all that failed.

    """
    require_apart(output, [directory, *inputs])
    files.make_folder(output)
    write = _write_array if arrays else _write_probability

    def use(decoded: Decoded, probability: NDArray[np.float32]) -> None:
        write(output, Path(decoded.name).stem, probability)

    return for_each(
        predictor, directory, batch, use, limit, keep_going=keep_going, take=nothing
    ).require_all()


def _write_array(output: Path, stem: str, probability: NDArray[np.float32]) -> None:
    with files.replacing(files.inside(output, f"{stem}.npy")) as aside, aside.open("wb") as file:
        np.save(file, probability, allow_pickle=False)


def _write_probability(output: Path, stem: str, probability: NDArray[np.float32]) -> None:
    levels = np.clip(probability * 255, 0, 255).round().astype(np.uint8)
    write_masks(output, stem, tuple(levels[..., number] for number in range(levels.shape[2])))


def masks_by(
    spec: NetworkSpec, threshold: float, rules: tuple[PostProcessing, ...] | None
) -> Callable[[NDArray[np.float32]], tuple[NDArray[np.uint8], ...]]:
    """Return what makes the masks, each uint8 (h,w), of probabilities float32 (h,w,classes).

    Rules of post-processing, one for each class, go before the threshold.
    """
    if rules is not None:
        return partial(masks_after, rules=rules)
    return partial(masks_of, threshold=threshold, exclusive=spec.is_exclusive)


def to_masks(
    predictor: Predictor,
    directory: Path,
    output: Path,
    batch: int,
    threshold: float = MASK_THRESHOLD,
    rle: Path | None = None,
    style: submissions.Style = "image",
    *,
    rules: tuple[PostProcessing, ...] | None = None,
    file_names: bool = False,
    keep_going: bool = False,
    told: Throughput | None = None,
) -> int:
    """Write a mask PNG per image, and a run-length csv; an empty cell where nothing is found.

    Classes that do not exclude each other have a PNG each. The csv is of a `style` of `segcore.submissions.rows`: by
    default a row per image (and class, ``<stem>_<class>``, where there are several). It names images by their stem, or
    with `file_names` by the whole name of the file.

    With `rules` of post-processing, one for each class, these make the masks in place of the threshold.

    The csv is complete or absent: it replaces an older one only when every image is done. When the work ends early,
    the rows so far are in ``<csv>.partial``. With `keep_going` the csv is written without the images that failed,
    which ``<csv>.failed.csv`` lists with their reasons. `told` hears how fast it goes.

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    DataError
        When an image cannot be read or names cannot be written; with `keep_going`, at the end, with all that failed.

    """
    place = MaskOutput(directory, output, rle, style, file_names)
    place.begin([directory])
    masks = masks_by(predictor.spec, threshold, rules)

    def use(decoded: Decoded, probability: NDArray[np.float32]) -> Rows:
        return place.write(decoded.name, masks(probability), predictor.spec.classes)

    def work(take: Callable[[Rows], None]) -> Outcome:
        return for_each(predictor, directory, batch, use, keep_going=keep_going, take=take, told=told)

    return place.complete(work)
