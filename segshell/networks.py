"""From a network as a value to a Keras model, and its initial weights as a function of seed and fold."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from attrs import evolve

from segcore import seeds
from segcore.errors import ConfigError, Finding
from segcore.network import NetworkSpec
from segshell.builders import STANDARD, Builders, unknown
from segshell.input_rules import InputRule
from segshell.randomness import preserved_random_states, seeded


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


def mark_encoder(layers: Iterable[keras.layers.Layer]) -> None:
    """Say of layers that they belong to the encoder; a builder of an architecture calls it."""
    for layer in layers:
        layer.in_encoder = True


def seed_state_variables(model: keras.Model) -> list[keras.Variable]:
    """Return the states of a model's own random generators (dropout …): int64 (2,), in the model's order."""
    return [variable for variable in model.variables if variable.name == "seed_generator_state"]


@contextmanager
def _computing_in(precision: str) -> Iterator[None]:
    """Let layers take a dtype policy while they are made; the caller's holds afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _require_output(spec: NetworkSpec, network: keras.Model) -> None:
    expected = (None, *spec.shape[:2], spec.classes)
    if tuple(network.output.shape) != expected:
        message = (
            f"{spec.architecture} gives {tuple(network.output.shape)}, expected (b, h, w, c) = {expected}."
        )
        raise ConfigError((Finding("network-output", message, ("architecture",)),))


def build(spec: NetworkSpec, builders: Builders = STANDARD) -> keras.Model:
    """Return the network of a spec: raw pixels in, probabilities (or logits, for ``linear``) out.

    The model takes uint8 (b, h, w, c), 0 to 255, and gives float32 (b, h, w, classes); its weights are float32
    whatever its layers compute in. Its layer names depend on the spec alone; the caller's random states,
    dtype policy and Keras' name counters stay as they were. Its weights are arbitrary: `initial_variables` are
    the ones to start from.

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
    is_mixed = spec.precision != "float32"
    with preserved_random_states(), _fresh_names(), _computing_in(spec.precision):
        network = builder(evolve(spec, activation="linear") if is_mixed else spec)
        _require_output(spec, network)
        for layer in every_layer(network):
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = spec.batchnorm_momentum
        pixels = keras.Input(spec.shape, dtype="uint8", name="pixels")
        outputs = network(InputRule(spec.preprocessing, name="input_rule")(pixels))
        if is_mixed:  # half a type has too few digits for probabilities
            outputs = keras.layers.Activation(spec.activation, dtype="float32", name="activation")(outputs)
        return keras.Model(pixels, outputs, name="segmentation")


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
