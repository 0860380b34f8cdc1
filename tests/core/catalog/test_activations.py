import pytest

from segcore.catalog.activations import ACTIVATIONS, canonical
from tests.core.catalog.libraries import keras


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_one_of_keras(name):
    assert callable(keras().activations.get(name))


@pytest.mark.parametrize(("name", "stored"), [("none", "linear"), ("None", "linear"), ("Sigmoid", "sigmoid")])
def test_none_is_another_word_for_linear(name, stored):
    assert canonical(name) == stored
