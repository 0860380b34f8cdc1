import inspect
from importlib import import_module

import pytest

from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, segmentation_models

SHARED = {"backbone_name", "input_shape", "classes", "activation", "weights"}
SHARED |= {"encoder_weights", "encoder_freeze", "encoder_features", "kwargs"}
NAMES = STANDARD.names("architecture")
OWN = {"DeepLabV3": "segshell.deeplab", "UPerNet": "segshell.upernet"}
PUBLISHED = [name for name in NAMES if name not in OWN]


@pytest.mark.parametrize("name", PUBLISHED)
def test_options_and_defaults_are_the_librarys(name):
    called = getattr(segmentation_models(), name)
    row = STANDARD.find("architecture", name)
    theirs = [one for one in inspect.signature(called).parameters if one not in SHARED]
    assert [one.name for one in row.parameters] == theirs
    assert differing_defaults(row, called) == {}


@pytest.mark.parametrize("name", OWN)
def test_options_and_defaults_are_those_of_the_function_that_builds_it(name):
    pytest.importorskip("keras")
    called = import_module(OWN[name])._network
    row = STANDARD.find("architecture", name)
    assert ["spec", *(one.name for one in row.parameters)] == list(inspect.signature(called).parameters)
    assert differing_defaults(row, called) == {}


def test_every_architecture_of_the_library_is_offered():
    library = segmentation_models()
    functions = {name for name, one in vars(library).items() if inspect.isfunction(one) and name[0].isupper()}
    assert set(PUBLISHED) == functions
