"""Folds: scikit-learn's own, no sample validated twice, no group on both sides, refusals with numbers."""

import math
import re
import warnings

import numpy as np
import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn import model_selection as ms

from segcore.errors import DataError
from segcore.folds import FoldRule, make
from tests import record_strategies as records

tables = st.one_of(
    records.tables(),
    records.tables(groups=True),
    records.tables(strata=True),
    records.tables(groups=True, strata=True),
)
many_folds = st.builds(
    FoldRule, count=st.integers(2, 6), seed=records.seeds, stratified=st.booleans(), test_split=st.just(0.0)
)


def made(table, rule):
    """Return the split, or leave the example where the data does not allow it."""
    try:
        return make(table, rule)
    except DataError:
        assume(False)


@settings(max_examples=60)
@given(tables, records.fold_rules)
def test_any_data_and_any_rule_give_a_split_or_a_refusal(table, rule):
    """Every fold's parts are disjoint, not empty, and together all but what is held out."""
    try:
        split = make(table, rule)
    except DataError:
        return  # the refusal; which data deserve one is said below
    assert len(split.folds) == rule.count
    kept = sorted(set(range(len(table))) - set(split.held_out))
    for fold in split.folds:
        assert len(fold.training)
        assert len(fold.validation)
        assert sorted((*fold.training, *fold.validation)) == kept
        assert list(fold.training) == sorted(fold.training)
        assert list(fold.validation) == sorted(fold.validation)


@settings(max_examples=40)
@given(tables, many_folds)
def test_every_sample_is_validated_in_exactly_one_fold(table, rule):
    validated = [row for fold in made(table, rule).folds for row in fold.validation]
    assert sorted(validated) == list(range(len(table)))


@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much])
@given(records.tables(groups=True), records.fold_rules)
def test_no_group_stands_on_two_sides(table, rule):
    split = made(table, rule)
    held = {table.groups[row] for row in split.held_out}
    for fold in split.folds:
        training, validation = (
            {table.groups[row] for row in part} for part in (fold.training, fold.validation)
        )
        assert not training & validation
        assert not held & (training | validation)


@settings(max_examples=40)
@given(records.tables(min_size=8), many_folds)
def test_stratified_folds_keep_the_share_of_positives(table, rule):
    split = made(table, evolve(rule, stratified=True))
    positives = set(table.positives)
    counts = [len(positives & set(fold.validation)) for fold in split.folds]
    assert max(counts) - min(counts) <= 1


@settings(max_examples=40)
@given(records.tables(min_size=8, strata=True), many_folds)
def test_stratified_folds_keep_the_share_of_every_stratum(table, rule):
    split = made(table, evolve(rule, stratified=True))
    for stratum in set(table.strata):
        counts = [sum(table.strata[row] == stratum for row in fold.validation) for fold in split.folds]
        assert max(counts) - min(counts) <= 1


@settings(max_examples=40)
@given(records.tables(min_size=5), records.fold_rules, st.floats(0.2, 0.6))
def test_the_held_out_share_is_as_large_as_asked_and_in_no_fold(table, rule, share):
    split = made(table, evolve(rule, test_split=share, stratified=False))
    assert abs(len(split.held_out) - share * len(table)) < 1
    used = {row for fold in split.folds for row in (*fold.training, *fold.validation)}
    assert not used & set(split.held_out)


def test_ten_samples_with_state_33_fall_into_the_folds_that_everyone_gets():
    split = make(records.table_of(10), FoldRule())
    assert [list(fold.validation) for fold in split.folds] == [[3, 8], [5, 9], [1, 6], [0, 2], [4, 7]]


def oracle(table, rule):
    """Return scikit-learn's own splitter for a rule without a hold-out."""
    if rule.count == 1:
        single = ms.StratifiedShuffleSplit if rule.stratified else ms.ShuffleSplit
        kind = ms.GroupShuffleSplit if table.groups else single
        return kind(1, test_size=rule.validation_split, random_state=rule.seed)
    kind = {
        (False, False): ms.KFold,
        (False, True): ms.StratifiedKFold,
        (True, False): ms.GroupKFold,
        (True, True): ms.StratifiedGroupKFold,
    }[bool(table.groups), rule.stratified]
    return kind(rule.count, shuffle=True, random_state=rule.seed)


@settings(max_examples=60)
@given(tables, records.fold_rules)
def test_folds_are_those_of_scikit_learn_itself(table, rule):
    assume(not (rule.count == 1 and rule.stratified and table.groups))
    rule = evolve(rule, test_split=0.0)
    split = made(table, rule)
    positive = np.isin(np.arange(len(table)), table.positives.array)
    labels = np.array(table.strata) if table.strata else positive
    parts = oracle(table, rule).split(np.zeros(len(table)), labels, table.groups or None)
    assert [(np.sort(training).tolist(), np.sort(validation).tolist()) for training, validation in parts] == [
        (list(fold.training), list(fold.validation)) for fold in split.folds
    ]


@settings(max_examples=30)
@given(records.tables(min_size=6), records.fold_rules)
def test_the_rule_decides_the_split_and_what_ran_before_does_not(table, rule):
    before = made(table, rule)
    np.random.seed(5)  # noqa: NPY002 - the global state is what must not count
    made(table, evolve(rule, seed=(rule.seed + 1) % 2**32))
    assert make(table, rule) == before


@settings(max_examples=40)
@given(records.tables(groups=True), st.floats(0.1, 0.5), records.seeds)
def test_a_single_split_that_is_stratified_and_grouped_validates_about_its_share(table, share, seed):
    """One part of round(1 / share): the parts of whole groups differ by at most the largest group."""
    split = made(table, FoldRule(1, seed, stratified=True, validation_split=share))
    largest = max(table.groups.count(one) for one in table.groups)
    (fold,) = split.folds
    assert len(fold.validation) <= len(table) / round(1 / share) + largest


@pytest.mark.parametrize(
    ("table", "rule", "numbers"),
    [
        (records.table_of(3), FoldRule(5), ["5 folds", "got 3"]),
        (records.table_of(1), FoldRule(1), ["2 samples", "got 1"]),
        (records.table_of(10, groups="aaaaabbbbb"), FoldRule(3), ["3 groups", "got 2"]),
        (records.table_of(10, groups="a" * 10), FoldRule(1), ["2 groups", "got 1"]),
        (records.table_of(10, [1, 2]), FoldRule(3, stratified=True), ["stratum 1 has 2 samples", "3 parts"]),
        (records.table_of(4, strata="xxyz"), FoldRule(2, stratified=True), ["'y' has 1 samples"]),
        (records.table_of(2), FoldRule(1, validation_split=0.9), ["2 samples", "validationSplit 0.9"]),
        (records.table_of(2), FoldRule(1, test_split=0.9), ["2 samples", "testSplit 0.9"]),
        (records.table_of(9), FoldRule(2, test_split=0.01), ["0.01 of 9"]),
        (records.table_of(9, groups="a" * 9), FoldRule(2, test_split=0.5), ["9 samples", "testSplit 0.5"]),
        (
            records.table_of(6, [0, 1, 2]),
            FoldRule(1, stratified=True, validation_split=0.1),
            ["6 samples", "validationSplit 0.1"],
        ),
        (
            records.table_of(6, [0, 1, 2], groups="aabbcc"),
            FoldRule(1, stratified=True, validation_split=0.1),
            ["10 groups", "got 3"],
        ),
    ],
)
def test_what_cannot_be_split_is_refused_with_its_numbers(table, rule, numbers):
    """Fault 25: without `_check` and `_dealt` of `segcore.folds` the refusal is a bare error, or none."""
    with pytest.raises(DataError) as caught:
        make(table, rule)
    (finding,) = caught.value.findings
    assert all(re.search(re.escape(number), finding.message) for number in numbers), finding.message
    assert finding.advice


def test_no_warning_of_scikit_learn_reaches_the_user():
    table = records.table_of(20, range(5), groups="abcde" * 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(make(table, FoldRule(5, stratified=True)).folds) == 5


def test_a_single_split_validates_its_share_of_the_samples():
    (fold,) = make(records.table_of(50), FoldRule(1, validation_split=0.3)).folds
    assert len(fold.validation) == math.ceil(0.3 * 50)
