"""New samples join a stored split where they are missing most: nothing moves, nothing straddles, sizes stay even."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.folds import FoldRule, make
from segcore.samples import SampleTable
from segcore.split_growth import dealt, shares
from segcore.split_rules import HELD_OUT, VALIDATION, part_names, rule_words
from segcore.splits import digest
from segcore.stored_splits import Generation, StoredSplit, as_split, parts_of
from segcore.values import Indices
from tests import record_strategies as records

EMPTY = StoredSplit(rule_words(FoldRule(), records.table_of(1), None, None), ())


def grow(stored, table, rule):
    return dealt(stored, table, rule, rule_words(rule, table, None, None), "split.json")


def by_hand(parts, groups=()):
    """Return a stored split of these parts by id, with groups by id."""
    return StoredSplit((), tuple(sorted(dict(parts).items())), tuple(sorted(dict(groups).items())))


def sizes(stored, table, rule):
    """Return how many samples of a table stand in each part."""
    there = Counter(part for name, part in stored.parts if name in set(table.ids))
    return [there[name] for name in part_names(rule.count)]


def some_rows(table, rows):
    """Return the table of some rows, made without `subsets`."""
    return SampleTable(
        tuple(table.ids[row] for row in rows),
        Indices(at for at, row in enumerate(rows) if row in set(table.positives)),
        tuple(table.fingerprints[row] for row in rows),
        tuple(table.strata[row] for row in rows) if table.strata else (),
        tuple(table.groups[row] for row in rows) if table.groups else (),
    )


@st.composite
def growing(draw, *, groups=False, strata=False, rules=records.fold_rules):
    """Draw a rule, a table, and the split of some of its samples, which the rule dealt."""
    size, rule = draw(st.integers(4, 24)), draw(rules)

    def labels(names):
        return draw(st.lists(st.sampled_from(names), min_size=size, max_size=size))

    groups, strata = labels("abcdefgh") if groups else (), labels("no") if strata else ()
    whole = records.table_of(size, range(0, size, 3), groups, strata)
    first = sorted(draw(st.sets(st.integers(0, size - 1), min_size=2)))
    try:
        stored = grow(EMPTY, some_rows(whole, first), rule).stored
    except DataError:
        assume(False)
    return rule, whole, stored


any_data = st.one_of(growing(), growing(groups=True), growing(strata=True), growing(groups=True, strata=True))
plain_rules = st.builds(
    FoldRule, count=st.integers(1, 5), seed=records.seeds, validation_split=st.floats(0.1, 0.9),
    test_split=st.just(0.0) | st.floats(0.05, 0.5),
)  # fmt: skip


@settings(max_examples=30)
@given(any_data)
def test_no_old_sample_moves_and_every_sample_has_one_part(case):
    rule, whole, stored = case
    assume(not torn(stored, whole))
    grown = grow(stored, whole, rule)
    parts = dict(grown.stored.parts)
    assert {name: parts[name] for name, _ in stored.parts} == dict(stored.parts)
    assert set(parts) == set(whole.ids)
    assert grown.added == len(whole) - len(stored.parts)
    split = as_split(grown.stored, whole, rule.count, "split.json")
    for fold in split.folds:
        rows = [*fold.training, *fold.validation, *split.held_out]
        assert sorted(rows) == list(range(len(whole)))
    if rule.count > 1:
        validated = [row for fold in split.folds for row in fold.validation]
        assert sorted((*validated, *split.held_out)) == list(range(len(whole)))


def torn(stored, table):
    """Return whether a group of the table stands in several parts already."""
    parts = dict(stored.parts)
    homes = {
        (group, parts[name]) for name, group in zip(table.ids, table.groups, strict=False) if name in parts
    }
    return len(homes) != len({group for group, _ in homes})


@settings(max_examples=20)
@given(growing(groups=True) | growing(groups=True, strata=True))
def test_no_group_straddles_after_growth_if_none_did_before(case):
    """Fault 25: without the homes of groups in `segcore.split_growth` a new sample leaves its group."""
    rule, whole, stored = case
    parts = dict(grow(stored, whole, rule).stored.parts)
    for group in set(whole.groups):
        assert (
            len({parts[name] for name, one in zip(whole.ids, whole.groups, strict=True) if one == group}) == 1
        )


@settings(max_examples=15)
@given(any_data)
def test_growing_by_nothing_changes_nothing(case):
    rule, whole, stored = case
    once = grow(stored, whole, rule)
    again = grow(once.stored, whole, rule)
    assert again.added == 0
    assert again.stored is once.stored


@settings(max_examples=20)
@given(growing(rules=plain_rules), st.data())
def test_sizes_come_as_near_to_their_shares_as_they_can_without_moving_a_sample(case, data):
    """No other way to deal the new samples has a smaller sum of squared differences; all ways are tried."""
    rule, whole, stored = case
    new = [name for name in whole.ids if name not in dict(stored.parts)]
    left = set(data.draw(st.permutations(new))[:5])
    table = some_rows(whole, [row for row, name in enumerate(whole.ids) if name in left or name not in new])
    before = np.array(sizes(stored, table, rule))
    target = shares(rule) * len(table)
    after = np.array(sizes(grow(stored, table, rule).stored, table, rule))
    many = len(before)
    ways = (
        np.bincount(chosen, minlength=many)
        for chosen in itertools.combinations_with_replacement(range(many), len(left))
    )
    best = min(float(((before + way - target) ** 2).sum()) for way in ways)
    assert ((after - target) ** 2).sum() == pytest.approx(best)


@settings(max_examples=20)
@given(growing(rules=plain_rules))
def test_sizes_differ_by_less_than_one_from_their_shares_if_no_part_was_too_large(case):
    rule, whole, stored = case
    target = shares(rule) * len(whole)
    before, after = (np.array(sizes(one, whole, rule)) for one in (stored, grow(stored, whole, rule).stored))
    assume((before <= target).all())
    assert (np.abs(after - target) < 1 + 1e-9).all()


@settings(max_examples=20)
@given(growing(rules=st.builds(FoldRule, count=st.integers(2, 5), seed=records.seeds)))
def test_a_fold_that_got_samples_has_at_most_one_more_than_the_smallest(case):
    rule, whole, stored = case
    before, after = (sizes(one, whole, rule) for one in (stored, grow(stored, whole, rule).stored))
    for was, now in zip(before[:-1], after[:-1], strict=True):
        assert now == was or now <= min(after[:-1]) + 1


@settings(max_examples=15)
@given(growing(strata=True, rules=st.builds(FoldRule, st.integers(2, 4), records.seeds)))
def test_a_stratified_split_stays_even_in_every_stratum(case):
    rule, whole, stored = case
    rule = evolve(rule, stratified=True)
    parts = dict(grow(stored, whole, rule).stored.parts)
    was = dict(stored.parts)
    for stratum in set(whole.strata):
        inside = [name for name, one in zip(whole.ids, whole.strata, strict=True) if one == stratum]
        before, after = (Counter(one[name] for name in inside if name in one) for one in (was, parts))
        folds = part_names(rule.count)[:-1]
        smallest = min(after[name] for name in folds)
        assert all(after[name] == before[name] or after[name] <= smallest + 1 for name in folds)


@settings(max_examples=15)
@given(any_data, st.randoms(use_true_random=False))
def test_the_order_in_which_a_file_lists_its_samples_does_not_count(case, random):
    rule, whole, stored = case
    assume(not torn(stored, whole))
    parts, groups = list(stored.parts), list(stored.groups)
    random.shuffle(parts)
    random.shuffle(groups)
    other = evolve(stored, parts=tuple(parts), groups=tuple(groups))
    assert dict(grow(other, whole, rule).stored.parts) == dict(grow(stored, whole, rule).stored.parts)


def test_the_first_samples_are_dealt_as_scikit_learn_does():
    for rule in (FoldRule(3), FoldRule(1), FoldRule(2, test_split=0.3), FoldRule(3, stratified=True)):
        table = records.table_of(20, range(0, 20, 3))
        first = grow(EMPTY, table, rule)
        made = make(table, rule)
        assert as_split(first.stored, table, rule.count, "split.json") == made
        assert first.stored.history == (Generation(20, digest(made, table)),)


def test_samples_under_names_that_a_split_does_not_know_are_dealt_as_the_first():
    """Another way to name the same files gives scikit-learn's folds again, and the other names stay."""
    before = by_hand({"x": "fold 0", "y": "fold 1"})
    table = records.table_of(10)
    after = grow(before, table, FoldRule(2)).stored
    assert as_split(after, table, 2, "split.json") == make(table, FoldRule(2))
    assert dict(after.parts).items() >= dict(before.parts).items()


def test_samples_that_are_gone_keep_their_part_and_count_for_no_size():
    stored = by_hand({f"{number:04}": f"fold {number % 2}" for number in range(6)})
    table = some_rows(
        records.table_of(9), [0, 2, 4, 5, 7, 8]
    )  # of fold 1 only 5 is left, and 7 and 8 are new
    after = grow(stored, table, FoldRule(2)).stored
    assert [dict(after.parts)[name] for name in ("0007", "0008")] == ["fold 1", "fold 1"]
    assert dict(after.parts)["0001"] == "fold 1"


def test_a_sample_joins_the_group_of_samples_that_are_gone():
    stored = by_hand({"0000": "fold 1", "0001": "fold 0", "0002": "fold 1", "9": "fold 0"}, {"9": "z"})
    table = records.table_of(6, groups="abazzz")
    after = dict(grow(stored, some_rows(table, [0, 1, 2, 3, 4, 5]), FoldRule(2)).stored.parts)
    assert {after[name] for name in ("0003", "0004", "0005")} == {"fold 0"}


def test_what_the_table_says_of_a_group_goes_before_what_is_stored():
    stored = by_hand({"0000": "fold 0", "0001": "fold 1", "9": "fold 1"}, {"0000": "b", "9": "a"})
    table = records.table_of(3, groups="aba")
    assert dict(grow(stored, table, FoldRule(2)).stored.parts)["0002"] == "fold 0"


def test_new_groups_go_whole_and_large_ones_first_to_the_smallest_folds():
    stored = by_hand({"0000": "fold 0", "0001": "fold 1"})
    table = records.table_of(9, groups="abccccddd")
    after = dict(grow(stored, table, FoldRule(2)).stored.parts)
    parts = [{after[f"{number:04}"] for number in group} for group in (range(2, 6), range(6, 9))]
    assert parts == [{"fold 0"}, {"fold 1"}]


def test_a_held_out_share_grows_with_the_data():
    rule = FoldRule(2, test_split=0.25)
    first = grow(EMPTY, records.table_of(20), rule).stored
    after = grow(first, records.table_of(40), rule).stored
    assert Counter(dict(after.parts).values()) == {HELD_OUT: 10, "fold 0": 15, "fold 1": 15}


def test_a_single_split_keeps_its_share_of_validation():
    rule = FoldRule(1, validation_split=0.3)
    first = grow(EMPTY, records.table_of(20), rule).stored
    after = grow(first, records.table_of(50), rule).stored
    assert Counter(dict(after.parts).values())[VALIDATION] == math.ceil(0.3 * 50)


def test_each_growth_is_noted_with_the_hash_of_the_split_that_it_gave():
    table, rule = records.table_of(20), FoldRule(2)
    stored = EMPTY
    for size in (10, 15, 20):
        part = records.table_of(size)
        stored = grow(stored, part, rule).stored
        used = as_split(stored, part, 2, "split.json")
        assert stored.history[-1] == Generation(10 if size == 10 else 5, digest(used, part))
    assert len(stored.history) == 3
    assert parts_of(as_split(stored, table, 2, "split.json"), table) == dict(stored.parts)


def test_a_new_sample_that_links_groups_of_two_parts_is_refused_with_its_ids():
    stored = by_hand({"0000": "fold 0", "0001": "fold 1", "0002": "fold 1"})
    with pytest.raises(DataError, match=r"fold 0 has '0000', fold 1 has '0001'") as caught:
        grow(stored, records.table_of(4, groups="aaba"), FoldRule(2))
    assert caught.value.findings[0].code == "split-groups"


@settings(max_examples=20)
@given(plain_rules)
def test_the_shares_of_all_parts_add_up_to_one(rule):
    assert shares(rule).sum() == pytest.approx(1)
    assert len(shares(rule)) == len(part_names(rule.count))
