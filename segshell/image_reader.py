"""How the images of a data set are read; decoders are imported when the first one is."""

from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.channels import Bands, Choice, eight_bits, selected


@frozen
class ImageReader:
    """What of an image file goes into the network, and how it is brought to 8 bits.

    Attributes
    ----------
    channels
        ``rgb``, ``grey``, ``rgba``, or positions of the file's bands from 0; None: by `count` 1 grey, 3 rgb,
        4 rgba, else all bands of the file, which must be that many.
    range
        Values of files of more than 8 bits that become 0 and 255 (clipped between); None: the high byte of 16.
    count
        Channels of the network.

    """

    channels: Choice = None
    range: tuple[float, float] | None = None
    count: int = 3

    @property
    def bands(self) -> Bands:
        """What is taken, as the core's record."""
        return Bands(self.count, self.channels, self.range)

    @property
    def meaning(self) -> str:
        """What decides the pixels beside the file and the number of channels; empty where that is the default."""
        plain = self.bands.shortest
        if plain == Bands(self.count):
            return ""
        return repr(ImageReader(plain.channels, plain.range, 0))

    def header(self, path: str | Path) -> tuple[int, int]:
        """Return height and width in pixels without decoding, upright.

        Raises
        ------
        DataError
            ``unreadable-image``, ``image-too-large`` or ``several-frames``.

        """
        from segshell import image_files, tiff_files

        if not self.bands.word and tiff_files.is_tiff(Path(path)):
            found = tiff_files.layout(Path(path))
            return found.height, found.width
        return image_files.header(path)[:2]

    def read(self, path: str | Path) -> NDArray[np.uint8]:
        """Return an image as uint8 (h, w, count), 0 to 255, upright; may be read-only.

        Raises
        ------
        DataError
            As `image_files.read_image`; ``image-channels`` where the file has not the channels asked for;
            ``pixel-type`` where its values need a range, or are not finite.

        """
        from segshell import image_bands

        place = Path(path)
        if self.bands.word and not (self.range and image_bands.is_deep(place)):
            return self._plain(place)
        return self._banded(image_bands.read_bands(place), place)

    def _banded(self, stored: NDArray[Any], path: Path) -> NDArray[np.uint8]:
        return eight_bits(selected(stored, self.bands, path), self.range, path)

    def _plain(self, path: Path) -> NDArray[np.uint8]:
        from segshell import image_bands, image_files, tiff_files

        widths = {"grey": 1, "rgb": 3, "rgba": 4}
        try:
            pixels = image_files.read_image(path, widths[self.bands.word])
        except image_files.UnknownImageError:
            if not tiff_files.is_tiff(path):
                raise
            return self._banded(image_bands.read_bands(path), path)
        return np.repeat(pixels, self.count, axis=2) if pixels.shape[2] < self.count else pixels
