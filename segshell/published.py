"""The architectures and encoders of segmentation-models, as Keras 3 takes them."""

import os
from contextlib import redirect_stdout
from importlib import import_module
from io import StringIO
from types import ModuleType
from typing import Any

import keras

from segcore.network import NetworkSpec
from segshell.builders import keywords
from segshell.densenet_names import RenamedLayers
from segshell.downloads import fetched
from segshell.networks import mark_encoder
from segshell.pretrained import pretrained

WANTED = "an HDF5 file (.h5) of this encoder without its top"


def library() -> ModuleType:
    """Import segmentation-models with its framework set; the environment and standard output stay alone."""
    before = os.environ.get("SM_FRAMEWORK")
    os.environ["SM_FRAMEWORK"] = "tf.keras"
    try:
        with redirect_stdout(StringIO()):  # it greets at import
            return import_module("segmentation_models")
    finally:
        if before is None:
            del os.environ["SM_FRAMEWORK"]
        else:
            os.environ["SM_FRAMEWORK"] = before


class _Fetching:
    """The names of `keras.utils`, with a `get_file` that fetches a file whole or not at all.

    Parameters
    ----------
    utils
        The module.

    """

    def __init__(self, utils: ModuleType) -> None:
        self._utils = utils

    def __getattr__(self, name: str) -> Any:
        return getattr(self._utils, name)

    def get_file(
        self,
        fname: str,
        origin: str,
        *,
        cache_subdir: str = "models",  # noqa: ARG002 - every builder of the library says models
        md5_hash: str | None = None,
        file_hash: str | None = None,
    ) -> str:
        """Return the path of a file in Keras' folder, as `keras.utils.get_file` is called by the library."""
        return str(fetched(fname, origin, file_hash or md5_hash))


def _parts(backbone: str) -> dict[str, Any]:
    """Return what the library builds with: Keras' modules, and other layers where their names need it."""
    modules = {
        name: getattr(library(), f"_KERAS_{name.upper()}")
        for name in ("backend", "models", "utils", "layers")
    }
    if backbone.startswith("densenet"):
        modules["layers"] = RenamedLayers(modules["layers"])
    return {**modules, "utils": _Fetching(modules["utils"])}


def encoder(spec: NetworkSpec) -> tuple[keras.Model, list[Any]]:
    """Return an encoder of the library, and its maps at a quarter, 8th, 16th and 32nd of the size.

    The maps are tensors (b, h / s, w / s, filters) for s of 4, 8, 16 and 32.
    """
    backbones = import_module(f"{library().__name__}.backbones.backbones_factory").Backbones
    model = backbones.get_backbone(
        spec.backbone,
        input_shape=spec.shape,
        weights=spec.encoder_weights,
        include_top=False,
        **_parts(spec.backbone),
    )
    places = backbones.get_feature_layers(spec.backbone, n=3)
    layers = [
        model.get_layer(name=place) if isinstance(place, str) else model.get_layer(index=place)
        for place in places
    ]
    return model, [*(layer.output for layer in reversed(layers)), model.output]


def _mark_frozen(network: keras.Model) -> None:
    """Mark what the library froze and the BatchNormalization that it leaves out; nothing stays frozen."""
    frozen = [layer for layer in network.layers if not layer.trainable]
    outputs = {id(layer.output) for layer in frozen}
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    mark_encoder([*frozen, *(norm for norm in norms if id(norm.input) in outputs)])
    for layer in frozen:
        layer.trainable = True


def _network(spec: NetworkSpec) -> keras.Model:
    # Unwrapped, since the wrapper would replace the layers that are given.
    architecture = getattr(library(), spec.architecture).__wrapped__
    network: keras.Model = architecture(
        spec.backbone,
        input_shape=spec.shape,
        classes=spec.classes,
        activation=spec.activation,
        encoder_weights=spec.encoder_weights,
        encoder_freeze=True,  # tells which layers are the encoder's
        **keywords(spec.options),
        **_parts(spec.backbone),
    )
    _mark_frozen(network)
    return network


def published_network(spec: NetworkSpec) -> keras.Model:
    """Return an architecture of segmentation-models, from float32 (b, h, w, c) to (b, h, w, classes).

    Raises
    ------
    DataError
        When the encoder weights are missing, cannot be downloaded, or do not fit the encoder.

    """
    return pretrained(spec, _network, WANTED)
