"""What a search varies is read strictly; places, codes and words are in `tests.core.strictness_corpus`, too."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.parsing.read_space import read_over
from segcore.parsing.readers import context_for
from segcore.searching import Choices, Range
from tests.core.parsing.kind_reading import node_of


def over(text):
    return read_over(node_of(text), context_for(STANDARD).at("search").at("over"))


def domain(text):
    (varied,), found = over(f"lr: {text}")
    assert found == ()
    return varied.domain


def findings(text):
    return [(one.code, one.advice) for one in over(text)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1, 2.5, a, null]", Choices(("1", "2.5", '"a"', "null"))),
        ("[1, 1.0, true]", Choices(("1", "1.0", "true"))),
        ("[{SGD: {momentum: 0.9}}, [1, 2]]", Choices(('{"SGD": {"momentum": 0.9}}', "[1, 2]"))),
        ("{low: 1, high: 4}", Range(1, 4, is_whole=True)),
        ("{low: 1, high: 4.0}", Range(1.0, 4.0)),
        ("{low: 1, high: 9, step: 4}", Range(1, 9, 4, is_whole=True)),
        ("{low: 0, high: 1, step: 0.25}", Range(0.0, 1.0, 0.25)),
        ("{low: 0.1, high: 0.7, step: 0.2}", Range(0.1, 0.7, 0.2)),
        ("{low: 1e-5, high: 1e-2, scale: log}", Range(1e-5, 1e-2, is_log=True)),
        ("{low: 1, high: 64, scale: log}", Range(1, 64, is_log=True, is_whole=True)),
        ("{low: 1, high: 64, step: 1, scale: log}", Range(1, 64, 1, is_log=True, is_whole=True)),
        ("{low: 1.0, high: 2.0, scale: linear}", Range(1.0, 2.0)),
    ],
)
def test_choices_and_ranges(text, expected):
    found = domain(text)
    assert found == expected
    assert isinstance(found, Choices) or type(found.low) is type(expected.low)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("lr: {low: 2, high: 1}", "Exchange them, or write a list."),
        ("lr: {low: 1.0, high: 1.0}", "Exchange them, or write a list."),
        ("lr: {low: 0.0, high: 1.0, scale: log}", "Raise low, or leave scale away."),
        ("lr: {low: 0.1, high: 0.9, step: 0.2, scale: log}", "Leave one of the two away."),
        ("lr: {low: 2, high: 64, step: 2, scale: log}", "Leave one of the two away."),
        ("lr: {low: 1, high: 10, step: 2}", "Write high: 9."),
        ("lr: {low: 0.0, high: 1.0, step: 0.3}", "Write high: 0.9."),
        ("lr: {low: 0.0, high: 1.0, step: 1.0e-30}", "Bring low and high together, or raise step."),
    ],
)
def test_a_range_that_is_none_says_what_to_write(text, advice):
    assert findings(text) == [("search-range", advice)]


def test_what_is_wrong_with_several_parameters_is_told_at_once():
    found = findings("{lr: 3, bacth: [1], folds_count: [1], batch: [], loss: [a, a]}")
    assert [code for code, _ in found] == [
        "wrong-type",
        "unknown-key",
        "search-key",
        "wrong-length",
        "given-twice",
    ]


def test_each_choice_and_both_ends_are_to_be_tried_but_for_those_that_are_wrong_already():
    tried = {
        one.name: [label for label, _ in one.values]
        for one in over("{batch: [4, 8, 4], lr: {low: 0.1, high: a}}")[0]
    }
    assert tried == {"batch": [0, 1], "lr": ["low"]}


def test_options_of_any_architecture_may_be_varied():
    assert over("decoder_block_type: [transpose]")[1] == over("psp_dropout: [0.1]")[1] == ()


def test_an_argument_is_a_path_of_texts():
    ((varied,), _) = over("stages.0.epochs: [1]")
    assert varied.path == ("stages", "0", "epochs")
