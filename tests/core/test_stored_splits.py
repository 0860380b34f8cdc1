"""A stored split against today's samples: who is gone, what cannot be, and the folds of those that are there."""

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.errors import DataError, names_of
from segcore.folds import Fold, FoldRule, Split
from segcore.split_rules import HELD_OUT, rule_words
from segcore.stored_splits import (
    StoredSplit,
    absent,
    as_split,
    check_groups,
    check_rule,
    groups_of,
    parts_of,
)
from segcore.values import Indices
from tests import record_strategies as records

RULE = rule_words(FoldRule(2), records.table_of(1), None, None)
STORED = StoredSplit(RULE, tuple((f"{number:04}", f"fold {number % 2}") for number in range(6)))


def code_of(caught):
    (finding,) = caught.value.findings
    assert finding.advice
    return finding.code


@settings(max_examples=30)
@given(st.integers(1, 4), st.lists(st.integers(0, 4), min_size=8, max_size=20))
def test_parts_and_folds_tell_the_same(count, dealt_to):
    """Folds that are made of the parts, and the parts of these folds again."""
    names = ["training", "validation"] if count == 1 else [f"fold {number}" for number in range(count)]
    # Every part has someone, so that no fold is empty.
    places = [*range(len(names)), *(place % (len(names) + 1) for place in dealt_to)]
    table = records.table_of(len(places))
    parts = dict(zip(table.ids, [[*names, HELD_OUT][place] for place in places], strict=True))
    split = as_split(StoredSplit((), tuple(parts.items())), table, count, "a.json")
    assert parts_of(split, table) == parts
    assert len(split.folds) == count
    for number, fold in enumerate(split.folds):
        validated = number + 1 if count == 1 else number
        assert [places[row] == validated for row in fold.validation] == [True] * places.count(validated)
        assert sorted((*fold.training, *fold.validation, *split.held_out)) == list(range(len(table)))


def test_the_folds_are_those_of_the_samples_that_are_there():
    table = evolve(records.table_of(3), ids=("0001", "0002", "0004"))
    assert as_split(STORED, table, 2, "a.json") == Split(
        (Fold(Indices([0]), Indices([1, 2])), Fold(Indices([1, 2]), Indices([0])))
    )
    assert absent(STORED, table) == ("0000", "0003", "0005")


@pytest.mark.parametrize(
    ("count", "parts", "told"),
    [
        (2, ["fold 0", "fold 0"], "fold 0 trains on no sample"),
        (3, ["fold 0", "fold 1"], "fold 2 validates on no sample"),
        (1, ["training", "training"], "fold 0 validates on no sample"),
        (1, ["validation", "held out"], "fold 0 trains on no sample"),
    ],
)
def test_a_fold_of_whose_samples_none_is_left_is_named(count, parts, told):
    """Fault 25: without `_require` of `segcore.stored_splits` a fold that lost all its samples is trained or scored."""
    table = records.table_of(2)
    gone = [("gone", f"fold {number}") for number in range(count)] if count > 1 else []
    stored = StoredSplit((), (*zip(table.ids, parts, strict=True), *gone))
    with pytest.raises(DataError, match=rf"{told}.*a\.json.*2 samples") as caught:
        as_split(stored, table, count, "a.json")
    assert code_of(caught) == "split-empty"


def test_another_rule_is_refused_with_both_values():
    check_rule(STORED, RULE, "a.json")
    wanted = rule_words(FoldRule(2, 7), records.table_of(1), None, None)
    with pytest.raises(DataError, match=r"a\.json .*random_state 33, the config 7") as caught:
        check_rule(STORED, wanted, "a.json")
    assert code_of(caught) == "split-rule"


def test_what_a_split_written_by_hand_does_not_say_is_not_compared():
    for rule in ((), (("folds_count", 2),)):
        check_rule(evolve(STORED, rule=rule), RULE, "a.json")


def test_parts_that_there_are_not_are_refused_with_their_ids():
    stored = StoredSplit((), (("a", "fold 0"), ("b", "fold 2"), ("c", "fold1")))
    with pytest.raises(
        DataError, match=r"'fold 2', 'fold1', of 'b', 'c'; .* fold 0, fold 1, held out"
    ) as caught:
        check_rule(stored, RULE, "a.json")
    assert code_of(caught) == "split-part"


def test_a_group_in_two_parts_is_refused_with_parts_and_ids():
    table = records.table_of(7, groups="ababxyz")
    check_groups(STORED, table, "a.json")
    torn = evolve(table, groups=tuple("aabbxyz"))
    with pytest.raises(DataError, match=r"a\.json.*'a': fold 0 has '0000', fold 1 has '0001'; 'b'") as caught:
        check_groups(STORED, torn, "a.json")
    assert code_of(caught) == "split-groups"


@given(st.lists(st.text(max_size=4), unique=True, max_size=25))
def test_names_are_the_first_ten_and_how_many_there_are(names):
    told = names_of(names)
    assert told.startswith(", ".join(repr(name) for name in sorted(names)[:10]))
    assert told.endswith(f"(first 10 of {len(names)})") == (len(names) > 10)


def test_groups_are_known_by_id():
    assert groups_of(records.table_of(2, groups="ab")) == {"0000": "a", "0001": "b"}
    assert groups_of(records.table_of(2)) == {}
