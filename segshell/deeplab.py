"""DeepLabv3+ with the two encoders of its public weights, whose layer names it has.

Chen et al., *Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation*
(arXiv:1802.02611). The weights were trained on PASCAL VOC by its authors and converted to Keras' layout:
https://github.com/bonlime/keras-deeplab-v3-plus/releases/tag/1.1.
"""

from pathlib import Path
from types import MappingProxyType
from typing import Any

import keras
from attrs import frozen
from keras import layers

from segcore.network import NetworkSpec
from segshell import downloads, named_weights
from segshell.atrous import named_branch, separable
from segshell.builders import keywords, unknown
from segshell.mobilenet_v2 import mobilenet_v2
from segshell.networks import mark_encoder
from segshell.pretrained import pretrained
from segshell.resampling import Resample
from segshell.xception import xception

_RELEASE = "https://github.com/bonlime/keras-deeplab-v3-plus/releases/download/1.1/"
# The output stride where none is given.
_STRIDES = MappingProxyType({"mobilenetv2": 8, "xception": 16})
_WIDTH = 256
_VOC_CLASSES = 21
# What a file need not hold: there may be as many classes as one likes.
_LOGITS = ("logits_semantic", "custom_logits_semantic")


@frozen
class _Encoded:
    """The encoder's maps, those of the skip at a quarter of the size (None without a decoder), the rates' factor."""

    maps: Any
    skip: Any
    factor: int


def _encoded(pixels: Any, backbone: str, stride: int, alpha: float) -> _Encoded:
    if backbone == "mobilenetv2":
        return _Encoded(mobilenet_v2(pixels, stride, alpha), None, 1)
    maps, skip = xception(pixels, stride)
    return _Encoded(maps, skip, 16 // stride)


def _pooled(maps: Any) -> Any:
    """Return what the whole image says, at every place."""
    _, height, width, _ = maps.shape
    pooled = named_branch(layers.GlobalAveragePooling2D(keepdims=True)(maps), _WIDTH, "image_pooling")
    return Resample(height, width, "aligned")(pooled)


def _pyramid(encoded: _Encoded) -> Any:
    """Return the atrous spatial pyramid; the public weights for MobileNetV2 have none of its atrous branches."""
    rates = () if encoded.skip is None else (6, 12, 18)
    branches = [
        separable(encoded.maps, _WIDTH, f"aspp{number}", rate=rate * encoded.factor, epsilon=1e-5)
        for number, rate in enumerate(rates, start=1)
    ]
    simple = named_branch(encoded.maps, _WIDTH, "aspp0")
    joined = layers.Concatenate()([_pooled(encoded.maps), simple, *branches])
    return layers.Dropout(0.1)(named_branch(joined, _WIDTH, "concat_projection"))


def _decoded(maps: Any, skip: Any) -> Any:
    _, height, width, _ = skip.shape
    joined = layers.Concatenate()(
        [Resample(height, width, "aligned")(maps), named_branch(skip, 48, "feature_projection0")]
    )
    for name in ("decoder_conv0", "decoder_conv1"):
        joined = separable(joined, _WIDTH, name, epsilon=1e-5)
    return joined


# The names are the config's.
def _network(spec: NetworkSpec, alpha: float = 1.0, OS: int | None = None) -> keras.Model:  # noqa: N803
    pixels = keras.Input(spec.shape)
    encoded = _encoded(pixels, spec.backbone, OS or _STRIDES[spec.backbone], alpha)
    mark_encoder(keras.Model(pixels, encoded.maps).layers)
    maps = _pyramid(encoded)
    if encoded.skip is not None:
        maps = _decoded(maps, encoded.skip)
    name = _LOGITS[0] if spec.classes == _VOC_CLASSES else _LOGITS[1]
    logits = layers.Conv2D(spec.classes, 1, name=name)(maps)
    logits = Resample(*spec.shape[:2], "aligned", dtype="float32")(logits)
    return keras.Model(pixels, layers.Activation(spec.activation, dtype="float32")(logits))


def weights_name(backbone: str) -> str:
    """Return the name of the public weights file of a backbone."""
    return f"deeplabv3_{backbone}_tf_dim_ordering_tf_kernels.h5"


def _weights_file(spec: NetworkSpec) -> Path:
    if spec.encoder_weights == "imagenet":
        raise ValueError("it has no such weights; write pascal_voc, a path of a weights file, or null")
    if spec.encoder_weights != "pascal_voc":
        return Path(str(spec.encoder_weights))
    name = weights_name(spec.backbone)
    return downloads.fetched(name, _RELEASE + name)  # the release tells no checksums


def _with_weights(spec: NetworkSpec) -> keras.Model:
    network = _network(spec, **keywords(spec.options))
    if spec.encoder_weights is not None:
        named_weights.load(network, _weights_file(spec), frozenset(_LOGITS))
    return network


def deeplab(spec: NetworkSpec) -> keras.Model:
    """Return DeepLabv3+ from float32 (b, h, w, c) in [-1, 1] to float32 (b, h, w, classes); any h and w.

    The options are ``alpha``, MobileNetV2's width, and ``OS``, the output stride: 8 or 16.

    Raises
    ------
    ConfigError
        For another backbone than ``mobilenetv2`` and ``xception``.
    DataError
        When the weights are missing, cannot be downloaded, or do not fit.

    """
    if spec.backbone not in _STRIDES:
        raise unknown("backbone", spec.backbone, _STRIDES)
    return pretrained(spec, _with_weights, f"an HDF5 file with the layers of {weights_name(spec.backbone)}")
