"""MobileNetV2 against Keras' own where both are the same network, and its names."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
mobilenet_v2 = pytest.importorskip("segshell.mobilenet_v2")


def build(output_stride, alpha=1.0, size=64):
    given = keras.Input((size, size, 3))
    return keras.Model(given, mobilenet_v2.mobilenet_v2(given, output_stride, alpha))


@pytest.mark.parametrize("alpha", [0.35, 1.4])
def test_weights_have_the_shapes_of_keras_own_mobilenet(alpha):
    """Layer by layer, up to its last block; Keras adds a wider convolution behind it."""
    ours = [tuple(one.shape) for one in build(8, alpha).weights]
    own = keras.applications.MobileNetV2(
        input_shape=(64, 64, 3), alpha=alpha, include_top=False, weights=None
    )
    theirs = [tuple(one.shape) for one in own.weights]
    assert ours == theirs[: len(ours)]
    assert len(theirs) - len(ours) == 5


def test_the_network_is_that_of_keras_with_holes_in_place_of_strides():
    """At the first block whose stride is left out, maps at every second place are Keras' own.

    Keras pads strided convolutions like ours where the size is odd.
    """
    ours = build(8, size=65)
    own = keras.applications.MobileNetV2(input_shape=(65, 65, 3), include_top=False, weights=None, alpha=1.0)
    for variable, other in zip(ours.weights, own.weights, strict=False):
        variable.assign(other)
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 65, 65, 3)).astype(np.float32)
    inner = keras.Model(ours.input, ours.get_layer("expanded_conv_6_project_BN").output)(pixels)
    theirs = keras.Model(own.input, own.get_layer("block_6_project_BN").output)(pixels)
    np.testing.assert_allclose(np.asarray(inner)[:, ::2, ::2], np.asarray(theirs), atol=1e-4)


@pytest.mark.parametrize(
    ("output_stride", "size", "expected"), [(8, 64, 8), (16, 64, 4), (8, 65, 9), (16, 65, 5)]
)
def test_maps_shrink_by_the_output_stride(output_stride, size, expected):
    assert build(output_stride, size=size).output_shape == (None, expected, expected, 320)


def test_layers_have_the_names_of_the_public_weights():
    names = {layer.name for layer in build(8).layers if layer.weights}
    halves = ("depthwise", "project")
    expected = {"Conv", "Conv_BN"}
    for number in range(17):
        prefix = f"expanded_conv_{number}" if number else "expanded_conv"
        parts = halves if number == 0 else ("expand", *halves)
        expected |= {f"{prefix}_{part}{ending}" for part in parts for ending in ("", "_BN")}
    assert names == expected


@pytest.mark.parametrize(
    ("filters", "expected"), [(32, 32), (11.2, 16), (8.4, 8), (1, 8), (44.8, 48), (43, 40)]
)
def test_filters_are_multiples_of_eight_and_never_much_fewer(filters, expected):
    assert mobilenet_v2.divisible(filters) == expected
    assert expected % 8 == 0
    assert expected >= 0.9 * filters
