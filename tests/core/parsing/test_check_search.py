"""Every choice and both ends of every range are put into the config, before anything is trained."""

import time

import pytest

from segcore.parsing.experiment import examine
from tests.core.strictness_corpus import of_many_stages, searching


def found(*lines, text=None):
    config = searching("method: random", "trials: 2", "over:", *lines)
    examined = examine(config if text is None else text)
    return [(one.code, ".".join(map(str, one.path)), one.place.line) for one in examined.findings]


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        ("  batch: [8, 0]", "out-of-range", "batch.1"),
        ("  ema: {low: 0.5, high: 1.5}", "out-of-range", "ema.high"),
        ("  ema: {low: -0.5, high: 0.5}", "out-of-range", "ema.low"),
        ("  optimizer: [Adam, Adm]", "unknown-name", "optimizer.1"),
        ("  loss: [dice_loss, dice]", "refused-name", "loss.1"),
        ("  stages.0.lr: [0.1, fast]", "unknown-name", "stages.0.lr.1"),
        ("  stages.0.lrr: [0.1]", "unknown-key", "stages.0.lrr.0"),
        ("  stages: [[{epochs: 1}], [{epochs: one}]]", "wrong-type", "stages.1.0.epochs"),
        ("  shape: [[64, 64, 3], [65, 64, 3]]", "shape-stride", "shape.1.0"),
    ],
)
def test_a_value_that_the_config_refuses_is_found_where_the_search_writes_it(line, code, path):
    assert found(line) == [(code, f"search.over.{path}", 13)]


def test_a_value_is_right_beside_a_value_of_another_parameter():
    """Two classes are what softmax needs; which of the trials have both is seen when they are made."""
    activation = "  activation: [sigmoid, softmax]"
    assert [code for code, _, _ in found(activation)] == ["activation-classes"]
    assert found(activation, "  classes: [1, 3]") == []
    assert [code for code, _, _ in found(activation, "  batch: [4, 8]")] == ["activation-classes"]


def test_what_is_wrong_with_the_config_is_not_told_again_for_each_value():
    text = searching("method: random", "trials: 2", "over:", "  batch: [4, 8, 16]").replace("iou", "iuo")
    assert [code for code, _, _ in found(text=text)] == ["unknown-name"]


def test_whole_numbers_for_what_may_lie_between_them_need_a_word():
    assert found("  clipnorm: {low: 1, high: 4}") == [("search-range", "search.over.clipnorm", 13)]
    assert found("  clipnorm: {low: 1, high: 4, step: 1}") == found("  clipnorm: {low: 1.0, high: 4.0}") == []
    assert found("  batch: {low: 1, high: 4}", "  stages.0.epochs: {low: 1, high: 3}") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("  stages.1.lr: [0.1]", "no such part; valid: 0."),
        ("  callbacks.EarlyStopping.patience: [1]", "does not write that key"),
        ("  metrics.iuo.threshold: [0.1]", "Did you mean iou"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_is_there(line, words):
    from segcore.errors import render

    examined = examine(searching("method: random", "trials: 2", "over:", line))
    assert [one.code for one in examined.findings] == ["search-path"]
    assert words in render(examined.findings)


def test_a_config_that_takes_long_to_read_is_not_read_for_every_value():
    text = of_many_stages("method: grid", f"over: {{batch: {list(range(1, 200))}, ema: {[2] * 1}}}")
    started = time.perf_counter()
    assert [code for code, _, _ in found(text=text)] == ["search-size"]
    assert time.perf_counter() - started < 10
