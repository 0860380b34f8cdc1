"""A split as text: read back unchanged, refused where damaged, its digest a function of ids alone."""

import json

import pytest
from attrs import evolve, fields
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.folds import Fold, FoldRule, Split, make
from segcore.samples import SampleTable
from segcore.splits import digest, from_text, rule_digest, to_text
from segcore.values import Indices
from tests import record_strategies as records
from tests.strategies import plain_values

TABLE = records.table_of(6, [0, 3])
SPLIT = records.split_of(6, 3)


@st.composite
def dealt(draw):
    """Return a table and a split of it, held-out samples included, made without scikit-learn."""
    table = draw(records.tables(min_size=4, max_size=12))
    order = draw(st.permutations(range(len(table))))
    parts = draw(st.integers(2, 3))
    held, kept = order[parts:][:2] if len(order) > parts + 1 else [], []
    kept = [row for row in order if row not in held]
    folds = (
        Fold(
            Indices(sorted(row for at, row in enumerate(kept) if at % parts != fold)),
            Indices(sorted(row for at, row in enumerate(kept) if at % parts == fold)),
        )
        for fold in range(parts)
    )
    return table, Split(tuple(folds), Indices(sorted(held)))


@given(dealt())
def test_a_split_is_the_same_after_a_round_trip_through_text(pair):
    table, split = pair
    assert from_text(to_text(split, table), table) == split


@settings(max_examples=30)
@given(records.tables(min_size=2), records.fold_rules)
def test_every_split_that_is_made_can_be_stored_and_read(table, rule):
    try:
        split = make(table, rule)
    except DataError:
        assume(False)
    assert from_text(to_text(split, table), table) == split


def test_the_text_is_ascii_json_that_names_ids():
    table = SampleTable(("a", "é\ud800"), Indices(), ("x", "y"))
    split = Split((Fold(Indices([0]), Indices([1])),))
    text = to_text(split, table)
    assert text.isascii()
    assert json.loads(text)["folds"] == [{"training": ["a"], "validation": ["é\ud800"]}]


@given(dealt(), st.sets(st.text(max_size=6), max_size=5))
def test_the_digest_depends_on_ids_and_not_on_their_positions(pair, more):
    """The same folds of ids in a larger table stand at other positions."""
    table, split = pair
    ids = sorted({*table.ids, *more})
    wider = SampleTable(tuple(ids), Indices(), tuple(ids))

    def moved(rows):
        return Indices(ids.index(table.ids[row]) for row in rows)

    folds = tuple(Fold(moved(one.training), moved(one.validation)) for one in split.folds)
    assert digest(Split(folds, moved(split.held_out)), wider) == digest(split, table)


@given(dealt(), dealt())
def test_digests_are_equal_exactly_where_the_texts_are(one, other):
    texts = [to_text(split, table) for table, split in (one, other)]
    digests = [digest(split, table) for table, split in (one, other)]
    assert (digests[0] == digests[1]) == (texts[0] == texts[1])


@given(st.data())
def test_a_text_that_is_cut_anywhere_is_refused(data):
    text = to_text(SPLIT, TABLE)
    cut = data.draw(st.integers(0, len(text.rstrip()) - 1))
    with pytest.raises(DataError):
        from_text(text[:cut], TABLE)


no_folds = st.fixed_dictionaries({"version": st.just(1), "folds": plain_values(), "held_out": plain_values()})


@given(plain_values() | no_folds)
def test_json_that_is_no_split_is_refused(content):
    with pytest.raises(DataError) as caught:
        from_text(json.dumps(content), TABLE)
    assert caught.value.findings[0].advice


def replaced(change):
    """Return the stored split after a change of its plain content."""
    content = json.loads(to_text(SPLIT, TABLE))
    change(content)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (replaced(lambda content: content.update(version=2)), "version 2"),
        (replaced(lambda content: content.update(folds=[])), "no fold"),
        (replaced(lambda content: content["folds"][1]["training"].append("0001")), "fold 1"),
        (replaced(lambda content: content["folds"][1]["training"].pop()), "fold 1"),
        (
            replaced(lambda content: content["folds"][0].update(validation=[])),
            "fold 0 of the split file has an empty",
        ),
        (replaced(lambda content: content["folds"].append(content["folds"][0])), "two folds"),
        (replaced(lambda content: content["held_out"].append("0001")), "exactly once"),
        (replaced(lambda content: content["held_out"].append("unknown")), "'unknown'"),
        (replaced(lambda content: content.update(held_out="")), "list of ids"),
        (replaced(lambda content: content["folds"][0].pop("training")), "'training'"),
        ("[" * 100_000, "damaged"),
        ("", "damaged"),
    ],
)
def test_what_does_not_fit_is_told(text, told):
    with pytest.raises(DataError, match=told):
        from_text(text, TABLE)


def test_a_split_of_other_data_is_refused_in_both_directions():
    """Neither a sample that is gone nor one that was added passes in silence."""
    for size in (5, 7):
        with pytest.raises(DataError):
            from_text(to_text(SPLIT, TABLE), records.table_of(size))


CHANGES = {
    "count": 4,
    "seed": 1,
    "stratified": True,
    "validation_split": 0.3,
    "test_split": 0.1,
    "test_seed": 7,
}


def test_every_part_of_the_rule_names_another_split():
    assert list(CHANGES) == [one.name for one in fields(FoldRule)]
    rules = [FoldRule(), *(evolve(FoldRule(), **{name: value}) for name, value in CHANGES.items())]
    assert len({rule_digest(TABLE, rule) for rule in rules}) == len(rules)


def test_the_labels_count_only_where_the_rule_looks_at_them():
    other = evolve(TABLE, positives=Indices([1]))
    plain, stratified = FoldRule(), FoldRule(stratified=True)
    assert rule_digest(TABLE, plain) == rule_digest(other, plain)
    assert rule_digest(TABLE, stratified) != rule_digest(other, stratified)
    assert rule_digest(TABLE, plain) != rule_digest(evolve(TABLE, groups=tuple("aabbcc")), plain)
    assert rule_digest(TABLE, plain) != rule_digest(records.table_of(7, [0, 3]), plain)
