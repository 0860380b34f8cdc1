import inspect

import pytest

from segcore.catalog.standard import STANDARD
from tests.core.catalog.libraries import differing_defaults, segmentation_models

SHARED = {"backbone_name", "input_shape", "classes", "activation", "weights"}
SHARED |= {"encoder_weights", "encoder_freeze", "encoder_features", "kwargs"}
NAMES = STANDARD.names("architecture")


@pytest.mark.parametrize("name", NAMES)
def test_options_and_defaults_are_the_librarys(name):
    called = getattr(segmentation_models(), name)
    row = STANDARD.find("architecture", name)
    theirs = [one for one in inspect.signature(called).parameters if one not in SHARED]
    assert [one.name for one in row.parameters] == theirs
    assert differing_defaults(row, called) == {}


def test_every_architecture_of_the_library_is_offered():
    library = segmentation_models()
    functions = {name for name, one in vars(library).items() if inspect.isfunction(one) and name[0].isupper()}
    assert set(NAMES) == functions


def test_deeplab_is_refused_with_a_way_out():
    assert "Unet" in STANDARD.refusal("architecture", "deeplabv3")
