"""Keys: which there are, and what is wrong with others."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.parsing.read_keys import (
    OVERRIDES,
    ROOT,
    STAGE,
    missing_fields,
    missing_keys,
    read_value,
    root_key,
    stage_key,
    unknown_key,
)
from segcore.parsing.readers import context_for
from segcore.tiles import Crops
from segcore.values import Call
from tests.core.parsing.kind_reading import node_of

CONTEXT = context_for(STANDARD)


def value(key, text):
    field, entry = {**ROOT, **STAGE}[key]
    return read_value(field, entry, node_of(text), CONTEXT)


def key_of(text):
    return node_of(text).items[0][0]


def test_a_stage_replaces_keys_of_the_top_level_and_has_some_of_its_own():
    assert set(OVERRIDES) < set(ROOT)
    assert not set(STAGE) & set(ROOT)
    assert {"lr", "loss", "batch"} <= set(OVERRIDES)
    assert not {"classes", "seed", "stages"} & set(OVERRIDES)


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("activation", "none", "linear"),
        ("activation", "linear", "linear"),
        ("negatives", "0", "none"),
        ("negatives", "0.0", "none"),
        ("negatives", "2", 2.0),
        ("validation_negatives", "~", None),
        ("testSplit", "0", 0.0),
        ("dataset", "{masks: m, images: i}", Call("folders", (("images", "i"), ("masks", "m")))),
        (
            "dataset",
            "{format: Folders, masks: m, images: i}",
            Call("folders", (("images", "i"), ("masks", "m"))),
        ),
        ("dataset", "~", None),
        ("crops", "3", Crops(3)),
        ("crops", "{overlap: 0.25, count: 3}", Crops(3, 0.25)),
        ("crops", "{count: 1, overlap: 0.25}", Crops()),
    ],
)
def test_other_words_for_the_same_become_one_value(key, text, expected):
    assert value(key, text).value == expected


def test_a_data_set_lacks_what_is_not_written():
    codes = [one.code for one in value("dataset", "{image: i, masks: 3}").findings]
    assert sorted(codes) == ["missing-argument", "unknown-argument", "wrong-type"]


def test_missing_keys_and_their_fields_are_named():
    node = node_of("{architecture: Unet, shape: x}")
    assert missing_fields(ExperimentConfig, node) == {"backbone", "stages"}
    assert [one.code for one in missing_keys(ExperimentConfig, node, CONTEXT)] == ["missing-key"] * 2
    assert missing_keys(Stage, node_of("{epochs: ~}"), CONTEXT) == ()


def test_an_unknown_key_is_answered_with_the_nearest_or_with_all():
    near = unknown_key(key_of("{Batch: 1}"), ("batch", "seed"), CONTEXT, "here")
    far = unknown_key(key_of("{xyz: 1}"), ("batch", "seed"), CONTEXT, "here")
    assert (near.nearest, near.advice) == (("batch",), "")
    assert (far.nearest, far.advice) == ((), "Valid: batch, seed.")


def test_a_key_in_the_wrong_room_is_told_the_right_one():
    assert stage_key(key_of("{epochs: 1}"), CONTEXT).advice == "Write it inside an entry of stages."
    assert root_key(key_of("{seed: 1}"), CONTEXT).advice == "Write it at the top level."
