"""Dumping: text that every YAML reader reads alike."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.loss_text import Term
from segcore.parsing.dumping import _flow, as_plain, dump, plain
from segcore.parsing.experiment import parse
from segcore.parsing.nodes import plain as plain_node
from segcore.parsing.yaml_text import read
from segcore.values import Call, Choice, Range, Table
from tests import strategies
from tests.config_strategies import configs
from tests.core.strictness_corpus import config
from tests.record_strategies import config_of


@settings(max_examples=25)
@given(configs())
def test_a_yaml_1_1_reader_reads_the_same_values(given_config):
    """PyYAML's own loader takes 1e-05 for a text and yes for true; a dump must not depend on the reader."""
    assert yaml.safe_load(dump(given_config)) == as_plain(given_config)


@given(strategies.plain_values())
def test_values_of_any_shape_are_json_and_yaml(value):
    assert json.loads(_flow(value)) == value
    assert json.dumps(plain_node(read(_flow(value)).node)) == json.dumps(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_alike_by_both_versions_of_yaml(value):
    shown = _flow(value)
    assert yaml.safe_load(shown) == plain_node(read(shown).node) == value


@pytest.mark.parametrize(
    "text", ["😀", "\x7f\x85\u2028\ufeff", "yes", "1e-4", "", "a: b # c", "\\ \"'", "\t\n"]
)
def test_texts_come_back_whatever_they_hold(text):
    assert plain_node(read(_flow(text)).node) == yaml.safe_load(_flow(text)) == text


def test_what_equals_its_default_is_left_out():
    text = config("batch: 16", "activation: sigmoid", "loss: binary_crossentropy", "optimizer: adam")
    assert (
        as_plain(parse(text))
        == as_plain(parse(config()))
        == {
            "architecture": "Unet",
            "backbone": "resnet34",
            "shape": [64, 64, 3],
            "stages": [{"epochs": 1}],
        }
    )


def test_a_stage_keeps_what_it_replaces_even_where_it_equals_the_default():
    assert as_plain(parse(config() + "    lr: ~\n"))["stages"] == [{"epochs": 1, "lr": None}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Range(1, 2), [1, 2]),
        (Choice((1, "a")), {"choice": [1, "a"]}),
        (Table((("x", Range(0, 1)),)), {"x": [0, 1]}),
        (Call("Adam"), "Adam"),
        (Call("SGD", (("momentum", 0.9),)), {"SGD": {"momentum": 0.9}}),
        ((Term(1, "hinge"), Term(0.5, "dice_loss")), "hinge+0.5*dice_loss"),
        ((), []),
        ((Call("Adam"), 1), ["Adam", 1]),
        (None, None),
    ],
)
def test_values_as_plain_data(value, expected):
    assert plain(value) == expected


def test_a_data_set_is_written_as_it_is_read_with_its_format_only_where_that_is_not_the_default():
    folders = Call(
        "folders", (("images", "i"), ("masks", Table((("a", "x"), ("b", ("y", "z"))))), ("ignore", 255))
    )
    other = Call("coco", (("images", "i"), ("json", "j.json")))
    found = as_plain(config_of(dataset=folders, extra_train_data=other))
    assert found["dataset"] == {"images": "i", "masks": {"a": "x", "b": ["y", "z"]}, "ignore": 255}
    assert found["extra_train_data"] == {"format": "coco", "images": "i", "json": "j.json"}
