"""What callbacks carry: that Keras' are complete is shown by training on from them, see test_resume."""

import keras
import numpy as np
import pytest

from segcore.values import Call
from segshell.callback_states import CallbackStateError, not_resumable, put_back, states_of
from segshell.callbacks import build
from segshell.schedules import CyclicLR


class Counting(keras.callbacks.Callback):
    """A callback of one's own with both methods."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def get_state(self):
        return {"seen": self.seen}

    def set_state(self, state):
        self.seen = state["seen"]


class Forgetful(keras.callbacks.EarlyStopping):
    """A callback that carries more than the one that it extends, and does not say so."""


def begun(*words):
    callback = build(Call(*words), "val_loss", "min")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1))
    callback.set_model(model)
    callback.on_train_begin()
    return callback


def stopping():
    return begun("EarlyStopping", (("patience", 3), ("restore_best_weights", True)))


def plateau():
    return begun("ReduceLROnPlateau", (("patience", 1), ("cooldown", 2)))


def changed_by_training(make, losses):
    """Return the attributes of a callback that differ after some epochs from those at the beginning of training."""
    callback = make()
    before = dict(vars(callback))
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
    return {name for name, value in vars(callback).items() if value is not before.get(name)}


# Set at the first epoch end from the arguments, in a new callback as in the old one.
DERIVED = {"monitor_op", "min_delta"}


@pytest.mark.parametrize(
    ("make", "losses"), [(stopping, [3, 2, 2, 2, 2, 2]), (plateau, [3, 2, 2, 2, 1, 1, 1])]
)
def test_everything_that_training_changes_in_a_callback_of_keras_is_in_its_state(make, losses):
    """Asked of Keras itself, so that an attribute that a later version adds is found."""
    (state,) = states_of([make()])
    assert changed_by_training(make, losses) <= set(state) | DERIVED


def test_states_are_put_back_in_the_order_of_the_callbacks():
    first, second = stopping(), Counting()
    first.best, first.best_weights, first.wait, second.seen = 0.25, [np.ones(2)], 2, 7
    new = [stopping(), Counting()]
    put_back(new, states_of([first, second]))
    assert (new[0].best, new[0].wait, new[1].seen) == (0.25, 2, 7)
    np.testing.assert_array_equal(new[0].best_weights[0], np.ones(2))


def test_who_does_not_say_what_it_carries_cannot_go_on():
    """A subclass of Keras' own may carry more than it."""
    bare = keras.callbacks.Callback()
    assert not_resumable([stopping(), Counting(), CyclicLR(), bare, Forgetful()]) == ("Callback", "Forgetful")
    with pytest.raises(TypeError, match="get_state"):
        states_of([bare])


def test_a_state_stays_as_it_was_taken():
    """Epochs may pass until it is written, and the callback goes on with its own lists and arrays."""
    one = Counting()
    one.seen = [1, np.zeros(2)]
    (state,) = states_of([one])
    one.seen.append(2)
    one.seen[1] += 1
    assert state["seen"][:1] == [1]
    assert len(state["seen"]) == 2
    np.testing.assert_array_equal(state["seen"][1], [0, 0])


@pytest.mark.parametrize(
    ("seen", "said"), [({1}, r"Counting.get_state\(\).seen: a set"), (np.array("a"), "an array of")]
)
def test_a_state_that_cannot_be_kept_is_the_fault_of_its_callback(seen, said):
    one = Counting()
    one.seen = seen
    with pytest.raises(CallbackStateError, match=said) as caught:
        states_of([one])
    assert caught.value.exit_code == 2
    one.get_state = lambda: None
    with pytest.raises(CallbackStateError, match="gives a NoneType; a dict"):
        states_of([one])
