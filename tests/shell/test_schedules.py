"""Callbacks that set the rate of every step."""

import numpy as np
import pytest

from segcore.schedules import cyclic_rate
from segcore.values import Call
from segshell.builders import STANDARD

keras = pytest.importorskip("keras")
callbacks = pytest.importorskip("segshell.callbacks")
schedules = pytest.importorskip("segshell.schedules")

STEPS, EPOCHS = 7, 4


def seen(callback, epochs=range(EPOCHS), start=0.25):
    """Return the rates of an optimizer step after step, as float32, under a callback."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(start))
    hooks = keras.callbacks.CallbackList([callback], model=model, steps=STEPS, epochs=EPOCHS, lr=start)
    rates = []
    for epoch in epochs:
        hooks.on_epoch_begin(epoch)
        for step in range(STEPS):
            hooks.on_train_batch_begin(step)
            rates.append(float(model.optimizer.learning_rate))
    return rates


CYCLIC = Call("CyclicLR", (("base_lr", 0.01), ("max_lr", 0.1), ("step_size", 5)))
VARIED = Call(
    "LRVariator",
    (("absSize", 10), ("then", Call("LRVariator", (("relSize", 0.5), ("toVal", 0.01)))), ("toVal", 0.5)),
)
COSINE = Call("CosineDecay", (("decay_steps", 20), ("initial_learning_rate", 0.1)))
PIECES = Call("PiecewiseConstantDecay", (("boundaries", (3, 9)), ("values", (0.1, 0.2, 0.3))))


def test_a_cycle_goes_on_over_the_epochs():
    expected = [cyclic_rate(step, 0.01, 0.1, 5) for step in range(STEPS * EPOCHS)]
    assert seen(callbacks.build(CYCLIC)) == pytest.approx(expected)


def test_a_variation_starts_from_the_rate_of_the_stage_and_hands_on():
    """Ten steps from 0.25 to 0.5, then half of the 28 steps down to 0.01, where it stays."""
    up, down = np.linspace(0.25, 0.5, 11)[:10], np.linspace(0.5, 0.01, 15)[:14]
    expected = [*up, *down, *[0.01] * 4]
    assert seen(callbacks.build(VARIED)) == pytest.approx(expected)


@pytest.mark.parametrize("call", [COSINE, PIECES])
def test_a_schedule_gives_what_keras_gives_an_optimizer_with_it(call):
    arguments = {name: list(one) if isinstance(one, tuple) else one for name, one in call.arguments}
    theirs = getattr(keras.optimizers.schedules, call.name)(**arguments)
    optimizer = keras.optimizers.SGD(theirs)
    variable = keras.Variable(np.zeros(1, np.float32))
    expected = []
    for _ in range(STEPS * EPOCHS):
        expected.append(float(optimizer.learning_rate))
        optimizer.apply([np.ones(1, np.float32)], [variable])
    assert seen(schedules.scheduled(call)) == pytest.approx(expected)


@pytest.mark.parametrize("make", [lambda: callbacks.build(CYCLIC), lambda: callbacks.build(VARIED)])
def test_the_rates_of_an_epoch_do_not_depend_on_what_ran_before(make):
    """So a run that goes on from epoch 2 has the rates that it would have had."""
    assert seen(make(), epochs=range(2, EPOCHS)) == seen(make())[2 * STEPS :]


@pytest.mark.parametrize("name", ["CyclicLR", "LRVariator"])
def test_they_are_built_by_name_in_any_spelling(name):
    assert type(callbacks.build(Call(name.lower()))).__name__ == name
    assert STANDARD.find("callbacks", name) is not None
