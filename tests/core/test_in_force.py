"""Columns of what holds in stages; against the resolution of each config by itself, see `test_diffing`."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.in_force import varying
from segcore.meanings import ABSENT
from segcore.parsing.experiment import parse

HEAD = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\n"


def columns(*texts):
    configs = [parse(HEAD + text) for text in texts]
    found = varying(configs, [STANDARD] * len(texts))
    return {one.path: tuple(one.coded.different[number] for number in one.coded.numbers) for one in found}


def test_a_key_that_is_even_in_all_experiments_stands_once():
    assert columns("lr: 0.1\nstages: [{epochs: 1}]", "stages: [{epochs: 1, lr: 0.2}]") == {
        ("lr",): (0.1, 0.2)
    }


def test_a_key_that_is_uneven_in_one_experiment_stands_for_each_stage_of_all():
    found = columns(
        "lr: 0.1\nstages: [{epochs: 1}, {epochs: 1, lr: 0.2}]",
        "lr: 0.1\nstages: [{epochs: 1}, {epochs: 1}]",
        "lr: 0.3\nstages: [{epochs: 1}]",
    )
    assert found == {
        ("stages", 0, "lr"): (0.1, 0.1, 0.3),
        ("stages", 1, "lr"): (0.2, 0.1, ABSENT),
        ("stages", 1, "epochs"): (1, 1, ABSENT),
    }


def test_a_stage_that_others_lack_is_told_by_its_epochs_and_what_is_not_at_its_default():
    found = columns("stages: [{epochs: 1}, {epochs: 5, negatives: none}]", "stages: [{epochs: 1}]")
    assert found == {
        ("stages", 1, "epochs"): (5, ABSENT),
        ("stages", 1, "negatives"): ("none", ABSENT),
        ("stages", 1, "validation_negatives"): ("none", ABSENT),
    }


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_experiments_differ_in_nothing(count):
    assert columns(*["stages: [{epochs: 1}]"] * count) == {}


def test_a_stage_that_an_experiment_lacks_makes_no_key_uneven():
    found = columns("stages: [{epochs: 1, lr: 0.1}]", "stages: [{epochs: 1, lr: 0.2}, {epochs: 1, lr: 0.2}]")
    assert found == {("lr",): (0.1, 0.2), ("stages", 1, "epochs"): (ABSENT, 1)}


def test_what_follows_from_a_key_of_a_stage_is_absent_where_the_stage_is():
    found = columns("stages: [{epochs: 1}, {epochs: 1, optimizer: SGD}]", "lr: 0.2\nstages: [{epochs: 1}]")
    assert {path: values for path, values in found.items() if path[-1] == "lr"} == {
        ("stages", 0, "lr"): (0.001, 0.2),
        ("stages", 1, "lr"): (0.01, ABSENT),
    }
