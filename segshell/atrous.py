"""What the encoders and the decoder of DeepLabv3+ are built from: rates, normalisation, separable convolutions.

Layers carry the names of the public weights files.
"""

from collections.abc import Iterable
from typing import Any

from keras import layers


def atrous(strides: Iterable[int], given: int, wanted: int) -> list[tuple[int, int]]:
    """Return stride and rate of each block: once maps are small enough, strides become rates of later blocks.

    Parameters
    ----------
    strides
        The stride of each block of the classifier.
    given
        By how much the maps have shrunk before the first block.
    wanted
        The output stride: by how much they may shrink at most.

    Notes
    -----
    Chen et al., *Rethinking Atrous Convolution for Semantic Image Segmentation* (arXiv:1706.05587), section 3.1.

    """
    plan, rate = [], 1
    for stride in strides:
        if given < wanted:
            plan.append((stride, rate))
            given *= stride
        else:
            plan.append((1, rate))
            rate *= stride
    return plan


def normalised(maps: Any, name: str, epsilon: float = 1e-3) -> Any:
    """Return maps after a BatchNormalization of this name."""
    return layers.BatchNormalization(epsilon=epsilon, name=name)(maps)


def convolved(maps: Any, filters: int, name: str, *, size: int = 1, stride: int = 1) -> Any:
    """Return maps (b, ceil(h / stride), ceil(w / stride), filters) after a convolution without bias.

    Strided ones are padded alike on both sides, so that pixels do not drift.
    """
    if stride > 1 and size > 1:
        maps = layers.ZeroPadding2D(size // 2)(maps)
    padding = "valid" if stride > 1 else "same"
    return layers.Conv2D(filters, size, stride, padding, use_bias=False, name=name)(maps)


def separable(
    maps: Any,
    filters: int,
    name: str,
    *,
    stride: int = 1,
    rate: int = 1,
    is_activated: bool = True,
    epsilon: float = 1e-3,
) -> Any:
    """Return maps (b, ceil(h / stride), ceil(w / stride), filters) after a 3 x 3 depthwise separable convolution.

    `is_activated` puts a ReLU behind each of the two halves; else one stands before them.
    """
    if stride > 1:
        maps = layers.ZeroPadding2D(rate)(maps)
    if not is_activated:
        maps = layers.ReLU()(maps)
    padding = "valid" if stride > 1 else "same"
    maps = layers.DepthwiseConv2D(
        3, stride, padding, dilation_rate=rate, use_bias=False, name=f"{name}_depthwise"
    )(maps)
    maps = normalised(maps, f"{name}_depthwise_BN", epsilon)
    if is_activated:
        maps = layers.ReLU()(maps)
    maps = convolved(maps, filters, f"{name}_pointwise")
    maps = normalised(maps, f"{name}_pointwise_BN", epsilon)
    return layers.ReLU()(maps) if is_activated else maps


def named_branch(maps: Any, filters: int, name: str) -> Any:
    """Return maps after a 1 x 1 convolution, its BatchNormalization as the decoder has it, and a ReLU."""
    return layers.ReLU()(normalised(convolved(maps, filters, name), f"{name}_BN", 1e-5))
