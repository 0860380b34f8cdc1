"""What an encoder expects of its pixels, as numpy definitions."""

import numpy as np
from numpy.typing import NDArray

RULES: tuple[str, ...] = ("identity", "tf", "torch", "caffe")

# Statistics of the ImageNet training images, RGB in [0, 1] and BGR in [0, 255].
MEAN: tuple[float, float, float] = (0.485, 0.456, 0.406)
DEVIATION: tuple[float, float, float] = (0.229, 0.224, 0.225)
MEAN_BGR: tuple[float, float, float] = (103.939, 116.779, 123.68)


def spread(values: tuple[float, float, float], channels: int) -> tuple[float, ...]:
    """Return one value per channel from those of the three colours.

    Parameters
    ----------
    values
        One per colour, in the order of the colours.
    channels
        Number of channels, 1 or more. With fewer than three there are no colours and each channel takes the
        mean of the three, as do the channels beyond the third.

    """
    mean = sum(values) / len(values)
    return (mean,) * channels if channels < len(values) else (*values, *(mean,) * (channels - len(values)))


def order(rule: str, channels: int) -> tuple[int, ...]:
    """Return which given channel stands at each place: ``caffe`` has the first three the other way round."""
    given = tuple(range(channels))
    return (2, 1, 0, *given[3:]) if rule == "caffe" and channels >= len(MEAN_BGR) else given


def _spread(values: tuple[float, float, float], channels: int) -> NDArray[np.float32]:
    return np.array(spread(values, channels), dtype=np.float32)


def apply_rule(rule: str, pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return pixels as an encoder expects them.

    Parameters
    ----------
    rule
        ``identity``: x. ``tf``: x / 127.5 - 1, in [-1, 1]. ``torch``: (x / 255 - mean) / deviation.
        ``caffe``: channels in the order BGR, minus their means.
    pixels
        (..., h, w, c), any real dtype, 0 to 255; the first three channels are RGB where there are three or
        more. Means and deviations of other channels are the mean of the three colours'.

    Returns
    -------
    NDArray
        float32 of the same shape; a new array.

    Raises
    ------
    ValueError
        When the rule is unknown.

    Notes
    -----
    Formulas and constants: ``preprocess_input`` of keras_applications 1.0.8, ``imagenet_utils.py``; that of
    other numbers of channels is ours.

    """
    if rule not in RULES:
        raise ValueError(f"{rule!r} is no input rule; valid: {', '.join(RULES)}")
    given: NDArray[np.float32] = pixels.astype(np.float32)
    channels = given.shape[-1]
    if rule == "tf":
        return given / np.float32(127.5) - np.float32(1)
    if rule == "torch":
        return (given / np.float32(255) - _spread(MEAN, channels)) / _spread(DEVIATION, channels)
    if rule == "caffe":
        return given[..., order(rule, channels)] - _spread(MEAN_BGR, channels)
    return given
