"""From a network as a value to a Keras model, and its initial weights as a function of seed and fold."""

import os
import re
import urllib.error
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
from attrs import evolve

from segcore import seeds
from segcore.errors import ConfigError, DataError, Finding
from segcore.network import NetworkSpec
from segshell.builders import STANDARD, Builders, keywords, unknown
from segshell.input_rules import InputRule
from segshell.randomness import preserved_random_states, seeded

_IMAGENET = "imagenet"


def _segmentation_models() -> ModuleType:
    """Import the library with its framework set, leaving the environment and standard output alone."""
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


@contextmanager
def _fresh_names() -> Iterator[None]:
    """Count automatic layer names from the start, so that they do not depend on what was built before."""
    from keras.src.backend.common import (
        global_state,
    )  # clear_session, the public way, would drop the caller's too

    before = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", before)


def every_layer(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yield all layers of a model, those inside nested models too."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from every_layer(layer)


def encoder_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of the encoder, BatchNormalization among them: what ``freeze_encoder`` holds fast."""
    return [layer for layer in every_layer(model) if getattr(layer, "in_encoder", False)]


def mark_encoder(layers: list[keras.layers.Layer]) -> None:
    """Say of layers that they belong to the encoder; a builder of an architecture calls it."""
    for layer in layers:
        layer.in_encoder = True


def seed_state_variables(model: keras.Model) -> list[keras.Variable]:
    """Return the states of a model's own random generators (dropout …): int64 (2,), in the model's order."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


def _mark_frozen(network: keras.Model) -> None:
    """Mark what the library froze and the BatchNormalization that it leaves out; nothing stays frozen."""
    frozen = [layer for layer in network.layers if not layer.trainable]
    outputs = {id(layer.output) for layer in frozen}
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    mark_encoder([*frozen, *(norm for norm in norms if id(norm.input) in outputs)])
    for layer in frozen:
        layer.trainable = True


def _published(spec: NetworkSpec) -> keras.Model:
    architecture = getattr(_segmentation_models(), spec.architecture)
    network: keras.Model = architecture(
        spec.backbone,
        input_shape=spec.shape,
        classes=spec.classes,
        activation=spec.activation,
        encoder_weights=spec.encoder_weights,
        encoder_freeze=True,  # tells which layers are the encoder's
        **keywords(spec.options),
    )
    return network


def _download_error(error: BaseException) -> DataError:
    found = re.search(r"https?://\S+/([^\s/:]+)", str(error))
    name = found[1] if found else "the weights file"
    home = Path(os.environ.get("KERAS_HOME") or Path("~", ".keras").expanduser())
    message = f"cannot download the encoder weights {name}: {error}"
    advice = f"Put the file into {home / 'models'}, or write encoder_weights: null."
    return DataError((Finding("encoder-weights-download", message, ("encoder_weights",), advice=advice),))


def _weights_error(spec: NetworkSpec, reason: str) -> DataError:
    message = f"the encoder weights {spec.encoder_weights} do not load into {spec.backbone}: {reason}"
    advice = "Give an HDF5 file (.h5) of this encoder without its top, or write encoder_weights: null."
    return DataError((Finding("encoder-weights", message, ("encoder_weights",), advice=advice),))


def _is_download_failure(error: BaseException) -> bool:
    """Tell whether Keras' get_file gave up: it raises a bare Exception from the network's error."""
    return isinstance(error, urllib.error.URLError) or isinstance(error.__context__, urllib.error.URLError)


def published_network(spec: NetworkSpec) -> keras.Model:
    """Return an architecture of segmentation-models, from float32 (b, h, w, c) to (b, h, w, classes).

    Raises
    ------
    DataError
        When the encoder weights are missing, cannot be downloaded, or do not fit the encoder.

    """
    given = spec.encoder_weights
    if given not in (None, _IMAGENET) and not Path(str(given)).is_file():
        raise _weights_error(spec, "there is no such file")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", "Skipping nested container")  # weights that lack layers
            network = _published(spec)
    except Exception as error:
        if _is_download_failure(error):
            raise _download_error(error) from error
        if given is None or not isinstance(error, OSError | ValueError | KeyError | UserWarning):
            raise
        _published(evolve(spec, encoder_weights=None))  # raises where the weights are not to blame
        raise _weights_error(spec, str(error)) from error
    _mark_frozen(network)
    return network


def _require_output(spec: NetworkSpec, network: keras.Model) -> None:
    expected = (None, *spec.shape[:2], spec.classes)
    if tuple(network.output.shape) != expected:
        message = (
            f"{spec.architecture} gives {tuple(network.output.shape)}, expected (b, h, w, c) = {expected}."
        )
        raise ConfigError((Finding("network-output", message, ("architecture",)),))


def build(spec: NetworkSpec, builders: Builders = STANDARD) -> keras.Model:
    """Return the network of a spec: raw pixels in, probabilities (or logits, for ``linear``) out.

    The model takes uint8 (b, h, w, c), 0 to 255, and gives float32 (b, h, w, classes). Its layer names depend
    on the spec alone; the caller's random states and Keras' name counters stay as they were. Its weights are
    arbitrary: `initial_variables` are the ones to start from.

    Raises
    ------
    ConfigError
        For an unknown architecture, or one whose output has another shape than the spec says.
    DataError
        When the encoder weights are missing, cannot be downloaded, or do not fit the encoder.

    """
    builder = builders.find("architectures", spec.architecture)
    if builder is None:
        raise unknown("architecture", spec.architecture, builders.names("architectures"))
    with preserved_random_states(), _fresh_names():
        network = builder(spec)
        _require_output(spec, network)
        for layer in every_layer(network):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = spec.batchnorm_momentum
        pixels = keras.Input(spec.shape, dtype="uint8", name="pixels")
        prepared = InputRule(spec.preprocessing, name="input_rule")(pixels)
        return keras.Model(pixels, network(prepared), name="segmentation")


def initial_variables(
    spec: NetworkSpec, seed: int, fold: int, builders: Builders = STANDARD
) -> list[np.ndarray[Any, Any]]:
    """Return the values that a fold starts from, a function of spec, seed and fold alone.

    They hold the weights (the encoder's from its file, where the spec names one) and the states of the
    model's own random generators, in the order of `build(spec).variables`.
    """
    with seeded(seeds.integer(seed, "initial weights", fold)):
        return [variable.numpy() for variable in build(spec, builders).variables]


def mean_of(models: Sequence[keras.Model]) -> keras.Model:
    """Return a model that gives the mean of several models' outputs; uint8 (b, h, w, c) in.

    Raises
    ------
    ValueError
        When there is no model.

    """
    if not models:
        raise ValueError("a mean needs at least one model")
    with preserved_random_states(), _fresh_names():
        pixels = keras.Input(models[0].input_shape[1:], dtype="uint8", name="pixels")
        for number, model in enumerate(models):
            model.name = f"member_{number}"
        outputs = [model(pixels) for model in models]
        return keras.Model(
            pixels, keras.layers.Average()(outputs) if len(outputs) > 1 else outputs[0], name="ensemble"
        )
