"""Each value of a difference is told with the line in which it was written; lines are found by searching the text."""

import pytest

from segcore import diff_text
from segcore.catalog.standard import STANDARD
from segcore.diffing import differing
from segcore.parsing.experiment import examine_merged
from segcore.parsing.extending import merge, read_layer
from segcore.parsing.provenance import origins

ONE = """\
architecture: Unet
backbone: resnet18
shape: [32, 32, 3]
metrics: [iou]
optimizer:
  Adam: {learning_rate: 0.5}
augmentation:
  - Fliplr: 0.25
  - Fliplr: 0.75
callbacks:
  EarlyStopping:
    patience: 9
stages:
  - epochs: 3
    freeze_encoder: true
  - epochs: 7
"""
OTHER = """\
extends: one.yaml
remove: [optimizer]
batch: 4
augmentation:
  - Fliplr: 0.25
  - Fliplr:
      p: 0.8
callbacks:
stages:
  - epochs: 3
    callbacks: {EarlyStopping: {patience: 2}}
  - epochs: 7
    lr: 0.125
    extra_callbacks:
      - TerminateOnNaN
      - EarlyStopping: {patience: 6}
"""


def opened(name, *layers):
    merged = merge(layers)
    found = examine_merged(merged)
    assert found.findings == ()
    return diff_text.side(name, found.config, origins(found.config, merged.root, name, STANDARD))


SIDES = (
    opened("one.yaml", read_layer(ONE, "one.yaml")),
    opened("other.yaml", read_layer(ONE, "one.yaml"), read_layer(OTHER, "other.yaml")),
)
FOUND = differing([one.config for one in SIDES], STANDARD)


def line_of(text, name, words):
    (line,) = [number for number, one in enumerate(text.splitlines(), 1) if words in one]
    return f"{name}:{line}"


@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        (("batch",), "default", "batch: 4"),
        (("augmentation", "Fliplr", 1, "p"), "0.75", "p: 0.8"),
        (("stages", 0, "lr"), "learning_rate", "default"),
        (("stages", 1, "lr"), "learning_rate", "lr: 0.125"),
        (("stages", 0, "freeze_encoder"), "freeze_encoder: true", "default"),
        (("stages", 0, "callbacks", "EarlyStopping", "patience"), "patience: 9", "patience: 2"),
        (("stages", 1, "callbacks", "EarlyStopping", "patience"), "patience: 9", "patience: 6"),
    ],
)
def test_a_value_is_told_with_the_line_in_which_it_was_written(path, one, other):
    assert path in {found.path for found in FOUND}
    for words, side, text in ((one, SIDES[0], ONE), (other, SIDES[1], OTHER)):
        expected = words if words == "default" else line_of(text, side.name, words)
        assert diff_text.place(side, path) == expected


def test_what_is_extended_is_told_with_its_own_file():
    assert diff_text.place(SIDES[1], ("backbone",)) == "one.yaml:2"


def test_the_table_has_a_line_for_each_difference_and_json_the_same():
    shown = diff_text.lines(FOUND, SIDES)
    assert len(shown) == len(FOUND) + 1
    assert ["batch", "16", "default", "4", "other.yaml:3"] in [line.split() for line in shown]
    data = diff_text.as_data(FOUND, SIDES)
    assert data["configs"] == ["one.yaml", "other.yaml"]
    batch = next(one for one in data["differences"] if one["path"] == "batch")
    assert batch["values"] == [{"value": 16, "place": "default"}, {"value": 4, "place": "other.yaml:3"}]


def test_no_difference_is_said_in_words():
    assert diff_text.lines((), SIDES) == ["no difference in meaning"]
