"""Every architecture with every encoder that it takes: a sample in each run, the whole table among the slow tests."""

from importlib import import_module

import numpy as np
import pytest

from segcore.catalog.encoders import encoders_of, rule_of
from segcore.catalog.standard import STANDARD as CATALOG
from segcore.network import NetworkSpec

keras = pytest.importorskip("keras")
networks = pytest.importorskip("segshell.networks")

SAMPLE = (
    ("Unet", "resnet18"),
    ("FPN", "mobilenetv2"),
    ("Linknet", "vgg16"),
    ("PSPNet", "efficientnetb0"),
    ("UPerNet", "efficientnetv2b0"),
)
OWN = (("DeepLabV3", "mobilenetv2"), ("UPerNet", "resnet18"))
PAIRS = [(name, encoder) for name in CATALOG.names("architecture") for encoder in encoders_of(name)]
# Every encoder once, over the architectures that take it in turn.
DIAGONAL = [
    takers[number % len(takers)]
    for number, encoder in enumerate(dict.fromkeys(encoder for _, encoder in PAIRS))
    for takers in [[pair for pair in PAIRS if pair[1] == encoder]]
]


def spec_of(architecture, backbone):
    return NetworkSpec(architecture, backbone, (), 3, "softmax", (96, 96, 3), rule_of(backbone), 0.93)


def unet_skips(network):
    return [network.get_layer(f"decoder_stage{stage}_concat").input[1] for stage in range(4)]


def linknet_skips(network):
    return [network.get_layer(f"decoder_stage{stage}_add").input[1] for stage in range(4)]


def fpn_skips(network):
    return [network.get_layer(f"fpn_stage_p{stage}_conv").input for stage in (5, 4, 3, 2)]


def upernet_skips(network):
    laterals = [network.get_layer(f"feature_pyramid{level}_lateral_conv").input for level in (2, 1, 0)]
    return [network.get_layer("pooling_pyramid_conv").input, *laterals]


# The encoder's maps that a decoder takes, deepest first, and their heights for an input of 96 pixels.
SKIPS = {
    "Unet": (unet_skips, [6, 12, 24, 48]),
    "Linknet": (linknet_skips, [6, 12, 24, 48]),
    "FPN": (fpn_skips, [6, 12, 24, 48]),
    "UPerNet": (upernet_skips, [3, 6, 12, 24]),
}


def check_network(architecture, backbone):
    model = networks.build(spec_of(architecture, backbone))
    assert (model.input.dtype, model.input.shape) == ("uint8", (None, 96, 96, 3))
    assert (model.output.dtype, model.output.shape) == ("float32", (None, 96, 96, 3))
    if architecture in SKIPS:
        skips, expected = SKIPS[architecture]
        network = next(layer for layer in model.layers if isinstance(layer, keras.Model))
        assert [one.shape[1] for one in skips(network)] == expected
    return model


def cost_and_gradients(model, pixels, truth):
    tf = import_module("tensorflow")
    with tf.GradientTape() as tape:
        cost = tf.reduce_mean(keras.losses.categorical_crossentropy(truth, model(pixels)))
    return float(cost), tape.gradient(cost, [one.value for one in model.trainable_variables])


def check_learning(model):
    """Check that every weight has a gradient, and that some step against it lowers the loss."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (1, 96, 96, 3), dtype=np.uint8)
    truth = np.eye(3, dtype=np.float32)[generator.integers(0, 3, (1, 96, 96))]
    before, gradients = cost_and_gradients(model, pixels, truth)
    assert all(one is not None for one in gradients)
    norm = float(sum(keras.ops.sum(one * one) for one in gradients)) ** 0.5
    starts, costs = [one.numpy() for one in model.trainable_variables], []
    for length in (1e-1, 1e-2, 1e-3):
        for variable, start, gradient in zip(model.trainable_variables, starts, gradients, strict=True):
            variable.assign(start - length / norm * np.asarray(gradient))
        costs.append(float(keras.ops.mean(keras.losses.categorical_crossentropy(truth, model(pixels)))))
    assert min(costs) < before


def check_life(architecture, backbone, folder):
    """Check that a network learns, and that its weights make the same network of another one."""
    model = check_network(architecture, backbone)
    check_learning(model)
    model.save_weights(folder / "a.weights.h5")
    other = networks.build(spec_of(architecture, backbone))
    other.load_weights(folder / "a.weights.h5")
    pixels = np.random.default_rng(1).integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(model(pixels)), np.asarray(other(pixels)))


@pytest.mark.parametrize(("architecture", "backbone"), SAMPLE)
def test_a_network_takes_pixels_and_gives_probabilities(architecture, backbone):
    model = check_network(architecture, backbone)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)
    predicted = np.asarray(model(pixels))
    np.testing.assert_allclose(predicted.sum(axis=-1), 1, rtol=1e-5)
    assert predicted.min() >= 0


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "backbone"), PAIRS)
def test_every_encoder_builds_with_every_architecture_that_takes_it(architecture, backbone):
    check_network(architecture, backbone)
    keras.utils.clear_session()


@pytest.mark.parametrize(("architecture", "backbone"), OWN)
def test_a_network_learns_and_is_the_same_after_it_was_saved(architecture, backbone, tmp_path):
    check_life(architecture, backbone, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "backbone"), DIAGONAL)
def test_every_encoder_learns_and_is_the_same_after_it_was_saved(architecture, backbone, tmp_path):
    check_life(architecture, backbone, tmp_path)
    keras.utils.clear_session()
