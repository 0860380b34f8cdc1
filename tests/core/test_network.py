"""The network as a value: it hashes, pickles, and each part of it counts in a key."""

import pickle

import pytest
from attrs import evolve, fields

from segcore.keys import network_parts
from segcore.network import NetworkSpec
from segcore.values import Call

SPEC = NetworkSpec("Unet", "resnet18", (), 1, "sigmoid", (64, 96, 3), "identity", 0.9)
CHANGES = {
    "architecture": "FPN",
    "backbone": "resnet34",
    "options": (("decoder_use_batchnorm", False),),
    "classes": 2,
    "activation": "linear",
    "shape": (96, 64, 3),
    "preprocessing": "tf",
    "batchnorm_momentum": 0.95,
    "encoder_weights": "imagenet",
    "copy_weights": False,
    "precision": "mixed_bfloat16",
    "transforms": (Call("Grayscale"),),
}


def test_every_field_has_a_change_to_try():
    assert list(CHANGES) == [one.name for one in fields(NetworkSpec)]


@pytest.mark.parametrize("name", CHANGES)
def test_each_field_changes_exactly_one_part_of_the_key(name):
    before, after = network_parts(SPEC, None), network_parts(evolve(SPEC, **{name: CHANGES[name]}), None)
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_weights_file_counts_by_its_content_and_not_by_its_path():
    here, there = (evolve(SPEC, encoder_weights=path) for path in ("/a/x.h5", "/b/y.h5"))
    assert network_parts(here, "digest") == network_parts(there, "digest")
    assert network_parts(here, "digest") != network_parts(here, "other")


def test_a_network_hashes_and_is_the_same_after_a_pickle():
    again = pickle.loads(pickle.dumps(SPEC))  # noqa: S301 - made in the line before
    assert again == SPEC
    assert hash(again) == hash(SPEC)
    with pytest.raises(AttributeError):
        SPEC.classes = 2


def test_classes_exclude_each_other_where_there_are_several_and_no_sigmoid():
    cases = [(1, "sigmoid"), (1, "linear"), (3, "sigmoid"), (3, "softmax"), (3, "linear")]
    found = [
        evolve(SPEC, classes=classes, activation=activation).is_exclusive for classes, activation in cases
    ]
    assert found == [False, False, False, True, True]
