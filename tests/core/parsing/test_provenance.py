"""Where values come from: every key is told once, with the line in which it was written, or as a default."""

import json

from hypothesis import assume, given, settings

from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.errors import Place
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import examine, examine_layers
from segcore.parsing.extending import merge, read_layer
from segcore.parsing.provenance import Origin, as_data, lines, origins
from segcore.parsing.yaml_text import read
from tests import strategies
from tests.config_strategies import configs

BASE = """\
architecture: Unet
backbone: resnet34
shape: [64, 64, 3]
batch: 4
decoder_block_type: transpose
augmentation:
  Fliplr: 0.25
  Affine:
    rotate: [-5, 5]
    order: 1
stages:
  - epochs: 2
"""
TOP = """\
# a comment
extends: base.yaml
callbacks:
  - EarlyStopping:
      patience: 7
  - TerminateOnNaN
optimizer: {SGD: {momentum: 0.9}}
remove: [batch]
stages:
  - epochs: 3
    lr: 0.5
  - {epochs: 0,
     optimizer: {SGD: 0.1}}
"""


def found(*texts):
    """Return the origins of texts, from the lowest base to the config, by their path."""
    *below, top = texts
    layers = (*(read_layer(text, "base.yaml") for text in below), read_layer(top, "top.yaml"))
    examined = examine_layers(layers)
    assert examined.findings == ()
    return {one.path: one for one in origins(examined.config, merge(layers).root, "top.yaml", STANDARD)}


TOGETHER = found(BASE, TOP)


def place(*path):
    return TOGETHER[path].place


def test_values_of_both_files_name_file_and_line():
    assert place("architecture") == "base.yaml:1"
    assert place("augmentation") == "base.yaml:6"
    assert place("callbacks") == "top.yaml:3"
    assert place("stages", 0, "epochs") == "top.yaml:10"
    assert place("stages", 1, "epochs") == "top.yaml:12"


def test_arguments_of_names_have_lines_of_their_own_in_lists_and_in_mappings():
    assert place("augmentation", 0, "p") == "base.yaml:7"
    assert place("augmentation", 1, "rotate") == "base.yaml:9"
    assert place("callbacks", 0, "patience") == "top.yaml:5"
    assert place("optimizer", "momentum") == "top.yaml:7"
    assert place("stages", 1, "optimizer", "learning_rate") == "top.yaml:13"


def test_what_is_written_and_equals_its_default_is_no_default():
    """Order 1 is imgaug's own, and batch 16 would be ours."""
    assert place("augmentation", 1, "order") == "base.yaml:10"
    assert place("batch") == "default"
    assert found(BASE)[("batch",)].place == "top.yaml:4"


def test_options_beside_the_architecture_are_its_arguments():
    assert place("architecture", "decoder_block_type") == "base.yaml:5"
    assert place("architecture", "decoder_filters") == "default"


def test_what_was_not_written_is_a_default_with_its_value():
    assert TOGETHER[("activation",)] == Origin(("activation",), "sigmoid")
    assert TOGETHER[("loss",)].value == "binary_crossentropy"
    assert TOGETHER[("callbacks", 0, "monitor")].place == "default"


def test_a_removed_and_a_replaced_key_leave_no_trace_of_the_base():
    assert ("stages", 0, "lr") in TOGETHER
    assert {one.file for one in TOGETHER.values() if one.path[0] == "stages"} == {"top.yaml", ""}


@settings(max_examples=25)
@given(configs())
def test_every_key_is_told_and_stands_in_the_line_that_is_named(config):
    """Every key of the experiment and of each stage; the line that is named holds the key."""
    text = strategies.to_block(as_plain(config))
    examined, rows = examine(text), text.split("\n")
    assume(examined.config is not None)
    told = origins(examined.config, read(text).node, "c.yaml", STANDARD)
    paths = [one.path for one in told]
    assert len(set(paths)) == len(paths)
    assert {path[0] for path in paths} == {key.name for _, key in keys(ExperimentConfig)}
    for position in range(len(config.stages)):
        assert {("stages", position, key.name) for _, key in keys(Stage)} <= set(paths)
    written = as_plain(config)
    for one in told:
        if len(one.path) == 1:
            assert bool(one.line) == (one.path[0] in written)
        if one.line and one.path[0] not in ("architecture", "stages"):
            assert any(f'"{step}"' in rows[one.line - 1] for step in one.path) or len(one.path) > 1


def test_the_table_has_a_row_for_every_value_and_json_the_same():
    told = tuple(TOGETHER.values())
    rows = lines(told)
    assert len(rows) == len(told)
    assert rows[0].split() == ["architecture", "Unet", "base.yaml:1"]
    data = json.loads(json.dumps(as_data(told)))
    assert data[0] == {"path": "architecture", "value": "Unet", "file": "base.yaml", "line": 1}
    assert {"path": "activation", "value": "sigmoid", "file": None, "line": None} in data


def test_a_place_without_a_source_is_in_the_file_that_was_asked_for():
    assert read(TOP).node.place == Place(2, 1)
    assert TOGETHER[("callbacks",)].file == "top.yaml"
