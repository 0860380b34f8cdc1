"""A network with its compiled steps: traced once per distinct compile options, then reset and reused."""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
import tensorflow as tf
from attrs import frozen
from numpy.typing import NDArray

from segcore.loss_text import Term
from segcore.network import NetworkSpec
from segcore.plans import StageRun
from segcore.raw_masks import VOID
from segcore.values import Call
from segshell import losses, metrics
from segshell.builders import STANDARD, Builders
from segshell.mirrored_network import MirroredNetwork
from segshell.replicas import replicas_for
from segshell.shared_network import Descent, Raw, SharedNetwork, activated


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
    gpus: int = 1


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
        one.gpus,
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


class Traced:
    """A network under one loss, with its metrics and optimizer: the functions that train, test and predict.

    The functions accept uint8 images (b, h, w, c) and uint8 masks (b, h, w, m) of any batch size without being traced
    again. The network and the optimizer may be shared with other losses: `reset` comes first wherever one of them is
    taken up.

    Parameters
    ----------
    options
        What is traced.
    network, descent
        The network and the optimizer that belong to the options.
    builders
        Where the names of losses and metrics are looked up.

    """

    def __init__(
        self, options: Compiled, network: SharedNetwork, descent: Descent, builders: Builders = STANDARD
    ) -> None:
        activation = options.network.activation
        self.options, self._network, self._descent = options, network, descent
        self.model, self.optimizer, self.watched = network.model, descent.optimizer, descent.watched
        count = options.class_weights
        self.class_weights = tf.Variable(tf.ones(count), trainable=False) if count else None
        self.loss = losses.build(options.loss, activation, builders, self.class_weights)
        self.mean_loss = tf.keras.metrics.Mean(name="loss")
        self.metrics = tuple(
            metrics.build(call.name, call.arguments, activation, builders, classes=options.network.classes)
            for call in options.metrics
        )
        height, width, _ = options.network.shape
        self._masks = tf.TensorSpec((None, height, width, mask_channels(options.network)), tf.uint8)
        self.train_step = tf.function(self._train_step, input_signature=(network.pixels, self._masks))

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
        predicted, loss = self._descent.descend(images, lambda outputs: self.loss(targets, outputs, valid))
        self._update(loss, targets, predicted, valid)
        return loss

    @cached_property
    def _score(self) -> Any:
        return tf.function(self._scored, input_signature=(*self._network.inferred, self._masks))

    def _scored(self, raw: Raw, penalty: tf.Tensor, masks: tf.Tensor) -> tf.Tensor:
        (targets, valid), predicted = self._truth(masks), activated(raw)
        loss = self.loss(targets, predicted, valid) + penalty
        self._update(loss, targets, predicted, valid)
        return loss

    def test_step(self, images: NDArray[np.uint8], masks: NDArray[np.uint8]) -> tf.Tensor:
        """Return the loss of a batch as inference sees it, and count loss and metrics."""
        return self._score(*self._network.infer(images), masks)

    def predict_step(self, images: NDArray[np.uint8]) -> tf.Tensor:
        """Return the outputs float32 (b, h, w, classes) of a batch."""
        return activated(self._network.infer(images)[0])

    @property
    def traces(self) -> dict[str, int]:
        """How often each function has been traced, by name; the passes and the update count for all that share them."""
        counted = {
            **self._network.passes,
            "update": self._descent.apply,
            "train": self.train_step,
            "score": vars(self).get("_score"),  # made when it is first called
        }
        return {name: one.experimental_get_tracing_count() if one else 0 for name, one in counted.items()}

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
        self._descent.reset(learning_rate)
        self._network.seed(place)
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
    """Traced networks of one process, kept for the stages and folds that can share them.

    Stages that differ in their loss or metrics share network, optimizer and the passes traced over them.
    """

    def __init__(self, builders: Builders = STANDARD) -> None:
        self.builders = builders
        self._networks: dict[Hashable, SharedNetwork] = {}
        self._descents: dict[Hashable, Descent] = {}
        self._held: dict[Compiled, Traced] = {}

    def _network(self, options: Compiled) -> SharedNetwork:
        kind = options.network, options.freeze_encoder, options.gpus
        if kind not in self._networks:
            self._networks[kind] = self._built(options)
        return self._networks[kind]

    def _built(self, options: Compiled) -> SharedNetwork:
        how = options.freeze_encoder, self.builders
        if options.gpus == 1:
            return SharedNetwork(options.network, *how)
        return MirroredNetwork(options.network, replicas_for(options.gpus), *how)

    def _descent(self, options: Compiled, network: SharedNetwork) -> Descent:
        how = options.optimizer, options.clipnorm, options.clipvalue
        kind = options.network, options.freeze_encoder, options.gpus, *how
        if kind not in self._descents:
            self._descents[kind] = network.descent(*how)
        return self._descents[kind]

    def get(self, run: StageRun) -> Traced:
        """Return the traced network of a stage; the first call for a kind builds it."""
        options = compiled(run)
        if options not in self._held:
            network = self._network(options)
            self._held[options] = Traced(options, network, self._descent(options, network), self.builders)
        return self._held[options]
