"""A network with its compiled steps: traced once per distinct network and compile options, then reset and reused."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from attrs import frozen
from numpy.typing import NDArray

from segcore.errors import ConfigError, Finding
from segcore.loss_text import Term
from segcore.network import NetworkSpec
from segcore.plans import StageRun
from segcore.raw_masks import VOID
from segcore.seeds import generator
from segcore.values import Call
from segshell import losses, metrics, networks, optimizers
from segshell.builders import STANDARD, Builders


@frozen
class Compiled:
    """What decides a trace: two stages with equal values share one.

    Of class weights only the number does: balanced ones differ from fold to fold.
    """

    network: NetworkSpec
    loss: tuple[Term, ...]
    optimizer: Call
    clipnorm: float | None
    clipvalue: float | None
    metrics: tuple[Call, ...]
    freeze_encoder: bool = False
    class_weights: int = 0
    has_void: bool = False


def compiled(run: StageRun) -> Compiled:
    """Return what of a stage decides its trace; rate, batch and data do not."""
    one = run.settings
    return Compiled(
        run.network,
        one.loss,
        one.optimizer,
        one.clipnorm,
        one.clipvalue,
        one.metrics,
        one.freeze_encoder,
        len(one.class_weights),
        run.has_void,
    )


def mask_channels(network: NetworkSpec) -> int:
    """Return how many channels a mask has: class ids in one for softmax, else one per class."""
    return 1 if network.is_exclusive else network.classes


def _targets(masks: tf.Tensor, network: NetworkSpec) -> tf.Tensor:
    if network.is_exclusive:
        return tf.one_hot(tf.cast(masks[..., 0], tf.int32), network.classes)
    return tf.cast(masks, tf.float32)


def _known(masks: tf.Tensor, network: NetworkSpec) -> tuple[tf.Tensor, tf.Tensor]:
    """Return targets with 0 in every class of a void pixel, and bool (b, h, w): which pixels count."""
    valid = tf.reduce_all(masks != VOID, axis=-1)
    targets = _targets(masks, network)
    return tf.where(valid[..., None], targets, 0.0), valid


def _freeze_encoder(model: tf.keras.Model) -> None:
    layers = networks.encoder_layers(model)
    if not layers:
        message = "freeze_encoder: the network does not say which of its layers are the encoder's."
        advice = "Call segshell.networks.mark_encoder(layers) in the architecture's builder."
        raise ConfigError([Finding("no-encoder", message, ("freeze_encoder",), None, (), advice)])
    for layer in layers:
        layer.trainable = False


class Traced:
    """One model, its loss, metrics and optimizer, and the functions traced over them.

    The functions accept uint8 images (b, h, w, c) and uint8 masks (b, h, w, m) of any batch size without being traced
    again.
    """

    def __init__(self, options: Compiled, builders: Builders = STANDARD) -> None:
        network = options.network
        self.options = options
        self.model = networks.build(network, builders)
        if options.freeze_encoder:
            _freeze_encoder(self.model)
        self.optimizer = optimizers.build(options.optimizer, 0.001, options.clipnorm, options.clipvalue)
        if network.precision == "mixed_float16":  # gradients of float16 vanish unless the loss is scaled up
            self.optimizer = tf.keras.optimizers.LossScaleOptimizer(self.optimizer)
        # Callbacks look for an optimizer in their model, and a model that has one saves its state with the weights;
        # so callbacks get a model of their own over the same layers.
        self.watched = tf.keras.Model(self.model.inputs, self.model.outputs)
        self.watched.compile(optimizer=self.optimizer)
        self.optimizer.build(self.model.trainable_variables)
        self._optimizer_start = [variable.numpy() for variable in self.optimizer.variables]
        self._seed_states = networks.seed_state_variables(self.model)
        count = options.class_weights
        self.class_weights = tf.Variable(tf.ones(count), trainable=False) if count else None
        self.loss = losses.build(options.loss, network.activation, builders, self.class_weights)
        self.mean_loss = tf.keras.metrics.Mean(name="loss")
        self.metrics = tuple(
            metrics.build(call.name, call.arguments, network.activation, builders, classes=network.classes)
            for call in options.metrics
        )
        self._make_steps()

    def _make_steps(self) -> None:
        height, width, channels = self.options.network.shape
        images = tf.TensorSpec((None, height, width, channels), tf.uint8)
        masks = tf.TensorSpec((None, height, width, mask_channels(self.options.network)), tf.uint8)
        self.train_step = tf.function(self._train_step, input_signature=(images, masks))
        self.test_step = tf.function(self._test_step, input_signature=(images, masks))
        self.predict_step = tf.function(self._predict_step, input_signature=(images,))

    def _truth(self, masks: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor | None]:
        network = self.options.network
        return _known(masks, network) if self.options.has_void else (_targets(masks, network), None)

    def _update(
        self, loss: tf.Tensor, targets: tf.Tensor, predicted: tf.Tensor, valid: tf.Tensor | None
    ) -> None:
        self.mean_loss.update_state(loss, sample_weight=tf.cast(tf.shape(targets)[0], tf.float32))
        for metric in self.metrics:
            if valid is None:
                metric.update_state(targets, predicted)
            elif getattr(metric, "takes_void", False):
                metric.update_state(targets, predicted, sample_weight=valid)
            else:
                metric.update_state(tf.boolean_mask(targets, valid), tf.boolean_mask(predicted, valid))

    def _train_step(self, images: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
        targets, valid = self._truth(masks)
        with tf.GradientTape() as tape:
            predicted = self.model(images, training=True)
            loss = tf.add_n([self.loss(targets, predicted, valid), *self.model.losses])
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self.model.trainable_variables)
        self.optimizer.apply(gradients, self.model.trainable_variables)
        self._update(loss, targets, predicted, valid)
        return loss

    def _test_step(self, images: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
        targets, valid = self._truth(masks)
        predicted = self.model(images, training=False)
        loss = tf.add_n([self.loss(targets, predicted, valid), *self.model.losses])
        self._update(loss, targets, predicted, valid)
        return loss

    def _predict_step(self, images: tf.Tensor) -> tf.Tensor:
        return self.model(images, training=False)

    def reset(
        self,
        variables: Sequence[NDArray[Any]],
        learning_rate: float,
        place: tuple[int, int, int],
        class_weights: Sequence[float] = (),
    ) -> None:
        """Put the model, the optimizer and the layers' seeds where a fresh process would have them.

        Parameters
        ----------
        variables
            One array per variable of the model, in its order.
        learning_rate
            The optimizer's rate from now on.
        place
            (seed, fold, stage): what the seeds of layers such as Dropout follow from.
        class_weights
            As many as the options say.

        """
        if len(class_weights) != self.options.class_weights:
            raise ValueError(
                f"{self.options.class_weights} class weights were traced, got {len(class_weights)}"
            )
        if self.class_weights is not None:
            self.class_weights.assign(class_weights)
        for variable, value in zip(self.model.variables, variables, strict=True):
            variable.assign(value)
        for variable, value in zip(self.optimizer.variables, self._optimizer_start, strict=True):
            variable.assign(value)
        self.optimizer.learning_rate.assign(learning_rate)
        seed, fold, stage = place
        for number, state in enumerate(self._seed_states):
            drawn = generator(seed, "layer seeds", fold, stage, number).integers(0, 2**31 - 1, state.shape)
            state.assign(drawn.astype(np.dtype(state.dtype)))
        self.watched.stop_training = False
        self.clear()

    def restore(self, variables: Sequence[NDArray[Any]], optimizer: Sequence[NDArray[Any]]) -> None:
        """Put the variables of the model (with its layers' seeds) and of the optimizer where they were."""
        for variable, value in zip(self.model.variables, variables, strict=True):
            variable.assign(value)
        for variable, value in zip(self.optimizer.variables, optimizer, strict=True):
            variable.assign(value)

    @contextmanager
    def holding(self, variables: Sequence[NDArray[Any]]) -> Iterator[None]:
        """Put other values into the model's variables; when the block ends, also by an error, its own are back."""
        own = self.variables()
        try:
            for variable, value in zip(self.model.variables, variables, strict=True):
                variable.assign(value)
            yield
        finally:
            for variable, value in zip(self.model.variables, own, strict=True):
                variable.assign(value)

    def clear(self) -> None:
        """Forget what loss and metrics have counted."""
        for metric in (self.mean_loss, *self.metrics):
            metric.reset_state()

    def results(self, prefix: str = "") -> dict[str, float]:
        """Return the mean loss and every metric since the last `clear`, by column."""
        return {f"{prefix}{one.name}": float(one.result()) for one in (self.mean_loss, *self.metrics)}

    def variables(self) -> list[NDArray[Any]]:
        """Return copies of the model's variables, in its order."""
        return [variable.numpy() for variable in self.model.variables]


class Engines:
    """Traced networks of one process, kept for the stages and folds that can share them."""

    def __init__(self, builders: Builders = STANDARD) -> None:
        self.builders = builders
        self._held: dict[Compiled, Traced] = {}

    def get(self, run: StageRun) -> Traced:
        """Return the traced network of a stage; the first call for a kind builds it."""
        options = compiled(run)
        if options not in self._held:
            self._held[options] = Traced(options, self.builders)
        return self._held[options]
