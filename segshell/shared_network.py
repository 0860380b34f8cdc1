"""The passes of a network and the update of its weights: traced once, whatever losses and metrics are put on them."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from segcore.errors import ConfigError, Finding
from segcore.network import NetworkSpec
from segcore.seeds import generator
from segcore.values import Call
from segshell import networks, optimizers
from segshell.builders import STANDARD, Builders
from segshell.fused_normalization import fused

Raw: TypeAlias = dict[str, tf.Tensor]
"""What stands before the last activation of a network, under the name of that operation."""

Cost: TypeAlias = Callable[[tf.Tensor], tf.Tensor]
"""A loss as a function of the outputs, float32 (b, h, w, classes), of a batch; a scalar."""

# Keras' crossentropies look behind a sigmoid or softmax, since a saturated probability has lost the logit.
_LAST = MappingProxyType({"Sigmoid": tf.sigmoid, "Softmax": tf.nn.softmax, "outputs": tf.identity})


def before_activation(outputs: tf.Tensor) -> Raw:
    """Return what a last operation of `_LAST` is given, under its name; outputs of another under ``outputs``."""
    kind = outputs.op.type
    return {kind: outputs.op.inputs[0]} if kind in _LAST else {"outputs": outputs}


def activated(raw: Raw) -> tf.Tensor:
    """Return the outputs of a network whose last operation was left out."""
    ((kind, values),) = raw.items()
    return _LAST[kind](values)


def _freeze_encoder(model: tf.keras.Model) -> None:
    layers = networks.encoder_layers(model)
    if not layers:
        message = "freeze_encoder: the network does not say which of its layers are the encoder's."
        advice = "Call segshell.networks.mark_encoder(layers) in the architecture's builder."
        raise ConfigError([Finding("no-encoder", message, ("freeze_encoder",), None, (), advice)])
    for layer in layers:
        layer.trainable = False


class SharedNetwork:
    """One model and its two passes: as training runs it (`learn`), and as it is used (`infer`).

    Both are TensorFlow functions of uint8 images (b, h, w, c) of any batch size, traced when they are first called.
    They return what `activated` turns into the outputs, float32 (b, h, w, classes), and the penalty of layers with
    regularizers, a scalar. A function of a loss that calls `learn` finds it traced, with its gradient: in Python that
    is most of the work. The last activation is left to the caller, so that a loss sees what stands before it.

    Parameters
    ----------
    spec
        The network.
    freeze_encoder
        Whether the layers of the encoder stay as they are.
    builders
        Where the architecture is looked up.

    Raises
    ------
    ConfigError
        For an encoder that is to be frozen and not known, code ``no-encoder``; and as `segshell.networks.build`.

    """

    def __init__(
        self, spec: NetworkSpec, freeze_encoder: bool = False, builders: Builders = STANDARD
    ) -> None:
        self.spec = spec
        self.model = fused(networks.build(spec, builders))
        if freeze_encoder:
            _freeze_encoder(self.model)
        self.pixels = tf.TensorSpec((None, *spec.shape), tf.uint8)
        self.learn = tf.function(self._learn, input_signature=(self.pixels,))
        self.infer = tf.function(self._infer, input_signature=(self.pixels,))
        self._seed_states = networks.seed_state_variables(self.model)

    def _learn(self, images: tf.Tensor) -> tuple[Raw, tf.Tensor]:
        return before_activation(self.model(images, training=True)), self._penalty()

    def _infer(self, images: tf.Tensor) -> tuple[Raw, tf.Tensor]:
        return before_activation(self.model(images, training=False)), self._penalty()

    @property
    def passes(self) -> dict[str, Any]:
        """The traced functions by name."""
        return {"learn": self.learn, "infer": self.infer}

    @property
    def inferred(self) -> Any:
        """What `infer` returns, as TensorFlow's specs."""
        given = self.infer.get_concrete_function().structured_outputs
        return tf.nest.map_structure(lambda one: tf.TensorSpec(one.shape, one.dtype), given)

    def _penalty(self) -> tf.Tensor:
        return tf.add_n([tf.zeros(()), *self.model.losses])

    def descent(self, call: Call, clipnorm: float | None = None, clipvalue: float | None = None) -> "Descent":
        """Return what updates the weights; arguments as `Descent` has them."""
        return Descent(self, call, clipnorm, clipvalue)

    def seed(self, place: tuple[int, int, int]) -> None:
        """Put the seeds of layers such as Dropout where they begin at a place (seed, fold, stage)."""
        seed, fold, stage = place
        for number, state in enumerate(self._seed_states):
            drawn = generator(seed, "layer seeds", fold, stage, number).integers(0, 2**31 - 1, state.shape)
            state.assign(drawn.astype(np.dtype(state.dtype)))


class Descent:
    """An optimizer over a network's weights: one gradient per trainable variable goes into `apply`.

    Parameters
    ----------
    network
        Its trainable variables are updated.
    call, clipnorm, clipvalue
        As `segshell.optimizers.build`.

    Attributes
    ----------
    optimizer
        Keras' own.
    watched
        What callbacks get as their model.

    """

    def __init__(
        self,
        network: SharedNetwork,
        call: Call,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
    ) -> None:
        model = network.model
        self.optimizer = optimizers.build(call, 0.001, clipnorm, clipvalue)
        if (
            network.spec.precision == "mixed_float16"
        ):  # gradients of float16 vanish unless the loss is scaled up
            self.optimizer = tf.keras.optimizers.LossScaleOptimizer(self.optimizer)
        # Callbacks look for an optimizer in their model, and a model that has one saves its state with the weights;
        # so callbacks get a model of their own over the same layers.
        self.watched = tf.keras.Model(model.inputs, model.outputs)
        self.watched.compile(optimizer=self.optimizer)
        self._network, self._weights = network, model.trainable_variables
        self.optimizer.build(self._weights)
        self._start = [variable.numpy() for variable in self.optimizer.variables]
        self.apply = tf.function(self._apply, autograph=False)  # Keras' own optimizers: nothing to convert

    def descend(self, images: tf.Tensor, cost: Cost) -> tuple[tf.Tensor, tf.Tensor]:
        """Take a step; to be called while a function is traced.

        Parameters
        ----------
        images
            Uint8 (b, h, w, c).
        cost
            What is to become smaller, the network's penalty apart.

        Returns
        -------
        tuple
            The outputs before the step, float32 (b, h, w, classes), and their cost with the penalty.

        """
        with tf.GradientTape() as tape:
            raw, penalty = self._network.learn(images)
            predicted = activated(raw)
            loss = cost(predicted) + penalty
            scaled = self.optimizer.scale_loss(loss)
        self.apply(tape.gradient(scaled, self._weights))
        return predicted, loss

    def _apply(self, gradients: list[tf.Tensor | None]) -> None:
        self.optimizer.apply(gradients, self._weights)

    def reset(self, learning_rate: float) -> None:
        """Put the optimizer where a new one would be, with a rate of its own."""
        for variable, value in zip(self.optimizer.variables, self._start, strict=True):
            variable.assign(value)
        self.optimizer.learning_rate.assign(learning_rate)
        self.watched.stop_training = False
