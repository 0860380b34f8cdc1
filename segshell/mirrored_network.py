"""A network and the update of its weights where several devices share every batch."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

import tensorflow as tf

from segcore.network import NetworkSpec
from segcore.values import Call
from segshell.builders import STANDARD, Builders
from segshell.shared_network import Cost, Descent, Raw, SharedNetwork, activated, before_activation

Passed: TypeAlias = tuple[Raw, tf.Tensor]


def _replica() -> tf.Tensor:
    """Return the number of the replica that asks, from 0."""
    return tf.distribute.get_replica_context().replica_id_in_sync_group


def _own_seed(state: tf.Tensor, replica: tf.Tensor, replicas: int) -> tf.Tensor:
    """Return the state of a random generator for a replica: the first has it as it is, each other one of its own."""
    return tf.where(replica == 0, state, tf.random.split(state, replicas)[replica])


_RATES: Final = 2  # of the optimizer, and of one that scales the loss around it


def _one_rate(rates: list[tf.Variable], create: Callable[..., Any], **given: Any) -> Any:
    """Create a variable, but give a learning rate one of `rates`: callbacks read it as a number, and as one alone.

    ``float`` of a variable that lies on several devices is an error.
    """
    if given.get("name") != "learning_rate":
        return create(**given)
    value, rate = given["initial_value"], rates.pop()
    rate.assign(value() if callable(value) else value)
    return rate


class MirroredNetwork(SharedNetwork):
    """One model whose variables lie on several devices; each runs it on its share of every batch.

    Shares differ by one image at most. A device that has no share of a small batch runs one of the images for nothing:
    what comes of it does not count.

    Parameters
    ----------
    spec
        The network.
    devices
        TensorFlow's names of the devices. What is computed on the batch as a whole is computed on the first.
    freeze_encoder, builders
        As `segshell.shared_network.SharedNetwork`.

    """

    def __init__(
        self,
        spec: NetworkSpec,
        devices: Sequence[str],
        freeze_encoder: bool = False,
        builders: Builders = STANDARD,
    ) -> None:
        # A sum that is made on one device has one order, and so the same bits every time.
        together = tf.distribute.ReductionToOneDevice()
        self.devices = tuple(devices)
        self.strategy = tf.distribute.MirroredStrategy(self.devices, cross_device_ops=together)
        with self.strategy.scope():
            super().__init__(spec, freeze_encoder, builders)
        self._seeds = {id(state) for state in self._seed_states}

    @property
    def passes(self) -> dict[str, Any]:
        """The traced functions by name; the training pass is a part of each step, since the devices meet within it."""
        return {"infer": self.infer}

    def bounds(self, size: tf.Tensor, replica: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return where the share of a replica (or of several) begins in a batch, and where it ends: int32."""
        return size * replica // len(self.devices), size * (replica + 1) // len(self.devices)

    def counts(self, size: tf.Tensor) -> tf.Tensor:
        """Return how many images of a batch each replica has, int32 (replicas,)."""
        first, stop = self.bounds(size, tf.range(len(self.devices)))
        return stop - first

    def shown(self, images: tf.Tensor, replica: tf.Tensor) -> tf.Tensor:
        """Return the images that a replica runs on: its share, or one image where that is empty."""
        first, stop = self.bounds(tf.shape(images)[0], replica)
        with tf.device(self.devices[0]):  # so that no device is sent the shares of others
            return images[first : tf.maximum(stop, first + 1)]

    def pass_of(self, images: tf.Tensor, trained: list[tf.Tensor]) -> tuple[Passed, list[tf.Tensor | None]]:
        """Run the training pass on the images of this replica.

        Parameters
        ----------
        images
            What `shown` gave.
        trained
            The values of the trainable variables.

        Returns
        -------
        tuple
            What stands before the last activation, with the penalty; and for every other variable what the pass would
            assign to it, or None: nothing is assigned here.

        """
        fixed = self.model.non_trainable_variables
        given = [tf.convert_to_tensor(one.value) for one in fixed]
        given = [
            _own_seed(state, _replica(), len(self.devices)) if id(one) in self._seeds else state
            for one, state in zip(fixed, given, strict=True)
        ]
        outputs, states, losses = self.model.stateless_call(
            trained, given, images, training=True, return_losses=True
        )
        changed = [new if new is not old else None for new, old in zip(states, given, strict=True)]
        return (before_activation(outputs), tf.add_n([tf.zeros(()), *losses])), changed

    def joined(self, passed: Passed, size: tf.Tensor) -> Passed:
        """Return what the replicas have given as that of the whole batch: in its order, the mean of the penalties."""
        counts, of = self.counts(size), self.strategy.experimental_local_results
        raw, penalties = passed
        whole = {
            kind: tf.concat([part[: counts[number]] for number, part in enumerate(of(parts))], axis=0)
            for kind, parts in raw.items()
        }
        return whole, self.mean(penalties, size)

    def mean(self, values: Any, size: tf.Tensor) -> tf.Tensor:
        """Return the mean of a value of each replica, weighted by its share of a batch of some size."""
        weights = tf.cast(self.counts(size), tf.float32) / tf.cast(size, tf.float32)
        parts = self.strategy.experimental_local_results(values)
        return tf.add_n([weights[number] * part for number, part in enumerate(parts)])

    def sum(self, values: Any) -> tf.Tensor:
        """Return the sum of a value of each replica, in their order."""
        return self.strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)

    def assign(self, changed: Sequence[Any], size: tf.Tensor) -> None:
        """Assign what the passes of a batch would: the mean of statistics, and the first replica's seeds."""
        for variable, values in zip(self.model.non_trainable_variables, changed, strict=True):
            if values is None:
                continue
            first = self.strategy.experimental_local_results(values)[0]
            variable.assign(self.mean(values, size) if first.dtype.is_floating else first)

    def descent(
        self, call: Call, clipnorm: float | None = None, clipvalue: float | None = None
    ) -> "MirroredDescent":
        """Return what updates the weights; arguments as `MirroredDescent` has them."""
        return MirroredDescent(self, call, clipnorm, clipvalue)

    def _infer(self, images: tf.Tensor) -> Passed:
        passed = self.strategy.run(self._infer_share, args=(images,))
        with tf.device(self.devices[0]):
            return self.joined(passed, tf.shape(images)[0])

    def _infer_share(self, images: tf.Tensor) -> Passed:
        return super()._infer(self.shown(images, _replica()))


class MirroredDescent(Descent):
    """The steps of a mirrored network down a cost of its outputs on the whole batch.

    Parameters
    ----------
    network
        Its trainable variables are updated.
    call, clipnorm, clipvalue
        As `segshell.optimizers.build`; bounds hold for the gradient of the batch.

    """

    def __init__(
        self,
        network: MirroredNetwork,
        call: Call,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
    ) -> None:
        self._mirrored = network
        rates = [tf.Variable(0.0, trainable=False) for _ in range(_RATES)]
        with network.strategy.scope(), tf.variable_creator_scope(partial(_one_rate, rates)):
            super().__init__(network, call, clipnorm, clipvalue)

    def descend(self, images: tf.Tensor, cost: Cost) -> tuple[tf.Tensor, tf.Tensor]:
        """Take a step, as `segshell.shared_network.Descent.descend`."""
        network, size = self._mirrored, tf.shape(images)[0]
        gradients, changed, predicted, loss = network.strategy.run(partial(self._share, cost), (images,))
        with tf.device(network.devices[0]):
            self.apply([None if one is None else network.sum(one) for one in gradients])
            network.assign(changed, size)
        return predicted, loss

    def _share(self, cost: Cost, images: tf.Tensor) -> tuple[Any, ...]:
        """Return a replica's part of the gradient, its states, and outputs and loss of the whole batch."""
        network, size = self._mirrored, tf.shape(images)[0]
        trained = [tf.convert_to_tensor(one.value) for one in network.model.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(trained)
            passed, changed = network.pass_of(network.shown(images, _replica()), trained)
        meet = tf.distribute.get_replica_context().merge_call
        towards, predicted, loss = meet(partial(self._merged, cost, size), passed)
        gradients = tape.gradient(passed, trained, self._of_share(towards, passed, size))
        return gradients, changed, predicted, loss

    def _merged(self, cost: Cost, size: tf.Tensor, _strategy: Any, raw: Any, penalty: Any) -> tuple[Any, ...]:
        """Return the gradient of the loss towards what the replicas gave, with outputs and loss of the batch."""
        with tf.device(self._mirrored.devices[0]):
            whole = self._mirrored.joined((raw, penalty), size)
            with tf.GradientTape() as tape:
                tape.watch(whole)
                predicted = activated(whole[0])
                loss = cost(predicted) + whole[1]
                scaled = self.optimizer.scale_loss(loss)
            none = tf.UnconnectedGradients.ZERO
            return tape.gradient(scaled, whole, unconnected_gradients=none), predicted, loss

    def _of_share(self, towards: Passed, passed: Passed, size: tf.Tensor) -> Passed:
        """Return of the gradient towards a batch what concerns this replica: zeros for an image that does not count."""
        first, stop = self._mirrored.bounds(size, _replica())
        weight = tf.cast(stop - first, tf.float32) / tf.cast(size, tf.float32)

        def own(whole: tf.Tensor, run: tf.Tensor) -> tf.Tensor:
            missing = tf.shape(run)[0] - (stop - first)
            return tf.pad(whole[first:stop], [[0, missing], [0, 0], [0, 0], [0, 0]])

        return {kind: own(whole, passed[0][kind]) for kind, whole in towards[0].items()}, weight * towards[1]
