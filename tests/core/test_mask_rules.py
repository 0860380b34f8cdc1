"""What a config says of its masks becomes the rule by which they are read."""

import pytest

from segcore.mask_rules import ignored, mask_rule, reading_of
from segcore.raw_masks import VOID, MaskRule


def test_without_a_word_the_rule_is_the_default_and_nothing_is_declared():
    assert mask_rule({}, 3, exclusive=True) == MaskRule(3, exclusive=True)
    assert reading_of(MaskRule(3, exclusive=True)) == ""


def test_texts_of_numbers_are_raw_values_and_ignore_is_void():
    rule = mask_rule({"values": {"255": 0, "7": "ignore"}, "threshold": None}, 1, exclusive=False)
    assert rule.values == ((255, 0), (7, VOID))


@pytest.mark.parametrize("colors", [[[1, 2, 3], [4, 5, 6]], {"a": [1, 2, 3], "b": [4, 5, 6]}])
def test_colours_are_in_the_order_of_the_list_or_of_the_names(colors):
    assert mask_rule({"colors": colors}, 2, exclusive=True).colors == ((1, 2, 3), (4, 5, 6))


@pytest.mark.parametrize(("given", "expected"), [(None, ()), (0, (0,)), ([255, [1, 2, 3]], (255, (1, 2, 3)))])
def test_one_value_or_a_list_of_values_and_colours_is_ignored(given, expected):
    assert ignored(given) == expected


def test_each_declaration_reads_otherwise_whatever_the_classes():
    """Two readings of one file are two contents; the number of classes is part of the network."""
    given = [
        {"values": {"1": 0}},
        {"values": {"1": 1}},
        {"threshold": 0.0},
        {"colors": [[0, 0, 0]]},
        {"ignore": 0},
    ]
    rules = [mask_rule(one, 1, exclusive=False) for one in given]
    assert len({reading_of(rule) for rule in rules} - {""}) == len(given)
    assert reading_of(mask_rule(given[0], 9, exclusive=True)) == reading_of(rules[0])
