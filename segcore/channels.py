"""From the bands that an image file stores to the channels that a network sees: a choice, and a range."""

from typing import Any, TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import DataError, Finding

Choice: TypeAlias = str | tuple[int, ...] | None
"""``rgb``, ``grey``, ``rgba``, positions of bands from 0, or None for what the number of channels says."""

WORDS = ("rgb", "grey", "rgba")
_BY_COUNT = ((1, "grey"), (3, "rgb"), (4, "rgba"))
_WIDTHS = (("rgb", 3), ("rgba", 4))
# ITU-R BT.601-7, section 2.5.1.
LUMA = (0.299, 0.587, 0.114)


@frozen
class Bands:
    """What of an image goes into the network.

    Attributes
    ----------
    count
        Channels of the network.
    channels
        Which they are.
    range
        Values of more than 8 bits that become 0 and 255; None: 0 to 65535 by the high byte.

    """

    count: int = 3
    channels: Choice = None
    range: tuple[float, float] | None = None

    @property
    def word(self) -> str:
        """``rgb``, ``grey`` or ``rgba``, or empty where bands are taken as they are stored."""
        if self.channels is None:
            return dict(_BY_COUNT).get(self.count, "")
        return self.channels if isinstance(self.channels, str) else ""

    @property
    def shortest(self) -> "Bands":
        """The same without a word that the number of channels says anyway; bounds are floating point."""
        is_said = self.channels is not None and self.channels == dict(_BY_COUNT).get(self.count)
        bounds = self.range and (float(self.range[0]), float(self.range[1]))
        return Bands(self.count, None if is_said else self.channels, bounds)


def width_problem(channels: Choice, count: int) -> str:
    """Return why a choice of channels does not give `count` of them, or an empty text."""
    if channels is None or channels == "grey":
        return ""
    given = dict(_WIDTHS)[channels] if isinstance(channels, str) else len(channels)
    return "" if given == count else f"channels gives {given} of them, but the network takes {count}."


def _refuse(code: str, message: str, advice: str) -> DataError:
    return DataError([Finding(code, message, advice=advice)])


def _worded(stored: NDArray[Any], word: str, count: int) -> NDArray[Any]:
    colour = stored[..., :3] if stored.shape[2] >= 3 else np.repeat(stored[..., :1], 3, axis=2)
    if word == "rgb":
        return colour
    if word == "grey":
        is_grey = stored.shape[2] < 3
        grey = (
            stored[..., :1] if is_grey else np.rint(colour @ np.array(LUMA)).astype(stored.dtype)[..., None]
        )
        return np.repeat(grey, count, axis=2)
    return stored[..., :4]


def selected(stored: NDArray[Any], bands: Bands, where: object) -> NDArray[Any]:
    """Return the chosen channels (h, w, count) of stored bands (h, w, n), values as they are.

    Parameters
    ----------
    stored
        (h, w, n), any numbers.
    bands
        Which to take. ``grey`` is ITU-R 601 luma, repeated; ``rgb`` repeats grey; ``rgba`` needs four.
    where
        Name of the image in messages.

    Raises
    ------
    DataError
        ``image-channels`` where the file has not the bands that are asked for.

    """
    held = stored.shape[2]
    if bands.word == "rgba" and held < 4:
        raise _refuse("image-channels", f"{where}: {held} channels; rgba needs 4.", "Write channels: rgb.")
    if bands.word and (bands.channels or held <= 4):
        return _worded(stored, bands.word, bands.count)
    if isinstance(bands.channels, tuple):
        beyond = [one for one in bands.channels if one >= held]
        if beyond:
            message = f"{where}: there is no channel {beyond[0]}; it has {held}, counted from 0."
            raise _refuse("image-channels", message, "Correct `channels`.")
        return stored[..., list(bands.channels)]
    if held != bands.count:
        message = f"{where}: {held} channels; the network takes {bands.count}."
        raise _refuse("image-channels", message, "Correct `shape`, or list the ones to take in `channels`.")
    return stored


def eight_bits(values: NDArray[Any], bounds: tuple[float, float] | None, where: object) -> NDArray[np.uint8]:
    """Return values of any type as uint8 of the same shape.

    Parameters
    ----------
    values
        8 bits stay as they are; 16 bits lose their low byte unless there are bounds; bool becomes 0 and 255.
    bounds
        Low and high: clip, then round((v - low) 255 / (high - low)); not for 8 bits.
    where
        Name of the image in messages.

    Raises
    ------
    DataError
        ``pixel-type`` for other types without bounds, and for values that are no finite numbers.

    """
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if bounds is None and values.dtype == np.uint16:
        return (values >> 8).astype(np.uint8)
    if bounds is None:
        message = f"{where}: pixels of type {values.dtype} from {values.min()} to {values.max()}."
        raise _refuse("pixel-type", message, "Declare `range: [low, high]`, or save it with 8 or 16 bits.")
    if not np.isfinite(values).all():
        lost = int((~np.isfinite(values)).sum())
        message = f"{where}: {lost} values are no finite numbers."
        raise _refuse("pixel-type", message, "Replace them in the file.")
    low, high = bounds
    share = (np.clip(values.astype(np.float64), low, high) - low) / (high - low)
    return np.rint(share * 255).astype(np.uint8)
