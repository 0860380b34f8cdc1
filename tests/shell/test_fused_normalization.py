"""Batch normalization in one operation: Keras' values, statistics, gradients, names and weights files."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from segshell import networks
from segshell.fused_normalization import BatchNormalization, fused


def normalized(layer, values, weight):
    """Return outputs, moving statistics and the gradients with respect to inputs and weights of one training call."""
    inputs = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        cost = tf.reduce_sum(outputs * weight)
    gradients = tape.gradient(cost, [inputs, *layer.trainable_variables])
    return [outputs.numpy(), *(one.numpy() for one in (layer.moving_mean, layer.moving_variance, *gradients))]


@given(
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)),
    st.booleans(), st.booleans(), st.sampled_from([0.0, 0.9, 0.99]), st.integers(0, 99),
)  # fmt: skip
def test_it_is_the_layer_of_keras(shape, scale, center, momentum, seed):
    """Also for a single number in a channel, whose variance is 0 and not the 0/0 of a sample's."""
    random = np.random.default_rng(seed)
    values, weight = (random.normal(1, 2, shape).astype(np.float32) for _ in range(2))
    options = {"scale": scale, "center": center, "momentum": momentum, "epsilon": 1e-2}
    found = [
        normalized(kind(**options), values, weight)
        for kind in (keras.layers.BatchNormalization, BatchNormalization)
    ]
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=2e-4)


def test_the_statistics_are_those_of_the_definition():
    """Mean and variance of the batch (not of a sample), by numpy in float64."""
    values = np.random.default_rng(0).normal(3, 2, (2, 3, 5, 4)).astype(np.float32)
    layer = BatchNormalization(momentum=0.75)
    layer(values, training=True)
    exact = values.astype(np.float64)
    np.testing.assert_allclose(layer.moving_mean.numpy(), 0.25 * exact.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.numpy(), 0.75 + 0.25 * exact.var((0, 1, 2)), rtol=1e-5)
    before = layer.moving_mean.numpy()
    layer(values, training=False)
    assert np.array_equal(layer.moving_mean.numpy(), before)


@pytest.mark.parametrize(
    ("options", "shape", "dtype"),
    [({}, (4, 3), "float32"), ({"axis": 1}, (2, 3, 4, 5), "float32"), ({"renorm": True}, (2, 3, 4, 5), "float32"),
     ({"dtype": "mixed_float16"}, (2, 3, 4, 5), "float16")],
)  # fmt: skip
def test_what_the_operation_does_not_cover_is_computed_by_keras(options, shape, dtype):
    values = np.random.default_rng(1).normal(size=shape).astype(dtype)
    found = [
        kind(**options)(values, training=True)
        for kind in (keras.layers.BatchNormalization, BatchNormalization)
    ]
    assert np.array_equal(*(one.numpy() for one in found))


def small(name):
    """Return a model with its layers, nested ones and marked ones among them, whose names do not repeat."""
    inside = keras.Input((None, None, 2))
    shared = keras.layers.BatchNormalization(name="shared", momentum=0.5)
    nested = keras.Model(inside, keras.layers.Conv2D(2, 1, name="within")(shared(inside)), name="nested")
    other = keras.Model(inside, shared(inside), name="other")
    networks.mark_encoder([shared])
    pixels = keras.Input((4, 4, 2))
    outputs = other(nested(keras.layers.BatchNormalization(name="first")(pixels)))
    return keras.Model(pixels, keras.layers.Dropout(0.5)(outputs), name=name)


def test_a_fused_model_has_the_variables_and_the_marks_of_the_other(tmp_path):
    """And its weights file is read by the other; a layer that two nested models share stays one."""
    model = small("one")
    made = fused(model)
    assert [one.path for one in made.variables] == [one.path for one in model.variables]
    assert [one.path for one in made.trainable_variables] == [one.path for one in model.trainable_variables]
    kinds = {type(layer) for layer in networks.every_layer(made) if "batch" in type(layer).__name__.lower()}
    assert kinds == {BatchNormalization}
    encoder = {id(layer): layer for layer in networks.encoder_layers(made)}
    assert [(layer.name, layer.momentum) for layer in encoder.values()] == [("shared", 0.5)]
    random = np.random.default_rng(2)
    for variable in made.variables:
        if variable.dtype == "float32":
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
    values = random.normal(size=(2, 4, 4, 2)).astype(np.float32)
    made.save_weights(tmp_path / "made.weights.h5")
    model.load_weights(tmp_path / "made.weights.h5")
    assert np.array_equal(model(values, training=False), made(values, training=False))
