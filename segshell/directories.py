"""Predict a directory: to a callback, to pictures, to a run-length csv."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.errors import DataError, Finding, SegmentationError
from segcore.masks import masks_of, objects_of
from segcore.rle import rle_encode
from segshell import files, images
from segshell.folders import IMAGE_EXTENSIONS
from segshell.outputs import require_apart, require_new_table
from segshell.prediction import Decoded, Map, Predictor, ahead, predict_decoded

OnPredict = Callable[[str, Map, Any], None]


class CallbackError(SegmentationError):
    """The user's callback raised; the message names the image. Exit code 3."""

    exit_code = 3


def image_files(directory: Path) -> tuple[Path, ...]:
    """Return the images of a directory, sorted by name.

    Raises
    ------
    DataError
        When the directory is missing, holds no image, or two images share a stem.

    """
    if not directory.is_dir():
        raise DataError([Finding("folder-missing", f"there is no folder {directory}.")])
    every = sorted(one for one in directory.iterdir() if one.is_file() and not one.name.startswith("."))
    found = tuple(one for one in every if one.suffix.lower() in IMAGE_EXTENSIONS)
    if not found:
        allowed = " ".join(sorted(IMAGE_EXTENSIONS))
        raise DataError(
            [
                Finding(
                    "no-images", f"0 images in {directory} (looked for {allowed}; {len(every)} other files)."
                )
            ]
        )
    stems: dict[str, Path] = {}
    for path in found:
        if path.stem in stems:
            message = f"{stems[path.stem].name} and {path.name} share the stem {path.stem!r}; results would collide."
            raise DataError([Finding("duplicate-stem", message, (), None, (), "Rename one of them.")])
        stems[path.stem] = path
    return found


def decoder(shape: tuple[int, int, int]) -> Callable[[Path], Decoded]:
    """Return a function that decodes an image and brings it to the network's height and width."""

    def decode(path: Path) -> Decoded:
        image = images.read_image(path, shape[2])
        return Decoded(path.name, image, images.resize_image(image, shape[:2]))

    return decode


def predictions(
    predictor: Predictor, directory: Path, batch: int, limit: int = -1
) -> Iterator[tuple[Decoded, NDArray[np.float32]]]:
    """Yield every image of a directory with its probabilities, float32 (h,w,classes) at the image's own size."""
    found = image_files(directory)
    chosen = found if limit < 0 else found[:limit]
    yield from predict_decoded(predictor, ahead(decoder(predictor.spec.shape), chosen), batch)


def to_callback(
    predictor: Predictor, directory: Path, on_predict: OnPredict, data: Any, batch: int, limit: int = -1
) -> None:
    """Call ``on_predict(file_name, img, data)`` for every image, `img.arr` float32 (h,w,classes).

    Raises
    ------
    CallbackError
        When the callback raises; names the image.

    """
    for decoded, probability in predictions(predictor, directory, batch, limit):
        try:
            on_predict(decoded.name, Map(probability), data)
        except Exception as error:
            raise CallbackError(
                f"the callback failed for {decoded.name}: {type(error).__name__}: {error}"
            ) from error


def to_pictures(
    predictor: Predictor, directory: Path, output: Path, batch: int, *, arrays: bool, limit: int = -1
) -> int:
    """Write the probabilities of every image as PNG (0-255; a file per class of several) or as float32 .npy.

    Returns
    -------
    int
        Number of images.

    """
    require_apart(output, [directory])
    output.mkdir(parents=True, exist_ok=True)
    count = 0
    for decoded, probability in predictions(predictor, directory, batch, limit):
        stem = Path(decoded.name).stem
        if arrays:
            with files.replacing(files.inside(output, f"{stem}.npy")) as aside, aside.open("wb") as file:
                np.save(file, probability, allow_pickle=False)
        else:
            _write_probability(output, stem, probability)
        count += 1
    return count


def _write_probability(output: Path, stem: str, probability: NDArray[np.float32]) -> None:
    levels = np.clip(probability * 255, 0, 255).round().astype(np.uint8)
    write_masks(output, stem, tuple(levels[..., number] for number in range(levels.shape[2])))


def write_masks(output: Path, stem: str, masks: Sequence[NDArray[np.uint8]]) -> None:
    """Write an image's masks, uint8 (h,w): ``stem.png``, or ``stem.1.png`` and so on for several."""
    for number, mask in enumerate(masks, start=1):
        name = f"{stem}.png" if len(masks) == 1 else f"{stem}.{number}.png"
        images.write_png(files.inside(output, name), mask)


def to_masks(
    predictor: Predictor,
    directory: Path,
    output: Path,
    batch: int,
    threshold: float = 0.5,
    rle: Path | None = None,
) -> int:
    """Write a mask PNG per image, and a run-length csv (ImageId, EncodedPixels; an empty cell where nothing is found).

    With several classes the csv has a row per class, ``<stem>_<class>``, and classes that do not exclude each other
    have a PNG each.

    The csv is complete or absent: it replaces an older one only when every image is done.

    Returns
    -------
    int
        Number of images.

    """
    require_apart(output, [directory])
    if rle is not None:
        require_new_table(rle, [directory])
    output.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, str]] = []
    count = 0
    for decoded, probability in predictions(predictor, directory, batch):
        stem, masks = (
            Path(decoded.name).stem,
            masks_of(probability, threshold, exclusive=predictor.spec.is_exclusive),
        )
        write_masks(output, stem, masks)
        rows += [
            (stem if number is None else f"{stem}_{number}", rle_encode(where))
            for number, where in objects_of(masks, predictor.spec.classes)
        ]
        count += 1
    if rle is not None:
        _write_rle(rle, rows)
    return count


def _write_rle(path: Path, rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("ImageId", "EncodedPixels"))
        writer.writerows(rows)
