"""Ensembles of predictions that were written before: to a callback, or to masks and a run-length csv."""

from collections.abc import Callable
from contextlib import closing
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from segcore import submissions
from segcore.errors import ConfigError, Finding
from segcore.masks import masks_of
from segshell import files, result_tables
from segshell.framing import Map
from segshell.image_outcomes import (
    OF_ONE,
    CallbackError,
    Failure,
    Outcome,
    image_files,
    names_of,
    nothing,
    stopped,
)
from segshell.images import write_masks
from segshell.outputs import require_apart, require_new_table
from segshell.stored_predictions import Ensemble, Probability, classes_of, images_of, mean_of
from segshell.workers import Told, made_ahead

Use: TypeAlias = Callable[[str, Probability], Any]
WORKERS, AHEAD = 2, 2  # threads that read, and images that wait at most beside theirs


def _guarded(use: Callable[[], Any], name: str) -> Any:
    """Return what a call returns, or the failure where it raises what is the fault of this image."""
    try:
        return use()
    except OF_ONE as error:
        return Failure(name, error)


def for_each_mean(
    ensemble: Ensemble,
    use: Use,
    limit: int = -1,
    *,
    keep_going: bool = False,
    take: Callable[[Any], None] | None = None,
) -> Outcome:
    """Call use(file name, mean) for every image, in the order of names; threads read a few images ahead.

    With `take` the threads call `use`, too, and the caller's calls `take` with what it returned, in order.

    Parameters
    ----------
    ensemble
        The images and their arrays.
    use, take
        What is done with each mean, float32 (h,w,classes).
    limit
        Number of images at most; negative for all.
    keep_going
        Go on after an image that has no sound array in every folder, or for which `use` raises.

    Raises
    ------
    DataError, CallbackError
        Without `keep_going`: before anything is done, all arrays that are missing, by folder; then, at the first
        image that fails, with how many images are done.

    """
    chosen, faults = images_of(ensemble, limit, keep_going=keep_going)
    classes, failures, done = classes_of(ensemble, chosen), list(faults), 0

    def made(image: Path) -> Any:
        def finished() -> Any:
            mean = mean_of(ensemble, image, classes)
            return mean if take is None else use(image.name, mean)

        return _guarded(finished, image.name)

    singles = ((one,) for one in chosen)
    with closing(made_ahead(singles, made, WORKERS, AHEAD, Told(name=attrgetter("name")))) as groups:
        for (image,), (mean,) in groups:
            is_unused = take is None and not isinstance(mean, Failure)
            found = _guarded(partial(use, image.name, mean), image.name) if is_unused else mean
            if not isinstance(found, Failure):
                (take or nothing)(found)
                done += 1
                continue
            failures.append(found)
            if not keep_going:
                raise stopped(found.error, done, len(chosen))
    return Outcome(done, tuple(sorted(failures, key=attrgetter("name"))))


def to_callback(
    ensemble: Ensemble,
    on_predict: Callable[[str, Map, Any], Any],
    data: Any,
    limit: int = -1,
    *,
    keep_going: bool = False,
) -> int:
    """Call ``on_predict(file_name, img, data)`` for every image, `img.arr` the mean, float32 (h,w,classes).

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    DataError, CallbackError
        As `for_each_mean`; CallbackError where the callback raises.

    """

    def use(name: str, mean: Probability) -> None:
        try:
            on_predict(name, Map(mean), data)
        except Exception as error:
            message = f"the callback failed for {name}: {type(error).__name__}: {error}."
            raise CallbackError(message) from error

    return for_each_mean(ensemble, use, limit, keep_going=keep_going).require_all()


def _masks(
    name: str, mean: Probability, threshold: float, *, exclusive: bool
) -> tuple[NDArray[np.uint8], ...]:
    if exclusive and mean.shape[2] == 1:
        message = f"{name}: its predictions have one class, and one class excludes no other."
        raise ConfigError([Finding("ensemble-exclusive", message, advice="Leave out --exclusive.")])
    return masks_of(mean, threshold, exclusive=exclusive)


def to_masks(
    ensemble: Ensemble,
    output: Path,
    threshold: float = 0.5,
    rle: Path | None = None,
    style: submissions.Style = "image",
    *,
    exclusive: bool = False,
    file_names: bool = False,
    keep_going: bool = False,
) -> int:
    """Write a mask PNG per image, and a run-length csv, of the weighted means; as `segshell.directories.to_masks`.

    Parameters
    ----------
    ensemble
        The images and their arrays.
    output, rle
        The folder of the masks, and the file of the csv; neither lies among images or arrays.
    threshold
        Probability above which a pixel is mask.
    style, file_names
        Rows and names of the csv.
    exclusive
        Whether classes exclude each other (softmax): a mask then holds the ids of the likeliest classes, 0 is the
        background, and the threshold plays no part.
    keep_going
        Go on after an image that fails; the csv lacks it, and ``<csv>.failed.csv`` lists it.

    Returns
    -------
    int
        Number of images.

    Raises
    ------
    ConfigError
        ``ensemble-exclusive`` where one class shall exclude others.
    DataError
        As `for_each_mean`; where results would replace images or arrays, or names cannot be written.

    """
    inputs = [ensemble.source, *ensemble.folders]
    require_apart(output, inputs)
    if rle is not None:
        require_new_table(rle, inputs)
        result_tables.require_text(one.name for one in image_files(ensemble.source))
    files.make_folder(output)
    rows: list[tuple[str, str]] = []

    def use(name: str, mean: Probability) -> tuple[tuple[str, str], ...]:
        masks, stem = _masks(name, mean, threshold, exclusive=exclusive), Path(name).stem
        write_masks(output, stem, masks)
        return submissions.rows(name if file_names else stem, masks, mean.shape[2], style) if rle else ()

    with result_tables.kept_on_failure(rle, submissions.header(style), rows):
        outcome = for_each_mean(ensemble, use, keep_going=keep_going, take=rows.extend)
    if rle is not None and (outcome.done or not outcome.failures):
        result_tables.finish(rle, submissions.header(style), rows, names_of(outcome.failures))
    return outcome.require_all()
