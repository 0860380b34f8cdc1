"""Rates in place of strides, and the separable convolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

keras = pytest.importorskip("keras")
atrous = pytest.importorskip("segshell.atrous")

MAPS = np.random.default_rng(0).normal(size=(1, 9, 8, 4)).astype(np.float32)


@given(st.lists(st.sampled_from([1, 2]), max_size=20), st.sampled_from([8, 16]))
def test_maps_shrink_to_the_output_stride_and_rates_make_up_for_the_rest(strides, wanted):
    """The stride so far times the rate is the stride that the classifier has at each block."""
    plan = atrous.atrous(strides, 2, wanted)
    shrunk = 2
    for place, (stride, rate) in enumerate(plan):
        assert shrunk * rate == 2 * np.prod(strides[:place], dtype=int)
        shrunk *= stride
        assert shrunk <= wanted
    assert shrunk == min(wanted, 2 * np.prod(strides, dtype=int))


def test_the_rates_of_the_paper_for_the_exit_flow():
    """Xception at output stride 8: the middle flow has rate 2, the exit flow's two blocks 2 and 4."""
    strides = (2, 2, 2, 1, 2, 1)
    assert atrous.atrous(strides, 2, 8)[2:] == [(1, 1), (1, 2), (1, 2), (1, 4)]
    assert atrous.atrous(strides, 2, 16)[2:] == [(2, 1), (1, 1), (1, 1), (1, 2)]


@pytest.mark.parametrize(("stride", "size"), [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_sizes_are_halved_upwards(stride, size):
    for side in (8, 9):
        maps = keras.Input((side, side, 4))
        assert atrous.convolved(maps, 5, "a", size=size, stride=stride).shape[1] == -(-side // stride)
        assert atrous.separable(maps, 5, "b", stride=stride).shape[1:] == (-(-side // stride),) * 2 + (5,)


def test_a_strided_convolution_keeps_the_middle_of_its_window_on_every_second_pixel():
    layer_in = keras.Input((9, 9, 1))
    model = keras.Model(layer_in, atrous.convolved(layer_in, 1, "a", size=3, stride=2))
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1] = 1
    model.set_weights([kernel])
    picture = np.random.default_rng(0).random((1, 9, 9, 1)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(model(picture)), picture[:, ::2, ::2], rtol=1e-6)


@pytest.mark.parametrize("is_activated", [True, False])
def test_a_separable_convolution_is_keras_own_with_normalisation_and_relus(is_activated):
    layer_in = keras.Input(MAPS.shape[1:])
    built = atrous.separable(layer_in, 6, "a", rate=2, is_activated=is_activated, epsilon=0.0)
    model = keras.Model(layer_in, built)
    depthwise, pointwise = (model.get_layer(f"a_{half}wise").get_weights()[0] for half in ("depth", "point"))
    reference = keras.layers.SeparableConv2D(6, 3, padding="same", dilation_rate=2, use_bias=False)
    given = MAPS if is_activated else np.maximum(MAPS, 0)
    if is_activated:
        inner = keras.ops.relu(keras.ops.depthwise_conv(given, depthwise, padding="same", dilation_rate=2))
        expected = keras.ops.relu(keras.ops.conv(inner, pointwise, padding="same"))
    else:
        reference.build(given.shape)
        reference.set_weights([depthwise, pointwise])
        expected = reference(given)
    np.testing.assert_allclose(np.asarray(model(MAPS)), np.asarray(expected), atol=1e-5)
