"""The modified aligned Xception as an encoder of DeepLabv3+: its 65 layers, without pooling, with atrous rates.

Chen et al., *Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation*
(arXiv:1802.02611), figure 4; Chollet, *Xception* (arXiv:1610.02357).
"""

from typing import Any

from keras import layers

from segshell.atrous import atrous, convolved, normalised, separable

_MIDDLE = 16
# Of the entry flow's three blocks, the middle flow's 16, and the exit flow's two.
_STRIDES = (2, 2, 2, *(1,) * _MIDDLE, 2, 1)


def _stem(pixels: Any) -> Any:
    maps = layers.Conv2D(32, 3, 2, "same", use_bias=False, name="entry_flow_conv1_1")(pixels)
    maps = layers.ReLU()(normalised(maps, "entry_flow_conv1_1_BN"))
    maps = convolved(maps, 64, "entry_flow_conv1_2", size=3)
    return layers.ReLU()(normalised(maps, "entry_flow_conv1_2_BN"))


def _residual(
    maps: Any, filters: tuple[int, int, int], name: str, plan: tuple[int, int], *, is_activated: bool = False
) -> tuple[Any, Any]:
    """Return maps after three separable convolutions, the last one strided, and those after two of them."""
    stride, rate = plan
    inner = []
    for number, width in enumerate(filters, start=1):
        maps = separable(
            maps,
            width,
            f"{name}_separable_conv{number}",
            stride=stride if number == len(filters) else 1,
            rate=rate,
            is_activated=is_activated,
        )
        inner.append(maps)
    return maps, inner[-2]


def _projected(maps: Any, filters: tuple[int, int, int], name: str, plan: tuple[int, int]) -> tuple[Any, Any]:
    """Return a block whose input is added after a 1 x 1 convolution, and its maps at the size of the input."""
    residual, skip = _residual(maps, filters, name, plan)
    shortcut = convolved(maps, filters[-1], f"{name}_shortcut", stride=plan[0])
    return layers.Add()([residual, normalised(shortcut, f"{name}_shortcut_BN")]), skip


def xception(pixels: Any, output_stride: int) -> tuple[Any, Any]:
    """Return the maps of pixels (b, h, w, c), and those of the decoder's skip.

    Parameters
    ----------
    pixels
        float32 in [-1, 1].
    output_stride
        8 or 16.

    Returns
    -------
    tuple
        (b, ceil(h / output_stride), ceil(w / output_stride), 2048) and (b, ceil(h / 4), ceil(w / 4), 256).

    """
    first, second, third, *middle, exit1, exit2 = atrous(_STRIDES, 2, output_stride)
    maps, _ = _projected(_stem(pixels), (128, 128, 128), "entry_flow_block1", first)
    maps, skip = _projected(maps, (256, 256, 256), "entry_flow_block2", second)
    maps, _ = _projected(maps, (728, 728, 728), "entry_flow_block3", third)
    for number, plan in enumerate(middle, start=1):
        residual, _ = _residual(maps, (728, 728, 728), f"middle_flow_unit_{number}", plan)
        maps = layers.Add()([residual, maps])
    maps, _ = _projected(maps, (728, 1024, 1024), "exit_flow_block1", exit1)
    maps, _ = _residual(maps, (1536, 1536, 2048), "exit_flow_block2", exit2, is_activated=True)
    return maps, skip
