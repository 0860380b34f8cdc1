"""Replaces the background of training samples by pictures of a folder: `dataset_augmenter: BackgroundReplacer`."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from segcore.backgrounds import READING, Replacement, calls_of, drawn
from segcore.plans import StageRun
from segcore.seeds import generator
from segcore.values import Call
from segshell.augmenters import Augmenter, Pair, Pixels8
from segshell.background_folders import content, fault, stamps
from segshell.builders import STANDARD, Builders
from segshell.image_reader import ImageReader
from segshell.images import resize_image
from segshell.transforms import Transforms

BUDGET = 2**28


def covering(picture: Pixels8, size: tuple[int, int], across: float = 0.5, down: float = 0.5) -> Pixels8:
    """Return the part of a picture (h,w,c) that fills `size` (height, width), its proportions kept.

    The picture is scaled until it just covers the size; where it is then longer on one side, `across` and `down`
    (0 to 1) say which part is shown: 0 is the left or upper edge, 1 the right or lower one.
    """
    scale = max(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (
        max(wanted, round(given * scale)) for wanted, given in zip(size, picture.shape[:2], strict=True)
    )
    scaled = picture if (height, width) == picture.shape[:2] else resize_image(picture, (height, width))
    top, left = int(down * (height - size[0]) + 0.5), int(across * (width - size[1]) + 0.5)
    return scaled[top : top + size[0], left : left + size[1]]


def eroded(stencil: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Return a stencil (h,w) shrunk by a square of 2 `pixels` + 1; beyond the image's edge objects go on.

    What is kept are the pixels whose whole neighbourhood, `pixels` in every direction, belongs to an object.
    """
    if not pixels:
        return stencil
    kernel = np.ones((3, 3), np.uint8)
    # Steps of one pixel: a square is what several of them make, and OpenCV's anchor stays in the middle.
    shrunk = cv2.erode(
        stencil.astype(np.uint8), kernel, iterations=pixels, borderType=cv2.BORDER_CONSTANT, borderValue=1
    )
    return np.asarray(shrunk, dtype=np.bool_)


class Backgrounds:
    """What a `BackgroundReplacer` does to training samples, ready for any number of threads.

    Parameters
    ----------
    call
        The call as the plan holds it: its path is absolute, ``content`` is the digest of its pictures, and
        ``channels`` and ``range`` say how images are read, where the data set does.
    builders
        Names to builders, for the augmenters of the pictures.
    transforms
        What is done to every picture at its own size, as to every image.
    budget
        Bytes of decoded pictures that are kept at most; others are decoded anew each time.

    Raises
    ------
    DataError
        With code ``backgrounds``, when the pictures are missing or are not those of the plan.
    ConfigError
        With code ``augmenter``, when imgaug refuses one of the augmenters or transforms.

    """

    def __init__(
        self,
        call: Call,
        builders: Builders = STANDARD,
        transforms: Iterable[Call] = (),
        budget: int = BUDGET,
    ) -> None:
        self.call, self.budget, self.used = call, budget, 0
        self.folder = Path(str(call.get("path")))
        self._stamps = stamps(self.folder)
        self.pictures = tuple(self.folder / name for name, _, _ in self._stamps)
        if content(self.folder) != call.get("content"):
            raise fault(f"{self.folder} has changed since the plan was made.", "Run again.")
        self._augmenter = Augmenter(calls_of(call), builders)
        self._transforms = Transforms(transforms)
        self._kept: dict[tuple[int, int], Pixels8] = {}
        self._lock = threading.Lock()

    @property
    def is_current(self) -> bool:
        """Whether the pictures are those that were found; sizes and times are looked at, not the bytes.

        Raises
        ------
        DataError
            With code ``backgrounds``, when the folder or its pictures are gone.

        """
        return stamps(self.folder) == self._stamps

    def _picture(self, number: int, channels: int) -> Pixels8:
        kept = self._kept.get((number, channels))
        if kept is not None:
            return kept
        reading: dict[str, Any] = {name: self.call.get(name) for name in READING}
        picture = self._transforms.apply(ImageReader(count=channels, **reading).read(self.pictures[number]))
        with self._lock:
            if (number, channels) not in self._kept and self.used + picture.nbytes <= self.budget:
                self._kept[number, channels] = picture
                self.used += picture.nbytes
        return picture

    def _replaced(self, found: Replacement, image: Pixels8, mask: Pixels8) -> Pixels8:
        size = image.shape[0], image.shape[1]
        picture = covering(self._picture(found.picture, image.shape[2]), size, found.across, found.down)
        changed, _ = self._augmenter.apply(found.steps, picture, np.zeros((*size, 1), np.uint8))
        behind = changed if changed.shape[:2] == size else resize_image(changed, size)
        stencil = eroded((mask != 0).any(axis=2), found.erosion)
        return np.where(stencil[..., None], image, behind)

    def apply(self, image: Pixels8, mask: Pixels8, seed: int, *place: int) -> Pair:
        """Return a sample with another background, or as it is: a function of its address.

        Parameters
        ----------
        image
            uint8 (h,w,c); not changed.
        mask
            uint8 (h,w,m), 0 where there is background, in every channel; it stays as it is.
        seed, place
            The sample's address: fold, stage, epoch and row.

        """
        found = drawn(
            self.call, len(self.pictures), generator(seed, "background", *place), self._augmenter.own
        )
        return (image, mask) if found is None else (self._replaced(found, image, mask), mask)


def augmenters_for(builders: Builders = STANDARD) -> Callable[[StageRun], Augmenter]:
    """Return a function that gives what is done to the training samples of a fold-stage.

    Backgrounds come first, then augmentation. Stages with the same backgrounds share the decoded pictures.

    The function raises DataError with code ``backgrounds``, when the pictures are missing or are not those of the
    plan, and ConfigError with code ``augmenter``, when imgaug refuses a call.
    """
    made: dict[str, Backgrounds] = {}

    def backgrounds_of(call: Call, transforms: tuple[Call, ...]) -> Backgrounds:
        # Not the calls themselves: 1, 1.0 and True are equal, yet imgaug understands them differently.
        key = repr((call, transforms))
        if key not in made or not made[key].is_current:
            made[key] = Backgrounds(call, builders, transforms)
        return made[key]

    def augmenter_of(run: StageRun) -> Augmenter:
        replacer = run.settings.dataset_augmenter
        backgrounds = None if replacer is None else backgrounds_of(replacer, run.network.transforms)
        return Augmenter(run.settings.augmentation, builders, backgrounds)

    return augmenter_of
