"""The nudge for DenseNet: allowed names, the same layers, and Keras itself as it was."""

import pytest

keras = pytest.importorskip("keras")
densenet_names = pytest.importorskip("segshell.densenet_names")

LAYERS = densenet_names.RenamedLayers(keras.layers)


def test_the_nudge_is_still_needed():
    """Keras refuses the names that keras_applications gives; where it does not, the module can go."""
    with pytest.raises(ValueError, match="/"):
        keras.layers.Conv2D(1, 1, name="conv1/conv")


def test_a_layer_is_keras_own_under_an_allowed_name():
    layer = LAYERS.Conv2D(3, 1, name="conv1/conv")
    assert (type(layer), layer.name, layer.filters) == (keras.layers.Conv2D, "conv1_conv", 3)
    assert LAYERS.Conv2D(3, 1, name="conv").name == "conv"
    assert LAYERS.ReLU().name.startswith("re_lu")


def test_a_stand_in_knows_the_instances_of_its_class():
    """The library asks whether a layer is a BatchNormalization or a MaxPooling2D."""
    layer = keras.layers.BatchNormalization()
    assert isinstance(layer, LAYERS.BatchNormalization)
    assert isinstance(layer, LAYERS.Layer)
    assert not isinstance(layer, LAYERS.Conv2D)


def test_what_is_no_class_is_handed_through():
    assert LAYERS.add is keras.layers.add
    with pytest.raises(AttributeError):
        _ = LAYERS.NoSuchLayer
