"""Callbacks that set the rate before every training step, as a function of the step alone."""

from abc import ABC, abstractmethod
from typing import Any

import keras

from segcore.schedules import cyclic_rate, variations, varied_rate
from segcore.values import Call
from segshell.builders import keywords


class StepRate(keras.callbacks.Callback, ABC):  # type: ignore[misc]
    """Sets the optimizer's rate before each training step.

    What it sets depends on the number of the step in the stage and on nothing that happened before. Its ``params`` hold
    ``steps`` (training steps per epoch), ``epochs`` and ``lr`` (the rate with which the stage begins).
    """

    def __init__(self) -> None:
        super().__init__()
        self._first = 0

    @abstractmethod
    def rate(self, step: int) -> float:
        """Return the rate of a training step of the stage, counted from 0."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002 - of Keras
        """Note with which step of the stage an epoch begins."""
        self._first = epoch * self.params["steps"]

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002
        """Set the rate of a step of the epoch."""
        self.model.optimizer.learning_rate = self.rate(self._first + batch)


class CyclicLR(StepRate):
    """A triangular cycle of the rate; arguments as of `segcore.schedules.cyclic_rate`."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self._arguments = arguments

    def rate(self, step: int) -> float:
        """Return the rate of a training step of the stage."""
        return cyclic_rate(step, **self._arguments)


class LRVariator(StepRate):
    """The rate goes from one value to another, and on; arguments as of `segcore.schedules.variations`."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        self._call = Call("LRVariator", tuple(arguments.items()))

    def rate(self, step: int) -> float:
        """Return the rate of a training step of the stage."""
        total = self.params["epochs"] * self.params["steps"]
        return varied_rate(step, variations(self._call, self.params["lr"], total))


class Scheduled(StepRate):
    """The rate that a schedule of Keras gives for the step."""

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> None:
        super().__init__()
        self.schedule = schedule

    def rate(self, step: int) -> float:
        """Return the rate of a training step of the stage."""
        return float(self.schedule(step))


def cyclic(arguments: dict[str, Any], _monitor: str | None, _mode: str | None) -> CyclicLR:
    """Return the callback of a triangular cycle; it watches nothing."""
    return CyclicLR(**arguments)


def varied(arguments: dict[str, Any], _monitor: str | None, _mode: str | None) -> LRVariator:
    """Return the callback of a rate that goes from value to value; it watches nothing."""
    return LRVariator(**arguments)


def scheduled(schedule: Call) -> Scheduled:
    """Return what sets the rates of one of Keras' schedules, by its name there and with all its arguments."""
    kind = getattr(keras.optimizers.schedules, schedule.name)
    return Scheduled(kind(**keywords(schedule.arguments)))
