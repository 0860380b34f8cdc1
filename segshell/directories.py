"""Predict a directory: to a callback, to pictures, to a run-length csv."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore import submissions
from segcore.masks import masks_of
from segcore.post_processing import PostProcessing
from segshell import files, result_tables
from segshell.each_image import for_each
from segshell.framing import Decoded, Map
from segshell.image_outcomes import CallbackError, Outcome, image_files, names_of, nothing
from segshell.images import write_masks
from segshell.outputs import require_apart, require_new_table
from segshell.post_processing import masks_after
from segshell.prediction import Predictor

__all__ = (
    "CallbackError",
    "OnPredict",
    "image_files",
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
        try:
            on_predict(decoded.name, Map(probability), data)
        except Exception as error:
            message = f"the callback failed for {decoded.name}: {type(error).__name__}: {error}."
            raise CallbackError(message) from error

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


def to_masks(
    predictor: Predictor,
    directory: Path,
    output: Path,
    batch: int,
    threshold: float = 0.5,
    rle: Path | None = None,
    style: submissions.Style = "image",
    *,
    rules: tuple[PostProcessing, ...] | None = None,
    file_names: bool = False,
    keep_going: bool = False,
) -> int:
    """Write a mask PNG per image, and a run-length csv; an empty cell where nothing is found.

    Classes that do not exclude each other have a PNG each. The csv is of a `style` of `segcore.submissions.rows`: by
    default a row per image (and class, ``<stem>_<class>``, where there are several). It names images by their stem, or
    with `file_names` by the whole name of the file.

    With `rules` of post-processing, one for each class, these make the masks in place of the threshold.

    The csv is complete or absent: it replaces an older one only when every image is done. When the work ends early,
    the rows so far are in ``<csv>.partial``. With `keep_going` the csv is written without the images that failed,
    which ``<csv>.failed.csv`` lists with their reasons.

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    DataError
        When an image cannot be read or names cannot be written; with `keep_going`, at the end, with all that failed.

    """
    require_apart(output, [directory])
    if rle is not None:
        require_new_table(rle, [directory])
        result_tables.require_text(one.name for one in image_files(directory))
    files.make_folder(output)
    rows: list[tuple[str, str]] = []

    def use(decoded: Decoded, probability: NDArray[np.float32]) -> tuple[tuple[str, str], ...]:
        stem = Path(decoded.name).stem
        if rules is None:
            masks = masks_of(probability, threshold, exclusive=predictor.spec.is_exclusive)
        else:
            masks = masks_after(probability, rules)
        write_masks(output, stem, masks)
        shown = decoded.name if file_names else stem
        return submissions.rows(shown, masks, predictor.spec.classes, style) if rle else ()

    with result_tables.kept_on_failure(rle, submissions.header(style), rows):
        outcome = for_each(predictor, directory, batch, use, keep_going=keep_going, take=rows.extend)
    _finish(rle, submissions.header(style), rows, outcome)
    return outcome.require_all()


def _finish(rle: Path | None, header: tuple[str, str], rows: list[tuple[str, str]], outcome: Outcome) -> None:
    if rle is not None and (outcome.done or not outcome.failures):
        result_tables.finish(rle, header, rows, names_of(outcome.failures))
