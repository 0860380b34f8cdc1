"""The modified aligned Xception: sizes, the decoder's skip, and the names of the public weights."""

import pytest

keras = pytest.importorskip("keras")
xception = pytest.importorskip("segshell.xception")


def build(output_stride, size=64):
    given = keras.Input((size, size, 3))
    return keras.Model(given, list(xception.xception(given, output_stride)))


@pytest.fixture(scope="module")
def model():
    return build(16)


def expected_names():
    """Return the names of layers with weights, as the public conversion of the authors' checkpoint has them."""
    blocks = [*(f"entry_flow_block{number}" for number in (1, 2, 3)), "exit_flow_block1", "exit_flow_block2"]
    blocks += [f"middle_flow_unit_{number}" for number in range(1, 17)]
    bare = ["entry_flow_conv1_1", "entry_flow_conv1_2"]
    bare += [f"{block}_shortcut" for block in blocks[:4]]
    bare += [
        f"{block}_separable_conv{number}_{half}wise"
        for block in blocks
        for number in (1, 2, 3)
        for half in ("depth", "point")
    ]
    return {f"{name}{ending}" for name in bare for ending in ("", "_BN")}


def test_layers_have_the_names_of_the_public_weights(model):
    assert {layer.name for layer in model.layers if layer.weights} == expected_names()


def test_the_skip_is_at_a_quarter_and_the_maps_at_the_output_stride(model):
    assert [tuple(one.shape) for one in model.outputs] == [(None, 4, 4, 2048), (None, 16, 16, 256)]


def test_sizes_are_halved_upwards_and_the_other_stride_has_the_same_weights(model):
    other = build(8, size=65)
    assert [tuple(one.shape) for one in other.outputs] == [(None, 9, 9, 2048), (None, 17, 17, 256)]
    assert [tuple(one.shape) for one in other.weights] == [tuple(one.shape) for one in model.weights]
    rates = {name: other.get_layer(f"{name}_depthwise").dilation_rate[0] for name in (
        "entry_flow_block3_separable_conv3",
        "middle_flow_unit_1_separable_conv1",
        "exit_flow_block1_separable_conv1",
        "exit_flow_block2_separable_conv1",
    )}  # fmt: skip
    assert list(rates.values()) == [1, 2, 2, 4]
