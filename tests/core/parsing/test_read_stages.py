"""Stages are read each as far as it goes."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.config import Stage
from segcore.parsing.limits import STAGE_LIMIT
from segcore.parsing.read_stages import read_stages
from segcore.parsing.readers import context_for
from tests.core.parsing.kind_reading import node_of

CONTEXT = context_for(STANDARD).at("stages")


def read(text):
    return read_stages(node_of(text), CONTEXT)


def test_a_stage_has_its_own_keys_and_those_that_it_replaces():
    (draft,) = read("[{epochs: 3, negatives: 1, lr: ~, validation_negatives: real}]")
    assert draft.findings == ()
    assert draft.stage == Stage(3, 1.0, "real", overrides=(("lr", None),))


def test_the_right_values_of_a_faulty_stage_are_kept():
    (draft,) = read("[{epochs: 3, lr: x, batch: 2, negatives: []}]")
    assert draft.stage == Stage(3, overrides=(("batch", 2),))
    assert draft.bad == {"lr", "negatives"}
    assert [one.path for one in draft.findings] == [("stages", 0, "lr"), ("stages", 0, "negatives")]


def test_a_faulty_stage_hides_no_other():
    drafts = read("[3, {epochs: 2}, {lr: 1}, {epochs: 4, foo: 1, seed: 1, manualResize: 2}]")
    assert [draft.stage.epochs for draft in drafts] == [1, 2, 1, 4]
    codes = [[one.code for one in draft.findings] for draft in drafts]
    assert codes == [["wrong-type"], [], ["missing-key"], ["unknown-key", "root-key", "not-available"]]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "wrong-length"),
        ("{epochs: 1}", "wrong-type"),
        ("3", "wrong-type"),
        ("[" + "{epochs: 1}, " * (STAGE_LIMIT + 1) + "]", "wrong-length"),
    ],
)
def test_what_is_no_list_of_stages_gives_one_placeholder(text, code):
    (draft,) = read(text)
    assert [one.code for one in draft.findings] == [code]
