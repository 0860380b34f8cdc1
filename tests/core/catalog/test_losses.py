import inspect

import numpy as np
import pytest

from segcore.catalog.keras_losses import LINES
from segcore.catalog.losses import FACTS, OURS, facts
from segcore.catalog.signatures import name_of
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import keras

NAMES = [name_of(line) for line in LINES]
_TRUTH = np.eye(2, dtype=np.float32)[np.random.default_rng(3).integers(0, 2, (2, 8, 8))]
_GOOD = np.where(_TRUTH == 1, np.float32(0.9), np.float32(0.1))


def _loss(name, truth, probability):
    return float(np.mean(getattr(keras().losses, name)(truth, probability)))


@pytest.mark.parametrize("name", NAMES)
def test_it_works_on_maps_and_is_less_for_the_better_prediction(name):
    good, bad = _loss(name, _TRUTH, _GOOD), _loss(name, _TRUTH, 1 - _GOOD)
    assert np.isfinite([good, bad]).all()
    assert good < bad


@pytest.mark.filterwarnings("ignore:In loss:SyntaxWarning")
@pytest.mark.parametrize("name", NAMES)
def test_one_class_is_enough_where_the_facts_say_so(name):
    """With one channel it tells good from bad, on background and on object, where one class will do."""
    empty = np.zeros((1, 4, 4, 1), np.float32)
    on_background = _loss(name, empty, empty + 0.1) < _loss(name, empty, empty + 0.9)
    on_object = _loss(name, empty + 1, empty + 0.9) < _loss(name, empty + 1, empty + 0.1)
    # An overlap with an empty truth is nothing, whatever is predicted.
    assert (on_object and (on_background or name == "tversky")) == (facts(name).classes == 1)


def test_facts_are_there_for_every_loss_and_no_other():
    assert sorted(one.name for one in FACTS) == sorted(STANDARD.names("loss"))
    for one in FACTS:
        assert set(one.activations) <= set(STANDARD.names("activation"))
        assert one.activations
        assert one.note


def test_losses_take_no_parameters():
    assert all(STANDARD.find("loss", name).parameters == () for name in STANDARD.names("loss"))
    assert set(OURS) <= set(STANDARD.names("loss"))


def test_facts_of_the_usual_losses():
    assert facts("BinaryCrossentropy").activations == ("sigmoid",)
    assert facts("categorical_crossentropy").activations == ("softmax",)
    assert facts("categorical_crossentropy").classes == 2
    assert {"sigmoid", "softmax"} <= set(facts("lovasz_loss").activations)
    assert facts("banana") is None


def test_a_softmax_of_one_class_says_nothing():
    """The losses that go with softmax alone need two classes."""
    assert all(one.classes == 2 for one in FACTS if one.activations == ("softmax",))


def test_every_loss_of_keras_is_offered_or_refused():
    module = keras().losses
    functions = {name for name, one in vars(module).items() if inspect.isfunction(one)}
    unknown = {
        name
        for name in functions - {"get", "serialize", "deserialize"}
        if STANDARD.refusal("loss", name) is None and name not in NAMES
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("dice", "dice_loss"),
        ("IoU", "iou_loss"),
        ("sparse_categorical_crossentropy", "categorical_crossentropy"),
    ],
)
def test_what_is_refused_names_what_to_write(name, advice):
    assert advice in STANDARD.refusal("loss", name)
    assert STANDARD.find("loss", advice)
