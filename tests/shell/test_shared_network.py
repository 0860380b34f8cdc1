"""A network's passes and an optimizer's update: what they return, and where they begin."""

import keras
import numpy as np
import pytest
from attrs import evolve

from segcore.errors import ConfigError
from segcore.network import NetworkSpec
from segcore.values import Call
from segshell.shared_network import Descent, SharedNetwork, activated
from tests.shell.small import BUILDERS

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
SPEC = NetworkSpec("Tiny", "none", (), 3, "sigmoid", (16, 16, 3), "identity", 0.9)


def tiny(spec):
    """Return a network with a penalty on its weights: 0.5 times their squares."""
    given = keras.Input(spec.shape)
    layer = keras.layers.Conv2D(
        spec.classes, 1, activation=spec.activation, kernel_regularizer=keras.regularizers.L2(0.5)
    )
    return keras.Model(given, layer(given / 255))


TINY = BUILDERS.with_(architectures={"Tiny": tiny})


@pytest.mark.parametrize(
    ("activation", "kind"),
    [("sigmoid", "Sigmoid"), ("softmax", "Softmax"), ("linear", "outputs"), ("tanh", "outputs")],
)
def test_the_last_activation_is_left_to_the_caller(activation, kind):
    """What stands before a sigmoid or softmax comes out, and becomes the outputs of the model bit for bit."""
    shared = SharedNetwork(evolve(SPEC, activation=activation), builders=TINY)
    for step, is_training in ((shared.learn, True), (shared.infer, False)):
        raw, _ = step(IMAGES)
        assert list(raw) == [kind]
        expected = shared.model(IMAGES, training=is_training)
        np.testing.assert_allclose(activated(raw), expected, rtol=1e-6, atol=1e-7)
    assert [(one.shape.as_list(), one.dtype) for one in shared.inferred[0].values()] == [
        ([None, 16, 16, 3], "float32")
    ]


def test_the_penalty_is_that_of_the_regularizers():
    shared = SharedNetwork(SPEC, builders=TINY)
    kernel = shared.model.trainable_variables[0].numpy().astype(np.float64)
    for step in (shared.learn, shared.infer):
        assert float(step(IMAGES)[1]) == pytest.approx(0.5 * np.square(kernel).sum(), rel=1e-5)
    plain = SharedNetwork(evolve(SPEC, architecture="Small"), builders=TINY)
    assert float(plain.learn(IMAGES)[1]) == 0


def test_an_encoder_that_is_not_marked_cannot_be_frozen():
    with pytest.raises(ConfigError, match="mark_encoder"):
        SharedNetwork(SPEC, freeze_encoder=True, builders=TINY)


def test_seeds_follow_from_the_place():
    shared = SharedNetwork(evolve(SPEC, architecture="Small"), builders=TINY)
    found = []
    for place in ((1, 0, 0), (1, 0, 1), (1, 0, 0)):
        shared.seed(place)
        found.append(activated(shared.learn(IMAGES)[0]).numpy())
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[0], found[1])


def test_a_reset_puts_the_optimizer_where_a_new_one_is():
    """Also where variables do not begin at 0: Adagrad's accumulators begin at 0.1."""
    shared = SharedNetwork(SPEC, builders=TINY)
    descent = Descent(shared, Call("Adagrad"))
    start = [one.numpy() for one in descent.optimizer.variables]
    assert any((one == np.float32(0.1)).all() for one in start)
    gradients = [np.ones(one.shape, np.float32) for one in shared.model.trainable_variables]
    before = shared.model.trainable_variables[0].numpy()
    descent.apply(gradients)
    assert (shared.model.trainable_variables[0].numpy() < before).all()
    descent.watched.stop_training = True
    descent.reset(0.25)
    assert not descent.watched.stop_training
    assert float(descent.optimizer.learning_rate) == 0.25
    descent.optimizer.learning_rate.assign(0.001)
    assert all(
        np.array_equal(*pair)
        for pair in zip(start, (one.numpy() for one in descent.optimizer.variables), strict=True)
    )
