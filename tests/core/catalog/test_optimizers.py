import inspect

import numpy as np
import pytest

from segcore.catalog.optimizers import REFUSED_ARGUMENTS
from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, keras, public_classes

NAMES = STANDARD.names("optimizer")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_built_with_its_defaults_and_moves_a_weight_downhill(name):
    row = STANDARD.find("optimizer", name)
    optimizer = getattr(keras().optimizers, name)(**{one.name: one.default for one in row.parameters})
    weight = keras().Variable(np.ones((3, 2), np.float32))
    optimizer.apply([np.ones((3, 2), np.float32)], [weight])
    moved = np.asarray(weight)
    assert np.isfinite(moved).all()
    assert (moved < 1).all()


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_keras_own(name):
    assert differing_defaults(STANDARD.find("optimizer", name), getattr(keras().optimizers, name)) == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_learning_rate_is_always_known(name):
    rate = next(one for one in STANDARD.find("optimizer", name).parameters if one.name == "learning_rate")
    assert rate.default > 0


def test_every_optimizer_of_keras_is_offered_or_refused():
    classes = public_classes(keras().optimizers)
    assert {name for name in classes if STANDARD.refusal("optimizer", name) is None} == set(NAMES)


def test_an_argument_that_has_a_key_of_its_own_is_an_argument_of_keras_that_is_not_offered():
    theirs = inspect.signature(keras().optimizers.Adam).parameters
    for name, reason in REFUSED_ARGUMENTS:
        assert name in theirs
        assert not any(name == one.name for of in NAMES for one in STANDARD.find("optimizer", of).parameters)
        assert "write " in reason
