"""A rule in words: all that deals samples and nothing that plays no part, the same wherever the config lies."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.folds import FoldRule
from segcore.split_rules import HELD_OUT, TRAINING, VALIDATION, file_name, part_names, rule_words, said
from segcore.values import Table
from tests import record_strategies as records

TABLE = records.table_of(6, [0, 3])
PATTERN = Table((("pattern", r"^(p\d+)_"),))
SITES = Table((("csv", "../info.csv"), ("id", "name"), ("column", "site")))


def words(rule=FoldRule(), table=TABLE, groups=None, strata=None):  # noqa: B008 - immutable
    return rule_words(rule, table, groups, strata)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (FoldRule(), {"count": 4, "seed": 1, "stratified": True, "test_split": 0.1}),
        (FoldRule(1, test_split=0.1), {"validation_split": 0.3, "test_split": 0.2, "test_seed": 7}),
    ],
)
def test_every_part_of_the_rule_that_plays_one_has_another_file(rule, changes):
    rules = [rule, *(evolve(rule, **{name: value}) for name, value in changes.items())]
    assert len({file_name(words(one)) for one in rules}) == len(rules)


@pytest.mark.parametrize("change", [{"validation_split": 0.3}, {"test_seed": 7}, {"test_split": 0}])
def test_what_plays_no_part_gives_the_same_words(change):
    """The share of a single split says nothing of five folds, nor a seed of nothing held out; 0 is 0.0."""
    assert repr(words(evolve(FoldRule(), **change))) == repr(words())


def test_groups_and_strata_are_told_as_the_config_says_them():
    stratified = FoldRule(stratified=True)
    labels = [None, PATTERN, SITES, "duplicates"]
    assert len({file_name(words(groups=one)) for one in labels}) == len(labels)
    assert len({file_name(words(stratified, strata=one)) for one in labels[:3]}) == 3
    assert dict(words(stratified))["stratified"] == "positives"
    assert dict(words(strata=PATTERN))["stratified"] is None


def test_a_csv_is_known_by_its_name_since_every_config_has_its_own_way_to_it():
    other = Table((("csv", "data\\info.csv"), ("id", "name"), ("column", "site")))
    assert said(SITES, None) == said(other, None) == "column site of info.csv by name"
    assert said(Table((("csv", "info.csv"), ("column", "site"))), None) == "column site of info.csv by id"


def test_a_data_set_may_bring_groups_and_strata_of_its_own():
    table = evolve(TABLE, groups=tuple("aabbcc"), strata=tuple("xyxyxy"))
    rule = FoldRule(stratified=True)
    assert dict(words(rule, table))["groups"] == dict(words(rule, table))["stratified"]
    assert dict(words(rule, table, PATTERN))["groups"] == dict(words(rule, groups=PATTERN))["groups"]
    assert words(rule, table) != words(rule)


@given(st.integers(2, 50))
def test_several_folds_have_a_part_each_and_one_that_is_held_out(count):
    names = part_names(count)
    assert names[-1] == HELD_OUT
    assert [name.rpartition(" ")[2] for name in names[:-1]] == [str(number) for number in range(count)]


def test_a_single_split_has_training_and_validation():
    assert part_names(1) == (TRAINING, VALIDATION, HELD_OUT)


def test_the_name_of_a_file_tells_the_number_of_folds():
    assert file_name(words(FoldRule(7))).startswith("split-7-folds-")
    assert file_name(words(FoldRule(1))).startswith("split-single-")
