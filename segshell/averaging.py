"""The moving average of a model's weights: kept beside them, and lent to the model while it is looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf

from segcore.schedules import average_gain


class Average:
    """The exponential moving average of a model's trainable variables, with bias correction.

    Before the first step it is the weights as they are; after n steps the mean of the weights after each of them with
    weights decay^(n - i), see `segcore.schedules.average_gain`. What is not trained, such as the statistics of
    BatchNormalization, has no average.

    Parameters
    ----------
    model
        Its trainable variables are those of now.
    decay
        Above 0 and below 1.

    """

    def __init__(self, model: tf.keras.Model, decay: float) -> None:
        self.decay, self.steps = decay, 0
        self._weights = list(model.trainable_variables)
        self.variables = [tf.Variable(one.numpy(), trainable=False) for one in self._weights]
        self._step = tf.function(self._follow, input_signature=(tf.TensorSpec((), tf.float32),))
        self._swap = tf.function(self._exchange, input_signature=())

    def _follow(self, gain: tf.Tensor) -> None:
        for average, weight in zip(self.variables, self._weights, strict=True):
            average.assign_add(gain * (tf.convert_to_tensor(weight.value) - average))

    def _exchange(self) -> None:
        for average, weight in zip(self.variables, self._weights, strict=True):
            ours, theirs = tf.identity(average), tf.identity(weight.value)
            average.assign(theirs)
            weight.assign(ours)

    def update(self) -> None:
        """Take in the weights as a training step has left them."""
        self.steps += 1
        self._step(tf.constant(average_gain(self.decay, self.steps), tf.float32))

    def state(self) -> dict[str, Any]:
        """Return what it carries from step to step."""
        return {"steps": self.steps, "variables": [one.numpy() for one in self.variables]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take such a state back."""
        self.steps = state["steps"]
        for variable, value in zip(self.variables, state["variables"], strict=True):
            variable.assign(value)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Put the average in the model's place; when the block ends, also by an error, the weights are back."""
        self._swap()
        try:
            yield
        finally:
            self._swap()


class NoAverage:
    """The same where no average is kept: the model is looked at as it is."""

    def update(self) -> None:
        """Do nothing."""

    def state(self) -> None:
        """Return that nothing is carried."""

    def restore(self, state: None) -> None:
        """Do nothing."""

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Leave the model as it is."""
        yield


def average_of(model: tf.keras.Model, decay: float | None) -> Average | NoAverage:
    """Return what follows a model's weights; None for no average."""
    return NoAverage() if decay is None else Average(model, decay)
