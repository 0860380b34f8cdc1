"""Predictions that lie in folders, an array for each image: which are missing, what is wrong, their weighted mean."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.ensembling import member_fault, shares, value_fault, weighted_mean
from segcore.errors import DataError, Finding, listed
from segshell.image_outcomes import Failure, readable_files
from segshell.image_reader import ImageReader

Probability: TypeAlias = NDArray[np.float32]
ENDING = ".npy"
BAND = 1 << 22  # values of all members that are averaged at a time: one map is held, not one for each of them
# What numpy raises for a file that is none of its own, cut off, or of Python objects.
_DAMAGE = (OSError, ValueError, TypeError, OverflowError, EOFError)


@frozen
class Ensemble:
    """Folders with an array ``<stem>.npy`` for each image of a source, and the share that each has in the mean."""

    source: Path
    folders: tuple[Path, ...]
    shares: tuple[float, ...]


def ensemble_of(
    source: str | Path, folders: Iterable[str | Path], weights: Sequence[float] | None = None
) -> Ensemble:
    """Return an ensemble of folders that ``predict_to_directory(..., binaryArray=True)`` wrote.

    Parameters
    ----------
    source
        The folder of the images.
    folders
        The folders of arrays; one that stands there twice counts twice.
    weights
        One finite number for each folder, 0 or more; None where all count the same.

    Raises
    ------
    ConfigError
        As `segcore.ensembling.shares`.
    DataError
        ``folder-missing``, naming the folders of arrays that are not there.

    """
    places = tuple(Path(one) for one in folders)
    found = Ensemble(Path(source), places, shares(weights, len(places)))
    missing = dict.fromkeys(one for one in places if not one.is_dir())
    if missing:
        raise DataError(
            Finding("folder-missing", f"there is no folder of predictions {one}.") for one in missing
        )
    return found


def _array_of(folder: Path, image: Path) -> Path:
    return folder / f"{image.stem}{ENDING}"


def _missing(ensemble: Ensemble, chosen: Sequence[Path]) -> dict[Path, tuple[Path, ...]]:
    """Return the arrays that are not there, by image."""
    held = {
        folder: {one.name for one in folder.iterdir() if one.suffix == ENDING and one.is_file()}
        for folder in dict.fromkeys(ensemble.folders)
    }
    wanted = {image: [_array_of(folder, image) for folder in held] for image in chosen}
    found = {
        image: tuple(one for one in of if one.name not in held[one.parent]) for image, of in wanted.items()
    }
    return {image: arrays for image, arrays in found.items() if arrays}


def _of_missing(folder: Path, arrays: Sequence[Path]) -> Finding:
    text = "file is" if len(arrays) == 1 else "files are"
    message = f"{folder}: {len(arrays)} {text} missing: {listed(one.name for one in arrays)}."
    return Finding("ensemble-missing", message, advice="Predict into it again, with binaryArray=True.")


def images_of(
    ensemble: Ensemble, limit: int, *, keep_going: bool
) -> tuple[tuple[Path, ...], tuple[Failure, ...]]:
    """Return the images whose arrays are all there, in the order of names, and what fails.

    Raises
    ------
    DataError
        As `readable_files`; without `keep_going`, ``ensemble-missing`` for each folder that lacks arrays, naming them.

    """
    chosen, unreadable = readable_files(ImageReader(), ensemble.source, limit, keep_going=keep_going)
    missing = _missing(ensemble, chosen)
    if missing and not keep_going:
        every = [one for arrays in missing.values() for one in arrays]
        folders = dict.fromkeys(one.parent for one in every)
        raise DataError(
            _of_missing(folder, [one for one in every if one.parent == folder]) for folder in folders
        )
    faults = [
        Failure(image.name, DataError([_of_missing(one.parent, [one]) for one in arrays]))
        for image, arrays in missing.items()
    ]
    return tuple(one for one in chosen if one not in missing), (*unreadable, *faults)


def _fault(path: Path, reason: str) -> DataError:
    advice = "Predict into that folder again, with binaryArray=True."
    return DataError([Finding("ensemble-array", f"{path}: {reason}.", advice=advice)])


def _opened(path: Path, expected: tuple[int, ...] = ()) -> Probability:
    """Return an array of a file as it lies on disk: what is looked at is read; nothing in it is evaluated."""
    try:
        array: Probability = np.lib.format.open_memmap(path, mode="r")
    except _DAMAGE as error:
        raise _fault(path, f"it is no whole array of numbers: {error}") from error
    fault = member_fault(array.shape, array.dtype, expected or array.shape[:2])
    if fault:
        raise _fault(path, fault)
    return array


def _checked(path: Path, values: Probability) -> Probability:
    fault = value_fault(values)
    if fault:
        raise _fault(path, fault)
    return values


def mean_of(ensemble: Ensemble, image: Path, classes: int | None = None, band: int = BAND) -> Probability:
    """Return the weighted mean of an image's arrays, float32 (h,w,classes) at the image's own size, from 0 to 1.

    Beside it, some rows of each array are held at a time.

    Parameters
    ----------
    ensemble
        Where the arrays lie.
    image
        The file of the image, of which only the size is read.
    classes
        What every array must have; None is what the first one has.
    band
        How many values of all arrays together are averaged at a time, a row of each at least.

    Raises
    ------
    DataError
        ``ensemble-array``, naming the file: no whole array, not float32 (h,w,classes) of the image's height and
        width, NaN, or a value outside 0 to 1.

    """
    size = ImageReader().header(image)
    paths = [_array_of(folder, image) for folder in ensemble.folders]
    height, width = size
    count = classes or _opened(paths[0], size).shape[2]
    arrays = [_opened(path, (height, width, count)) for path in paths]
    mean = np.empty((height, width, count), np.float32)
    rows = max(1, band // (width * count * len(paths)))
    for top in range(0, height, rows):
        part = slice(top, top + rows)
        values = [_checked(path, array[part]) for path, array in zip(paths, arrays, strict=True)]
        mean[part] = weighted_mean(values, ensemble.shares)
    return mean


def _classes(path: Path) -> int | None:
    try:
        return int(_opened(path).shape[2])
    except DataError:  # told where its image has its turn
        return None


def classes_of(ensemble: Ensemble, chosen: Iterable[Path]) -> int | None:
    """Return the number of classes of the first array that can be read, which all others must have; None for none."""
    found = (_classes(_array_of(ensemble.folders[0], image)) for image in chosen)
    return next((one for one in found if one is not None), None)
