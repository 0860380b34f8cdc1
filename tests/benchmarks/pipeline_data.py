"""Pictures for the benchmarks of the input pipeline: made from a seed, and as costly to decode as photographs.

A picture is noise whose strength falls with its frequency, as in natural scenes (Field, 1987, Relations between the
statistics of natural images and the response properties of cortical cells), with shaded ellipses as objects; the mask
holds 0 and 255 and follows the ellipses with a rough edge, as hand-made masks do.
"""

from argparse import ArgumentParser
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

QUALITY = 90
OCTAVES = 8
DECAY = 0.7


@frozen
class Pictures:
    """A folder with the folders ``images`` (JPEG) and ``masks`` (PNG), file stems ``0000`` and so on.

    Attributes
    ----------
    count
        How many there are.

    """

    folder: Path
    count: int

    @property
    def images(self) -> tuple[Path, ...]:
        """The images, in the order of their names."""
        return tuple(self.folder / "images" / f"{number:04}.jpg" for number in range(self.count))

    @property
    def masks(self) -> tuple[Path, ...]:
        """The masks, in the order of their names."""
        return tuple(self.folder / "masks" / f"{number:04}.png" for number in range(self.count))


def add_options(parser: ArgumentParser) -> None:
    """Declare how many pictures there are, of which size, from which seed, and what they are brought to."""
    for name, default, help_ in (
        ("images", 64, "pictures"),
        ("height", 768, "of a picture in pixels"),
        ("width", 800, "of a picture in pixels"),
        ("side", 320, "of the network's input in pixels"),
        ("batch", 16, "samples in a batch"),
        ("seed", 0, "of the pictures"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{help_}, {default} by default")


def _noise(draws: np.random.Generator, height: int, width: int, channels: int) -> NDArray[np.float32]:
    """Return float32 (h,w,c), mean 0: octaves of noise, each `DECAY` times as strong as the coarser one before."""
    import cv2

    total = np.zeros((height, width, channels), np.float32)
    for octave in range(OCTAVES):
        cells = 2 ** (octave + 2)
        coarse = draws.standard_normal((cells, cells, channels), dtype=np.float32)
        total += DECAY**octave * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).reshape(
            total.shape
        )
    return total


def _objects(draws: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """Return uint8 (h,w), 0 and 255: some ellipses whose edges waver."""
    import cv2

    stencil = np.zeros((height, width), np.uint8)
    for _ in range(int(draws.integers(3, 9))):
        centre = int(draws.integers(0, width)), int(draws.integers(0, height))
        axes = tuple(int(one) for one in draws.integers(height // 20, height // 5, 2))
        cv2.ellipse(stencil, centre, axes, float(draws.uniform(0, 180)), 0, 360, 255, -1)
    rough = cv2.GaussianBlur(stencil, (0, 0), 4) + 40 * _noise(draws, height, width, 1)[..., 0]
    return np.where(rough > 127, 255, 0).astype(np.uint8)


def _picture(
    draws: np.random.Generator, height: int, width: int
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return an image uint8 (h,w,3) in OpenCV's order of colours, and its mask uint8 (h,w)."""
    mask = _objects(draws, height, width)
    scene = _noise(draws, height, width, 3) + _noise(draws, height, width, 1)
    tint = draws.normal(0, 1.5, 3).astype(np.float32)
    scene += (mask > 0)[..., None] * tint + draws.normal(0, 0.05, scene.shape).astype(np.float32)
    return np.clip(118 + 28 * scene, 0, 255).astype(np.uint8), mask


def make(folder: Path, count: int, height: int, width: int, seed: int) -> Pictures:
    """Write `count` images and masks below a folder that does not have them yet, and return where they are."""
    import cv2

    made = Pictures(folder, count)
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    for number, (image, mask) in enumerate(zip(made.images, made.masks, strict=True)):
        pixels, stencil = _picture(np.random.default_rng((seed, number)), height, width)
        cv2.imwrite(str(image), pixels, (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
        cv2.imwrite(str(mask), stencil)
    return made
