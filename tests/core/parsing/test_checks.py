"""Cross-checks: each problem once, at its place, and only where what it needs could be read."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.parsing import checks
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.read_root import read_root
from segcore.parsing.readers import context_for
from tests.core.parsing.kind_reading import node_of
from tests.core.strictness_corpus import config


def found(text):
    """Return the findings of the cross-checks alone."""
    root = node_of(text)
    return checks.problems(read_root(root, context_for(STANDARD)), root, STANDARD)


def codes(text):
    return [one.code for one in found(text)]


def test_what_a_check_needs_is_the_name_of_a_field():
    fields = {name for record in (ExperimentConfig, Stage) for name, _ in keys(record)}
    needed = {one for _, needs in (*checks._WHOLE, *checks._STAGED, *checks._NAMED) for one in needs}
    assert needed <= fields


def test_a_problem_of_the_top_level_is_told_once_for_all_stages():
    assert codes(config("metrics: [iou, iou]") + "  - epochs: 2\n" * 5) == ["duplicate-metric"]


def test_a_problem_of_each_stage_is_told_for_each():
    stages = "  - {epochs: 1, metrics: [iou, iou]}\n" * 3
    assert [one.path[:2] for one in found(config() + stages)] == [("stages", number) for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("fault", "silenced"),
    [
        ("classes: x", "loss: cosine_similarity"),
        ("activation: x", "loss: categorical_crossentropy"),
        ("metrics: [x]", "primary_metric: val_iou"),
        ("optimizer: x", "lr: 1"),
        ("clipnorm: x", "clipvalue: 1"),
    ],
)
def test_no_check_is_made_that_needs_a_field_which_could_not_be_read(fault, silenced):
    assert codes(config(fault, silenced)) == []


def test_a_stage_that_replaces_a_faulty_field_is_checked():
    assert codes(config("metrics: [x]") + "    metrics: [iou, iou]\n") == ["duplicate-metric"]
    assert codes(config("metrics: [iou, iou]") + "    metrics: [x]\n") == []


def test_a_default_that_does_not_fit_is_told_where_the_cause_is_written():
    (one,) = found(config("activation: linear"))
    assert (one.code, one.path, one.place.line) == ("loss-activation", ("activation",), 4)


def test_no_more_problems_are_found_than_are_shown():
    text = config("metrics: [" + "iou, " * 90 + "]")
    assert len(found(text)) == FINDING_LIMIT + 1
