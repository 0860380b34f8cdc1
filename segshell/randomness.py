"""The caller's random states, kept as they were around code that draws from them.

Keras draws every unseeded initializer and dropout state from Python's `random`. TensorFlow's own generators
are neither read nor written here.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

_KERAS_STATES = ("global_seed_generator", "global_random_seed")


def _keras_states() -> tuple[object, ...]:
    from keras.src.backend.common import global_state  # there is no public way to read them

    return tuple(global_state.get_global_attribute(name) for name in _KERAS_STATES)


def _set_keras_states(states: tuple[object, ...]) -> None:
    from keras.src.backend.common import global_state

    for name, state in zip(_KERAS_STATES, states, strict=True):
        global_state.set_global_attribute(name, state)


@contextmanager
def preserved_random_states() -> Iterator[None]:
    """Leave Python's, NumPy's and Keras' global random states as they were, whatever is drawn inside.

    Keras' global generator is a new one inside, since its state changes in place.
    """
    before = random.getstate(), np.random.get_state(), _keras_states()  # noqa: NPY002 - it is the caller's
    _set_keras_states((None, before[2][1]))
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        _set_keras_states(before[2])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run with Python's, NumPy's and Keras' global generators seeded, and put the caller's states back.

    Parameters
    ----------
    seed
        From 0 to 2**32 - 1. What is drawn inside is a function of it alone.

    """
    with preserved_random_states():
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - some libraries draw from it
        _set_keras_states((None, seed))
        yield
