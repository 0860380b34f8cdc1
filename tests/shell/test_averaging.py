"""The moving average of weights: what it is, and how it is lent to the model."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
averaging = pytest.importorskip("segshell.averaging")


def dense():
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
    )


def trained(model):
    return [one.numpy() for one in model.trainable_variables]


def moved(model, random):
    """Give the trained weights new values and return them."""
    for one in model.trainable_variables:
        one.assign(random.normal(size=one.shape).astype(np.float32))
    return trained(model)


@pytest.mark.parametrize("decay", [0.3, 0.9, 0.999])
def test_the_average_is_the_mean_of_the_weights_after_each_step_with_weights_that_decay(decay):
    """The weights before the first step have no part in it."""
    model, random = dense(), np.random.default_rng(0)
    average = averaging.Average(model, decay)
    seen = []
    for _ in range(7):
        seen.append(moved(model, random))
        average.update()
    weights = decay ** np.arange(6, -1, -1.0)
    with average.lent():
        for found, values in zip(trained(model), zip(*seen, strict=True), strict=True):
            np.testing.assert_allclose(found, np.average(values, axis=0, weights=weights), atol=1e-5)


def test_before_the_first_step_it_is_the_weights_themselves():
    model = dense()
    before = trained(model)
    with averaging.Average(model, 0.9).lent():
        for found, expected in zip(trained(model), before, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_lending_puts_the_weights_back_bit_for_bit_also_after_an_error():
    model, random = dense(), np.random.default_rng(1)
    average = averaging.Average(model, 0.9)
    moved(model, random)
    average.update()
    last = moved(model, random)

    def fail():
        with average.lent():
            assert not np.array_equal(trained(model)[0], last[0])
            raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        fail()
    for found, expected in zip(trained(model), last, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_what_is_not_trained_is_not_averaged():
    model = dense()
    model.layers[0].trainable = False
    average = averaging.Average(model, 0.9)
    fixed = [one.numpy() for one in model.non_trainable_variables]
    moved(model, np.random.default_rng(2))
    average.update()
    assert len(average.variables) == len(model.trainable_variables)
    with average.lent():
        for found, expected in zip(model.non_trainable_variables, fixed, strict=True):
            np.testing.assert_array_equal(found.numpy(), expected)


def test_without_a_decay_the_model_is_looked_at_as_it_is():
    model = dense()
    none = averaging.average_of(model, None)
    last = moved(model, np.random.default_rng(3))
    none.update()
    with none.lent():
        np.testing.assert_array_equal(trained(model)[0], last[0])
    assert isinstance(averaging.average_of(model, 0.5), averaging.Average)
