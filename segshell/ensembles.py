"""Ensembles of predictions that were written before: to a callback, or to masks and a run-length csv."""

from collections.abc import Callable, Generator, Iterable
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
from segcore.scores import MASK_THRESHOLD
from segshell.framing import Map
from segshell.image_outcomes import Failure, Outcome, call_back, guarded, taken
from segshell.mask_output import MaskOutput, Rows
from segshell.stored_predictions import Ensemble, Probability, classes_of, images_of, mean_of
from segshell.workers import Told, made_ahead

Use: TypeAlias = Callable[[str, Probability], Any]
WORKERS, AHEAD = 2, 2  # threads that read, and images that wait at most beside theirs


def _used(
    ensemble: Ensemble, chosen: Iterable[Path], use: Use, *, in_threads: bool
) -> Generator[Any, None, None]:
    """Yield what a use returns for each mean, or a failure, in order."""
    images = tuple(chosen)
    classes = classes_of(ensemble, images)

    def made(image: Path) -> Any:
        def finished() -> Any:
            mean = mean_of(ensemble, image, classes)
            return use(image.name, mean) if in_threads else mean

        return guarded(finished, image.name)

    singles = ((one,) for one in images)
    with closing(made_ahead(singles, made, WORKERS, AHEAD, Told(name=attrgetter("name")))) as groups:
        for (image,), (mean,) in groups:
            is_unused = not in_threads and not isinstance(mean, Failure)
            yield guarded(partial(use, image.name, mean), image.name) if is_unused else mean


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
    with closing(_used(ensemble, chosen, use, in_threads=take is not None)) as used:
        return taken(used, list(faults), len(chosen), take, keep_going=keep_going)


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
        call_back(on_predict, name, Map(mean), data)

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
    threshold: float = MASK_THRESHOLD,
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
    place = MaskOutput(ensemble.source, output, rle, style, file_names)
    place.begin([ensemble.source, *ensemble.folders])

    def use(name: str, mean: Probability) -> Rows:
        return place.write(name, _masks(name, mean, threshold, exclusive=exclusive), mean.shape[2])

    def work(take: Callable[[Rows], None]) -> Outcome:
        return for_each_mean(ensemble, use, keep_going=keep_going, take=take)

    return place.complete(work)
