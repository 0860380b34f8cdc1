"""UPerNet: a pyramid of pooled maps on top of an encoder, and a feature pyramid down from it.

Xiao et al., *Unified Perceptual Parsing for Scene Understanding* (arXiv:1807.10221), section 3.1. It takes every
encoder of segmentation-models, and ConvNeXt (Liu et al. 2022) and EfficientNetV2 (Tan and Le 2021) of Keras.
"""

from types import MappingProxyType
from typing import Any

import keras
from keras import layers

from segcore.catalog.encoders import APPLICATIONS, find
from segcore.network import NetworkSpec
from segshell import published
from segshell.builders import keywords
from segshell.downloads import fetched
from segshell.networks import every_layer, mark_encoder
from segshell.pretrained import pretrained
from segshell.resampling import Resample

_GRIDS = (1, 2, 3, 6)
_STRIDES = (4, 8, 16)
APPLICATION_NAMES = MappingProxyType(
    {
        **{f"convnext_{size}": f"ConvNeXt{size.title()}" for size in ("tiny", "small", "base")},
        **{
            f"efficientnetv2{size}": f"EfficientNetV2{size.upper()}" for size in ("b0", "b1", "b2", "b3", "s")
        },
    }
)


# Files without the top, as Keras publishes them, and their SHA-256 or MD5: keras/src/applications/convnext.py and
# efficientnet_v2.py. Keras' own download may leave half a file.
_RELEASE = "https://storage.googleapis.com/tensorflow/keras-applications/"
PUBLIC_FILES = MappingProxyType(
    {
        "convnext_tiny": (
            "convnext/convnext_tiny",
            "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        ),
        "convnext_small": (
            "convnext/convnext_small",
            "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
        ),
        "convnext_base": (
            "convnext/convnext_base",
            "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
        ),
        "efficientnetv2b0": ("efficientnet_v2/efficientnetv2-b0", "893217f2bb855e2983157299931e43ff"),
        "efficientnetv2b1": ("efficientnet_v2/efficientnetv2-b1", "0e80663031ca32d657f9caa404b6ec37"),
        "efficientnetv2b2": ("efficientnet_v2/efficientnetv2-b2", "1dfe2e7a5d45b6632553a8961ea609eb"),
        "efficientnetv2b3": ("efficientnet_v2/efficientnetv2-b3", "f6abf7b5849ac99a89b50dd3fd532856"),
        "efficientnetv2s": ("efficientnet_v2/efficientnetv2-s", "af0682fb74e8c54910f2d4393339c070"),
    }
)


def _weights(spec: NetworkSpec) -> str | None:
    if spec.encoder_weights != "imagenet":
        return spec.encoder_weights
    place, digest = PUBLIC_FILES[spec.backbone]
    name = f"{place.rpartition('/')[2]}_notop.h5"
    return str(fetched(name, f"{_RELEASE}{place}_notop.h5", digest))


def _application(spec: NetworkSpec) -> tuple[keras.Model, list[Any]]:
    """Return an encoder of keras.applications, and the last of its maps at each size."""
    model = getattr(keras.applications, APPLICATION_NAMES[spec.backbone])(
        include_top=False,
        weights=_weights(spec),
        input_shape=spec.shape,
        include_preprocessing=False,  # the input rule has done it
    )
    height, width, _ = spec.shape
    sizes = [(height // stride, width // stride) for stride in _STRIDES]
    last = {tuple(layer.output.shape[1:3]): layer.output for layer in model.layers}
    return model, [*(last[size] for size in sizes), model.output]


def _encoder(spec: NetworkSpec) -> tuple[keras.Model, list[Any]]:
    known = find(spec.backbone)
    is_application = known is not None and known.library == APPLICATIONS
    return _application(spec) if is_application else published.encoder(spec)


def _convolved(maps: Any, filters: int, size: int, name: str) -> Any:
    maps = layers.Conv2D(filters, size, padding="same", use_bias=False, name=f"{name}_conv")(maps)
    return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(maps))


def _like(maps: Any, other: Any) -> Any:
    return Resample(*other.shape[1:3])(maps)


def _pooled(maps: Any, channels: int) -> Any:
    """Return the deepest maps joined with their means over grids of 1, 2, 3 and 6 fields a side."""
    means = [
        _like(_convolved(Resample(grid, grid, "average")(maps), channels, 1, f"pooling_pyramid{grid}"), maps)
        for grid in _GRIDS
    ]
    return _convolved(layers.Concatenate()([maps, *means]), channels, 3, "pooling_pyramid")


def _pyramid(maps: list[Any], channels: int) -> Any:
    """Return all levels, each joined with what is above it, at the size of the lowest."""
    *lower, deepest = maps
    down = _pooled(deepest, channels)
    levels = [down]
    for number, level in reversed(list(enumerate(lower))):
        lateral = _convolved(level, channels, 1, f"feature_pyramid{number}_lateral")
        down = layers.Add()([lateral, _like(down, lateral)])
        levels.append(_convolved(down, channels, 3, f"feature_pyramid{number}"))
    *others, largest = levels
    joined = layers.Concatenate()([*(_like(level, largest) for level in others), largest])
    return _convolved(joined, channels, 3, "fusion")


def _network(spec: NetworkSpec, channels: int = 128, dropout: float = 0.1) -> keras.Model:
    encoder, maps = _encoder(spec)
    mark_encoder(every_layer(encoder))
    fused = layers.Dropout(dropout)(_pyramid(maps, channels))
    logits = layers.Conv2D(spec.classes, 1, name="logits")(fused)
    logits = Resample(*spec.shape[:2], dtype="float32")(logits)
    return keras.Model(encoder.input, layers.Activation(spec.activation, dtype="float32")(logits))


def _with_options(spec: NetworkSpec) -> keras.Model:
    return _network(spec, **keywords(spec.options))


def upernet(spec: NetworkSpec) -> keras.Model:
    """Return UPerNet from float32 (b, h, w, c), as its encoder expects it, to float32 (b, h, w, classes).

    The options are ``channels``, the filters of every map of the decoder, and ``dropout``, the share of them
    that is left out before the last convolution. Height and width are multiples of 32.

    Raises
    ------
    DataError
        When the encoder weights are missing, cannot be downloaded, or do not fit the encoder.

    """
    return pretrained(spec, _with_options, published.WANTED)
