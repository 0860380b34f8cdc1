"""The experiment as a value: equal, unchangeable, with the builders of what it imports."""

import pytest
from attrs import evolve
from attrs.exceptions import FrozenInstanceError

from segshell.builders import STANDARD
from segshell.segmentation import parse
from tests.shell.own_names import KEYS, MODULE, write_module
from tests.shell.small import write_config


@pytest.fixture
def one(tmp_path):
    write_module(tmp_path)
    return parse(write_config(tmp_path, **KEYS))


def test_it_cannot_be_changed(one):
    with pytest.raises(FrozenInstanceError):
        one.config = None


def test_two_readings_of_one_file_are_equal(one):
    assert parse(one.folder.root / one.folder.config_name) == one


def test_its_builders_are_extended_once(one):
    assert one.builders.find("losses", "squared") is not None
    assert one.builders is one.builders
    assert one.own_builders is STANDARD


def test_other_builders_may_take_the_place_of_the_given_ones(one):
    larger = STANDARD.with_(losses={"mine": len})
    assert {"mine", "squared"} <= set(evolve(one, builders=larger).builders.names("losses"))


def test_a_module_is_extended_when_something_is_built_and_not_before(tmp_path):
    write_module(tmp_path, MODULE + "\n\ndef extend(builders):\n    raise ValueError('asked')\n")
    late = parse(write_config(tmp_path, **KEYS))
    with pytest.raises(Exception, match="asked"):
        _ = late.builders


def test_weights_lie_below_the_folder_of_the_config(one):
    assert [path.parent.parent for path in one.weights([0, 1])] == [one.folder.root] * 2
    assert one.trained_network(0).architecture == "Tiny"
