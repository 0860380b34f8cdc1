"""MobileNetV2 as an encoder of DeepLabv3+: strides that would make maps too small become atrous rates.

Sandler et al., *MobileNetV2: Inverted Residuals and Linear Bottlenecks* (arXiv:1801.04381), table 2.
"""

from itertools import accumulate
from typing import Any

from keras import layers

from segshell.atrous import atrous, convolved, normalised

# Expansion factor, output channels, number of blocks, stride of the first of them.
GROUPS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
_STEM = 32


def divisible(filters: float, divisor: int = 8) -> int:
    """Return the multiple of `divisor` nearest to a number of filters, never less than 90 % of it."""
    nearest = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * filters else nearest


def _relu6(maps: Any) -> Any:
    return layers.ReLU(6.0)(maps)


def _block(
    maps: Any, name: str, expansion: int, filters: int, plan: tuple[int, int], *, is_joined: bool
) -> Any:
    """Return maps after one inverted residual: wide, depthwise, narrow, and the input added if `is_joined`."""
    stride, rate = plan
    inner = maps
    if expansion > 1:
        inner = convolved(inner, expansion * maps.shape[-1], f"{name}_expand")
        inner = _relu6(normalised(inner, f"{name}_expand_BN"))
    inner = layers.DepthwiseConv2D(
        3, stride, "same", dilation_rate=rate, use_bias=False, name=f"{name}_depthwise"
    )(inner)
    inner = _relu6(normalised(inner, f"{name}_depthwise_BN"))
    inner = normalised(convolved(inner, filters, f"{name}_project"), f"{name}_project_BN")
    return layers.Add()([maps, inner]) if is_joined else inner


def mobilenet_v2(pixels: Any, output_stride: int, alpha: float) -> Any:
    """Return the maps (b, ceil(h / output_stride), ceil(w / output_stride), 320 alpha) of pixels (b, h, w, c).

    Parameters
    ----------
    pixels
        float32 in [-1, 1].
    output_stride
        8 or 16.
    alpha
        Width multiplier: every number of filters times this, brought to a multiple of 8.

    """
    maps = layers.Conv2D(divisible(_STEM * alpha), 3, 2, "same", use_bias=False, name="Conv")(pixels)
    maps = _relu6(normalised(maps, "Conv_BN"))
    strides = [stride if not place else 1 for _, _, count, stride in GROUPS for place in range(count)]
    plans = atrous(strides, 2, output_stride)
    starts = accumulate((count for _, _, count, _ in GROUPS), initial=0)
    for (expansion, filters, count, _), start in zip(GROUPS, starts, strict=False):
        for place in range(count):
            number = start + place
            name = f"expanded_conv_{number}" if number else "expanded_conv"
            width = divisible(int(filters * alpha))
            maps = _block(maps, name, expansion, width, plans[number], is_joined=place > 0)
    return maps
