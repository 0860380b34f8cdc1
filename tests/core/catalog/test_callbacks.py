import pytest

from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, keras, public_classes

OWN = ("CyclicLR", "LRVariator", "MLflow")
NAMES = tuple(name for name in STANDARD.names("callback") if name not in OWN)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_built_with_its_defaults(name):
    arguments = {one.name: one.default for one in STANDARD.find("callback", name).parameters}
    arguments |= {"monitor": "val_iou"} if "monitor" in arguments else {}
    assert getattr(keras().callbacks, name)(**arguments)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_keras_own_but_for_the_monitor(name):
    """Keras watches val_loss; here null stands for the experiment's primary metric."""
    different = differing_defaults(STANDARD.find("callback", name), getattr(keras().callbacks, name))
    assert set(different) <= {"monitor"}


def test_every_callback_of_keras_is_offered_or_refused():
    classes = public_classes(keras().callbacks)
    assert {name for name in classes if STANDARD.refusal("callback", name) is None} == set(NAMES)


@pytest.mark.parametrize(
    "name", ["lambda_callback", "LearningRateScheduler", "CSVLogger", "swap_ema_weights"]
)
def test_what_would_break_a_promise_is_refused(name):
    assert STANDARD.refusal("callback", name)
    assert STANDARD.find("callback", name) is None


@pytest.mark.parametrize("name", OWN)
def test_those_that_keras_does_not_have_are_offered(name):
    assert STANDARD.find("callback", name) is not None


def test_what_follows_a_variation_takes_the_same_arguments():
    first, following = (STANDARD.find(family, "LRVariator") for family in ("callback", "variation"))
    assert first.parameters == following.parameters
    assert STANDARD.names("variation") == ("LRVariator",)
