"""Resampling of one axis as a matrix: what a layer multiplies rows and columns with."""

import numpy as np
from numpy.typing import NDArray


def _require(source: int, target: int) -> None:
    if source < 1 or target < 1:
        raise ValueError(f"sizes must be 1 or more, got {source} and {target}")


def bilinear(source: int, target: int, *, aligned: bool = False) -> NDArray[np.float32]:
    """Return the matrix of linear interpolation from `source` to `target` values.

    Parameters
    ----------
    source, target
        Number of values, 1 or more.
    aligned
        Whether the centres of the first and the last value stay where they are (``align_corners``, as the
        public DeepLab weights were trained with); else the outer edges do (half-pixel centres).

    Returns
    -------
    NDArray
        float32 (target, source); each row sums to 1.

    Raises
    ------
    ValueError
        When a size is below 1.

    """
    _require(source, target)
    places = np.arange(target, dtype=np.float64)
    if aligned:
        places *= (source - 1) / max(target - 1, 1)
    else:
        places = (places + 0.5) * (source / target) - 0.5
    places = np.clip(places, 0, source - 1)[:, None]
    matrix: NDArray[np.float32] = np.maximum(0, 1 - np.abs(places - np.arange(source))).astype(np.float32)
    return matrix


def average(source: int, target: int) -> NDArray[np.float32]:
    """Return the matrix of adaptive average pooling: value i is the mean of a window of the source.

    Window i is [floor(i s / t), ceil((i + 1) s / t)) for s source and t target values; windows overlap
    where t does not divide s, and there may be more of them than values.

    Parameters
    ----------
    source, target
        Number of values, 1 or more.

    Returns
    -------
    NDArray
        float32 (target, source); each row sums to 1.

    Raises
    ------
    ValueError
        When a size is below 1.

    """
    _require(source, target)
    windows = np.arange(target)[:, None]
    first, end = windows * source // target, -(-(windows + 1) * source // target)
    inside = (np.arange(source) >= first) & (np.arange(source) < end)
    matrix: NDArray[np.float32] = (inside / inside.sum(axis=1, keepdims=True)).astype(np.float32)
    return matrix
