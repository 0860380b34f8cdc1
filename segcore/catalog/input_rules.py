"""What an encoder expects of its pixels, as numpy definitions."""

import numpy as np
from numpy.typing import NDArray

RULES: tuple[str, ...] = ("identity", "tf", "torch", "caffe")

# Statistics of the ImageNet training images, RGB in [0, 1] and BGR in [0, 255].
MEAN: tuple[float, float, float] = (0.485, 0.456, 0.406)
DEVIATION: tuple[float, float, float] = (0.229, 0.224, 0.225)
MEAN_BGR: tuple[float, float, float] = (103.939, 116.779, 123.68)


def _channels(values: tuple[float, float, float]) -> NDArray[np.float32]:
    return np.array(values, dtype=np.float32)


def apply_rule(rule: str, pixels: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return pixels as an encoder expects them.

    Parameters
    ----------
    rule
        ``identity``: x. ``tf``: x / 127.5 - 1, in [-1, 1]. ``torch``: (x / 255 - mean) / deviation.
        ``caffe``: channels in the order BGR, minus their means.
    pixels
        (..., h, w, c) in RGB order, any real dtype, 0 to 255; c is 3 for ``torch`` and ``caffe``.

    Returns
    -------
    NDArray
        float32 of the same shape; a new array.

    Raises
    ------
    ValueError
        When the rule is unknown, or the number of channels does not fit it.

    Notes
    -----
    Formulas and constants: ``preprocess_input`` of keras_applications 1.0.8, ``imagenet_utils.py``.

    """
    if rule not in RULES:
        raise ValueError(f"{rule!r} is no input rule; valid: {', '.join(RULES)}")
    if rule in ("torch", "caffe") and pixels.shape[-1:] != (3,):
        raise ValueError(f"the rule {rule} is for 3 channels, got pixels of shape {pixels.shape}")
    given: NDArray[np.float32] = pixels.astype(np.float32)
    if rule == "tf":
        return given / np.float32(127.5) - np.float32(1)
    if rule == "torch":
        return (given / np.float32(255) - _channels(MEAN)) / _channels(DEVIATION)
    return given[..., ::-1] - _channels(MEAN_BGR) if rule == "caffe" else given
