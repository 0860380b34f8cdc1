"""Predict a directory: to a callback, to pictures, to a run-length csv."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore import submissions
from segcore.errors import DataError, Finding, SegmentationError
from segcore.masks import masks_of
from segshell import files, images
from segshell.folders import IMAGE_EXTENSIONS
from segshell.framing import Decoded
from segshell.image_reader import ImageReader
from segshell.outputs import require_apart, require_new_table
from segshell.prediction import Map, Predictor, ahead, predict_decoded

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


def readable_files(reader: ImageReader, directory: Path, limit: int = -1) -> tuple[Path, ...]:
    """Return the images of a directory, sorted by name, at most `limit` where it is not negative.

    Raises
    ------
    DataError
        As `image_files`, and with all images at once whose header cannot be read or says that they are too large.

    """
    found = image_files(directory)
    chosen = found if limit < 0 else found[:limit]
    faults: list[Finding] = []
    for path in chosen:
        try:
            reader.header(path)
        except DataError as error:
            faults += error.findings
    if faults:
        raise DataError(faults)
    return chosen


def decoder(predictor: Predictor) -> Callable[[Path], Decoded]:
    """Return a function that decodes an image file and brings it before a network."""
    return lambda path: predictor.decoded(path.name, predictor.reader.read(path))


def predictions(
    predictor: Predictor, directory: Path, batch: int, limit: int = -1
) -> Iterator[tuple[Decoded, NDArray[np.float32]]]:
    """Yield every image of a directory with its probabilities, float32 (h,w,classes) at the image's own size.

    Raises
    ------
    DataError
        Before the first image where headers cannot be read; later for an image whose pixels cannot, with how many
        images came before.

    """
    chosen, done = readable_files(predictor.reader, directory, limit), 0
    decoded = ahead(decoder(predictor), chosen, waiting=predictor.waiting)
    try:
        for pair in predict_decoded(predictor, decoded, batch):
            yield pair
            done += 1
    except DataError as error:
        message = f"{done} of {len(chosen)} images are done, in the order of their names; the others are not."
        stopped = Finding("stopped", message, advice="Repair or remove the file and predict again.")
        raise DataError((*error.findings, stopped)) from error


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
    predictor: Predictor,
    directory: Path,
    output: Path,
    batch: int,
    *,
    arrays: bool,
    limit: int = -1,
    inputs: Iterable[Path] = (),
) -> int:
    """Write the probabilities of every image as PNG (0-255; a file per class of several) or as float32 .npy.

    Neither the directory nor one of `inputs` may be the folder that is written to.

    Returns
    -------
    int
        Number of images.

    """
    require_apart(output, [directory, *inputs])
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
    style: submissions.Style = "image",
    *,
    file_names: bool = False,
) -> int:
    """Write a mask PNG per image, and a run-length csv; an empty cell where nothing is found.

    Classes that do not exclude each other have a PNG each. The csv is of a `style` of `segcore.submissions.rows`: by
    default a row per image (and class, ``<stem>_<class>``, where there are several). It names images by their stem, or
    with `file_names` by the whole name of the file.

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
        shown = decoded.name if file_names else stem
        rows += submissions.rows(shown, masks, predictor.spec.classes, style) if rle else ()
        count += 1
    if rle is not None:
        _write_rle(rle, submissions.header(style), rows)
    return count


def _write_rle(path: Path, header: tuple[str, str], rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.replacing(path) as aside, aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
