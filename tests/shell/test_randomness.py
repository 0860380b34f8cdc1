import random
from contextlib import suppress

import numpy as np
import pytest

keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")
randomness = pytest.importorskip("segshell.randomness")


def draws():
    """Return one number of each global generator, which thereby move on."""
    keras_number = float(keras.random.uniform(()))
    return random.random(), np.random.random(), keras_number  # noqa: NPY002, S311 - the global ones are meant


def set_all(seed):
    keras.utils.set_random_seed(seed)


def test_what_is_drawn_inside_does_not_change_what_comes_after():
    set_all(1)
    expected = [draws(), draws()]
    set_all(1)
    first = draws()
    with randomness.preserved_random_states():
        draws()
        random.seed(5)
        np.random.seed(6)  # noqa: NPY002
    assert [first, draws()] == expected


def test_the_states_come_back_after_an_error():
    set_all(1)
    expected = draws()
    set_all(1)
    with suppress(KeyError), randomness.seeded(3):
        draws()
        raise KeyError
    assert draws() == expected


def test_seeded_draws_are_a_function_of_the_seed():
    drawn = []
    for before, seed in [(1, 7), (2, 7), (2, 8)]:
        set_all(before)
        with randomness.seeded(seed):
            drawn.append(draws())
    assert drawn[0] == drawn[1]
    assert all(one != other for one, other in zip(drawn[1], drawn[2], strict=True))


def test_tensorflow_goes_on_as_if_nothing_had_happened():
    tf.random.set_seed(4)
    expected = [float(tf.random.uniform(())) for _ in range(2)]
    tf.random.set_seed(4)
    first = float(tf.random.uniform(()))
    with randomness.seeded(9):
        keras.layers.Dense(3).build((None, 2))
    assert [first, float(tf.random.uniform(()))] == expected
