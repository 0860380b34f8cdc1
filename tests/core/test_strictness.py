"""Strictness: every fault of a config is found at its place, with a message that helps."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from segcore import parsing
from segcore.catalog.standard import STANDARD
from segcore.errors import ConfigError, render
from segcore.parsing.experiment import examine, parse
from tests.core.strictness_corpus import CORPUS, EXTENDED, WITH_EXTENSION, config, staged

ROWS = (
    *((text, expected, STANDARD) for text, expected in CORPUS),
    *((text, expected, EXTENDED) for text, expected in WITH_EXTENSION),
)


def named(rows):
    """Return the rows with names for the report: the first code and a number."""
    return [pytest.param(*row, id=f"{number}-{row[1][0][0]}") for number, row in enumerate(rows)]


def places(findings):
    return tuple(
        (one.code, one.place.line, one.place.column) if one.place else (one.code, None, None)
        for one in findings
    )


@pytest.mark.parametrize(("text", "expected", "catalog"), named(ROWS))
def test_every_fault_is_found_where_it_stands_and_nothing_else_is(text, expected, catalog):
    examined = examine(text, catalog)
    assert examined.config is None
    assert places(examined.findings) == expected


def excerpt(line, column):
    """Return a line of text with a caret under a column, as it stands in a message; short lines only."""
    shown = line.replace("\t", " ")
    return f"\n    {shown}\n    {' ' * (column - 1)}^"


@pytest.mark.parametrize(("text", "expected", "catalog"), named(ROWS))
def test_the_error_shows_file_line_column_and_a_caret_and_ends_with_code_2(text, expected, catalog):
    """Fault 13: without `segcore.errors.render` nobody finds the place of a fault in a long config."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "my/config.yaml", catalog)
    shown, lines = str(caught.value), examine(text, catalog).text.split("\n")
    assert caught.value.exit_code == 2
    for code, line, column in expected:
        if line is None:
            assert f"my/config.yaml: [{code}] " in shown
            continue
        assert f"my/config.yaml:{line}:{column}: [{code}] " in shown
        if len(lines[line - 1]) < 60:
            assert excerpt(lines[line - 1], column) in shown


SAYS_WHAT_IS_ALLOWED = ("expected", "is required", "valid:", "it takes", "the loss is", "it writes files")


@pytest.mark.parametrize(("text", "expected", "catalog"), named(ROWS))
def test_every_finding_says_what_is_allowed_or_what_to_do(text, expected, catalog):
    for one in examine(text, catalog).findings:
        helps = one.advice or one.nearest or any(words in one.message for words in SAYS_WHAT_IS_ALLOWED)
        assert helps or one.code == "refused-name", one
        assert one.message.endswith(".")
        assert len(one.message) < 600


def test_a_config_without_more_is_valid():
    """A control: what the corpus adds is what is wrong."""
    assert examine(config()).findings == ()
    assert examine(staged()).findings == ()


# --- the corpus is complete -------------------------------------------------------------------------------

# Callables of which an argument is a code, and its position.
REPORTERS = {"Finding": 0, "Problem": 0, "fault": 0, "_report": 0, "_stop": 0}


def written_codes(tree):
    """Return the codes that a module's calls are given."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
        if name in REPORTERS and call.args and isinstance(call.args[REPORTERS[name]], ast.Constant):
            yield call.args[REPORTERS[name]].value


def all_codes():
    sources = sorted(Path(parsing.__path__[0]).glob("*.py"))
    trees = [ast.parse(source.read_text("utf-8")) for source in sources]
    return {code for tree in trees for code in written_codes(tree)}


def test_the_search_for_codes_finds_them():
    assert {"unknown-key", "loss-classes", "wrong-type", "tag", "too-deep", "syntax"} <= all_codes()


def test_every_code_of_the_parser_comes_from_two_different_constructs():
    counts = Counter(code for _, expected, _ in ROWS for code in {code for code, _, _ in expected})
    assert set(counts) == all_codes()
    assert min(counts.values()) >= 2
    assert len(counts) >= 30


# --- what is suggested ------------------------------------------------------------------------------------

SUGGESTIONS = [
    (config("Batch: 4"), "Did you mean batch"),
    (config("folds_Count: 4"), "Did you mean folds_count"),
    (config("validation_split: 0.2"), "Did you mean validationSplit"),
    (config("test_split_seed: 2"), "Did you mean testSplitSeed"),
    (staged("extra_calbacks: []"), "Did you mean extra_callbacks"),
    (config("dataset: {images: a, mask: b}"), "Did you mean masks"),
    (config("psp_dropout: 0.5"), "It is an option of PSPNet."),
    (config("optimizer: {Adam: {beta1: 0.9}}"), "Did you mean beta_1"),
    (config().replace("[64, 64", "[300, 320"), "Nearest valid: 288 or 320."),
    (config().replace("[64, 64", "[5, 64"), "Nearest valid: 32."),
    (config("metrics: [iou]", "primary_metric: iuo"), "Did you mean val_iou"),
    (config("metrics: [dice]", "primary_metric: val_iou"), "Add iou to metrics."),
    (config("loss: dice"), "the loss is dice_loss"),
    (config("batch: '8'"), "Write it without quotes."),
    (config("stratified: yes"), "YAML 1.1 read it as true."),
    (staged("negatives: abc"), "expected none or real or a number at least 0, got the text 'abc'."),
    (config("batchnorm_momentum: 2"), "expected auto or a number above 0 and below 1, got 2."),
    (staged("negatives: [1]"), "expected none or real or a number at least 0, got a list."),
    (config("downsample_factor: 5").replace("Unet", "PSPNet"), "expected 4 or 8 or 16, got 5."),
    (config("batch: 0"), "expected a whole number from 1 to 65536, got 0."),
    (config("manualResize: true"), "Remove the key."),
    (config("classes: 3", "metrics: [OneHotMeanIoU]"), "Write {OneHotMeanIoU: {num_classes: ...}}."),
    (config("augmentation: {Add: [5, 1]}"), "Write [1, 5], or {choice: [5, 1]} for one of the two."),
    (config("loss: dice_loss+"), "at character 11"),
]


@pytest.mark.parametrize(("text", "words"), SUGGESTIONS)
def test_a_message_names_the_remedy(text, words):
    assert sum(words in render([one]) for one in examine(text).findings) == 1


ACCEPTED = [
    config("metrics: [iou]", "primary_metric: iou"),
    config("lr: 1e-4"),
    config("lr: 1"),
    config("optimizer: adam", "loss: Dice_Loss"),
    config("clipnorm: 1") + "    clipnorm: null\n    clipvalue: 1\n",
    config("validationSplit: 0.1", "testSplit: 0.1", "testSplitSeed: 5"),
    config("loss: no_such_thing").replace("loss: no_such_thing\n", ""),
    f"%YAML 1.2\n---\n{config()}",
    config("augmentation: {Fliplr: 0.5, Affine: {scale: {y: 1, x: [0.8, 1.2]}, rotate: {choice: [0, 90]}}}"),
    config("callbacks: [EarlyStopping, {reducelronplateau: {factor: 0.5}}]"),
    config("activation: none", "loss: lovasz_loss"),
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_is_right_is_accepted(text):
    assert examine(text).findings == ()


def test_whole_numbers_stay_whole_where_the_kind_says_so_and_become_floats_elsewhere():
    found = parse(config("augmentation: {Rot90: [1, 3], Add: 1}"))
    turn, add = found.augmentation
    ends = turn.get("k")
    assert [type(ends.low), type(ends.high), type(add.get("value"))] == [int, int, float]
