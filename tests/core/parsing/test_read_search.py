"""A search is read strictly and belongs to the file that writes it; codes and places are in the corpus, too."""

import pytest

from segcore.parsing.experiment import examine, examine_layers
from segcore.parsing.extending import read_layer
from segcore.searching import Choices, Range
from tests.core.strictness_corpus import searching


def search(*lines):
    examined = examine(searching(*lines))
    assert examined.findings == ()
    return examined.search


def codes(*lines):
    return [one.code for one in examine(searching(*lines)).findings]


OVER = "over: {batch: [4, 8]}"


def test_a_search_with_all_of_its_keys():
    found = search(
        "method: tpe", "trials: 20", "seed: 7", "metric: loss", "folds: [2, 0]", "over:",
        "  lr: {low: 1.0e-5, high: 1.0e-2, scale: log}", "  stages.0.lr: [0.1, 0.2]",
    )  # fmt: skip
    assert (found.method, found.trials, found.seed, found.folds) == ("tpe", 20, 7, (2, 0))
    assert (found.metric, found.mode) == ("val_loss", "min")
    assert [(one.name, one.domain) for one in found.over] == [
        ("lr", Range(1e-5, 1e-2, is_log=True)),
        ("stages.0.lr", Choices(("0.1", "0.2"))),
    ]


def test_by_default_all_folds_count_and_the_primary_metric():
    found = search("method: grid", OVER)
    assert (found.metric, found.mode, found.folds, found.seed, found.wanted) == (
        "val_iou",
        "max",
        (0, 1, 2),
        0,
        2,
    )


@pytest.mark.parametrize("written", ["iou", "val_iou"])
def test_a_metric_is_that_of_the_validation_part(written):
    assert search("method: grid", f"metric: {written}", OVER).metric == "val_iou"


def test_a_direction_that_the_config_gives_counts():
    text = searching("method: grid", OVER).replace(
        "metrics: [iou]", "metrics: [iou]\nprimary_metric: val_iou\nprimary_metric_mode: min"
    )
    assert examine(text).search.mode == "min"


def test_a_metric_of_the_last_stage_alone_may_rank():
    text = searching("method: grid", "metric: dice", OVER).replace(
        "- epochs: 1",
        "- epochs: 1\n  - {epochs: 1, metrics: [dice]}\n  - {epochs: 0}\n  - epochs: 2\n    metrics: [dice]",
    )
    assert examine(text).search.metric == "val_dice"


def test_the_experiment_is_the_same_with_a_search_and_without():
    text = searching("method: grid", OVER)
    assert examine(text).config == examine(text.partition("search:")[0]).config
    assert examine(text.partition("search:")[0]).search is None


def test_who_extends_a_config_has_no_part_in_its_search():
    base = read_layer(searching("method: gird", "trials: none at all"), "base.yaml")
    found = examine_layers((base, read_layer("extends: base.yaml\nbatch: 4\n")))
    assert found.findings == ()
    assert found.search is None


def test_a_search_varies_what_its_file_extends():
    base = read_layer(searching("method: grid", OVER), "base.yaml")
    top = read_layer("extends: base.yaml\nsearch: {method: grid, over: {stages.0.lr: [0.1, 0.3]}}\n")
    found = examine_layers((base, top))
    assert found.findings == ()
    assert [one.name for one in found.search.over] == ["stages.0.lr"]


def test_a_search_is_gone_where_the_config_is_wrong():
    found = examine(searching("method: grid", OVER).replace("iou", "iuo"))
    assert found.search is None


def test_all_findings_are_told_at_once():
    found = codes(
        "method: gird", "trials: 0", "metric: iuo", "folds: [9]", "sede: 1", "over: {batch: [0], lrr: [1]}"
    )
    assert found == [
        *("not-a-choice", "out-of-range", "unknown-monitor", "search-fold", "unknown-key", "out-of-range"),
        "unknown-key",
    ]


@pytest.mark.parametrize(
    "range_text",
    ["{low: 0.1, high: 0.2}", "{low: 1.0e-3, high: 0.1, scale: log}", "{low: 1, high: 9, scale: log}"],
)
def test_a_grid_needs_values_that_can_be_counted(range_text):
    assert "search-range" in codes("method: grid", f"over: {{lr: {range_text}}}")
    assert search("method: grid", "over: {lr: {low: 0.1, high: 0.3, step: 0.1}}").wanted == 3
