"""The peers of our input pipeline: albumentations with torch's DataLoader, imgaug in two orders, and bare decoding.

Every peer gets the same files, the same ranges, bilinear interpolation of the image and nearest of the mask, and gives
uint8 arrays of one size. Decoding is OpenCV's, the fastest that they can use. Nothing is imported before it is needed,
so that a peer may be absent.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

File = tuple[Path, Path]
Array = NDArray[np.uint8]
Arrays = Sequence[tuple[Array, Array]]

# What cannot become a matrix or a table, as our config and as imgaug say it. PiecewiseAffine is left out: it costs 250
# ms an image on all sides, beside which nothing else shows.
UNFUSABLE: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "ElasticTransformation": (
        "{alpha: [10, 30], sigma: 5}",
        lambda iaa: iaa.ElasticTransformation(alpha=(10, 30), sigma=5),
    ),
    "MotionBlur": ("{k: 5}", lambda iaa: iaa.MotionBlur(k=5)),
    "CoarseDropout": (
        "{p: 0.05, size_percent: 0.1}",
        lambda iaa: iaa.CoarseDropout(p=0.05, size_percent=0.1),
    ),
    "GaussianBlur": ("{sigma: [0.5, 1.5]}", lambda iaa: iaa.GaussianBlur(sigma=(0.5, 1.5))),
    "AdditiveGaussianNoise": ("{scale: [5, 15]}", lambda iaa: iaa.AdditiveGaussianNoise(scale=(5, 15))),
}


def is_there(*modules: str) -> bool:
    """Return whether all of some modules are installed."""
    return all(find_spec(one) is not None for one in modules)


def hold_to_one_thread(seed: int) -> None:
    """Keep OpenCV and torch from starting threads of their own, and seed what the peers draw from."""
    import cv2

    from segshell.imgaug_compatibility import load

    cv2.setNumThreads(1)
    load().meta.iarandom.seed(seed)
    if is_there("torch"):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)


def read(file: File) -> tuple[Array, Array]:
    """Return an image uint8 (h,w,3), RGB, and its mask uint8 (h,w)."""
    import cv2

    image = cv2.cvtColor(cv2.imread(str(file[0])), cv2.COLOR_BGR2RGB)
    mask = cv2.imread(str(file[1]), cv2.IMREAD_GRAYSCALE)
    return image.astype(np.uint8, copy=False), np.asarray(mask, np.uint8)


def read_pillow(file: File) -> tuple[Array, Array]:
    """Return the same as `read`, decoded by Pillow, without any check."""
    from PIL import Image

    with Image.open(file[0]) as image, Image.open(file[1]) as mask:
        return np.asarray(image.convert("RGB")), np.asarray(mask)


def read_scaled(file: File, side: int) -> tuple[Array, Array]:
    """Return an image that the JPEG decoder has halved as often as it stays at least `side`, and its mask."""
    from PIL import Image

    with Image.open(file[0]) as image, Image.open(file[1]) as mask:
        image.draft("RGB", (side, side))
        return np.asarray(image), np.asarray(mask)


def resized(image: Array, mask: Array, side: int, *, area: bool = False) -> tuple[Array, Array]:
    """Return image and mask with `side` pixels each way, the image by linear interpolation or by area averages."""
    import cv2

    size, how = (side, side), cv2.INTER_AREA if area else cv2.INTER_LINEAR
    return (
        cv2.resize(image, size, interpolation=how),
        cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST),
    )


def albumentations_spec(side: int | None = None, *, area: bool = False) -> Any:
    """Return the augmentation of `pipeline_ours.SPEC`, after a resize to `side` where it is given."""
    import albumentations
    import cv2

    how = cv2.INTER_AREA if area else cv2.INTER_LINEAR
    return albumentations.Compose(
        [
            *([] if side is None else [albumentations.Resize(side, side, interpolation=how)]),
            albumentations.HorizontalFlip(p=0.5),
            albumentations.VerticalFlip(p=0.5),
            albumentations.Affine(scale=(0.9, 1.1), rotate=(-20, 20), translate_percent=(-0.1, 0.1), p=1),
            # Its own multiplication of values takes twice as long.
            albumentations.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0, p=1),
        ]
    )


@frozen
class Files:
    """A data set as torch's DataLoader wants it: image uint8 (h,w,3) and mask uint8 (h,w) of a position."""

    files: tuple[File, ...]
    transform: Any

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, position: int) -> tuple[Array, Array]:
        image, mask = read(self.files[position])
        made = self.transform(image=image, mask=mask)
        return made["image"], made["mask"]


def loader(files: Sequence[File], transform: Any, batch: int, workers: int = 0) -> Any:
    """Return a shuffling torch DataLoader; its workers, where it has some, stay from epoch to epoch."""
    from torch.utils.data import DataLoader

    dataset = Files(tuple(files), transform)
    return DataLoader(dataset, batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0)


def exhaust(made: Iterable[Any]) -> int:
    """Take everything and return how much it was."""
    return sum(1 for _ in made)


def imgaug_spec(unfusable: str | None = None) -> list[Any]:
    """Return the augmenters of `pipeline_ours.SPEC`, one of `UNFUSABLE` before the brightness where it is named."""
    from segshell.imgaug_compatibility import load

    iaa = load()
    return [
        iaa.Fliplr(0.5),
        iaa.Flipud(0.5),
        iaa.Affine(rotate=(-20, 20), scale=(0.9, 1.1), translate_percent=(-0.1, 0.1)),
        *([] if unfusable is None else [UNFUSABLE[unfusable][1](iaa)]),
        iaa.Multiply((0.8, 1.2)),
    ]


def by_imgaug(
    pairs: Iterable[tuple[Array, Array]], augmenters: list[Any], batch: int
) -> Iterator[tuple[Any, Any]]:
    """Yield batches (b,h,w,3) and (b,h,w) of pairs that imgaug augments batch by batch, its fastest way.

    The images may have several sizes where the augmenters bring them to one.
    """
    from imgaug.augmentables.segmaps import SegmentationMapsOnImage

    from segshell.imgaug_compatibility import load

    tree = load().Sequential(augmenters)
    for chunk in _chunks(pairs, batch):
        maps = [SegmentationMapsOnImage(mask, shape=image.shape) for image, mask in chunk]
        images, changed = tree(images=[image for image, _ in chunk], segmentation_maps=maps)
        yield np.array(images), np.array([one.get_arr() for one in changed])


def _chunks(pairs: Iterable[tuple[Array, Array]], size: int) -> Iterator[list[tuple[Array, Array]]]:
    chunk = []
    for pair in pairs:
        chunk.append(pair)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def seeds_order(files: Sequence[File], side: int, batch: int) -> Iterator[tuple[Any, Any]]:
    """Yield batches as the seed system makes them: augmented at the images' own size, resized at the end."""
    from segshell.imgaug_compatibility import load

    last = load().Resize({"height": side, "width": side})
    return by_imgaug(map(read, files), [*imgaug_spec(), last], batch)


def resize_first(
    files: Sequence[File], side: int, batch: int, unfusable: str | None = None
) -> Iterator[tuple[Any, Any]]:
    """Yield batches of imgaug in the best order: decoded, resized by OpenCV, then augmented."""
    pairs = (resized(*read(file), side) for file in files)
    return by_imgaug(pairs, imgaug_spec(unfusable), batch)


@frozen
class Drawn:
    """Concrete parameters: a 2x3 matrix and a table of 256 values."""

    matrix: NDArray[np.float64]
    table: Array


def drawn(pairs: Arrays, seed: int = 0) -> list[Drawn]:
    """Return parameters for `one_warp`, one for each pair."""
    import cv2

    draws, found = np.random.default_rng(seed), []
    for _, mask in pairs:
        centre = mask.shape[1] / 2, mask.shape[0] / 2
        matrix = cv2.getRotationMatrix2D(centre, draws.uniform(-20, 20), draws.uniform(0.9, 1.1))
        matrix[:, 2] += draws.uniform(-0.1, 0.1, 2) * mask.shape[::-1]
        table = np.clip(np.arange(256) * draws.uniform(0.8, 1.2), 0, 255)
        found.append(Drawn(matrix, table.astype(np.uint8)))
    return found


def one_warp(pairs: Arrays, parameters: Sequence[Drawn]) -> None:
    """Warp each image and mask once, and look the image up in a table: the parameters are at hand, a floor."""
    import cv2

    for (image, mask), one in zip(pairs, parameters, strict=True):
        size = mask.shape[::-1]
        cv2.LUT(cv2.warpAffine(image, one.matrix, size), one.table)
        cv2.warpAffine(mask, one.matrix, size, flags=cv2.INTER_NEAREST)
