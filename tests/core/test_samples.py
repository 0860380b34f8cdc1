"""The sample table: sorted unique ids, and a digest of the contents of some rows."""

import hashlib

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from segcore.samples import Contents, SampleTable, content_digest
from segcore.values import Indices
from tests import record_strategies as records


@given(st.lists(st.text(max_size=3), min_size=1, max_size=6))
def test_only_ids_that_are_unique_and_sorted_as_text_are_taken(ids):
    if ids == sorted(set(ids)):
        assert len(SampleTable(tuple(ids), Indices(), tuple(ids))) == len(ids)
    else:
        with pytest.raises(ValueError, match="unique and sorted"):
            SampleTable(tuple(ids), Indices(), tuple(ids))


@given(records.tables(max_size=6), st.data())
def test_the_digest_names_ids_contents_and_order_of_the_rows(table, data):
    some = st.lists(st.integers(0, len(table) - 1), max_size=6).map(Indices)
    one, other = data.draw(some), data.draw(some)
    assert (content_digest(table, one) == content_digest(table, other)) == (one == other)


@given(records.tables(), st.data())
def test_the_digest_does_not_depend_on_rows_that_are_not_asked_for(table, data):
    row = data.draw(st.integers(0, len(table) - 1))
    alone = SampleTable((table.ids[row],), Indices(), (table.fingerprints[row],))
    assert content_digest(table, Indices([row])) == content_digest(alone, Indices([0]))


@given(records.tables(), st.data())
def test_a_changed_content_changes_the_digest_of_its_row_only(table, data):
    row = data.draw(st.integers(0, len(table) - 1))
    contents = tuple("changed" if at == row else old for at, old in enumerate(table.fingerprints))
    changed = evolve(table, fingerprints=contents)
    for at in range(len(table)):
        same = content_digest(changed, Indices([at])) == content_digest(table, Indices([at]))
        assert same == (at != row)


@given(st.text(min_size=1, max_size=4), st.text(min_size=1, max_size=4))
def test_an_id_with_a_line_break_is_not_taken_for_two_rows(one, other):
    assume(one < other)
    two = SampleTable((one, other), Indices(), ("x", "y"))
    forged = SampleTable((f"{one}' x\n'{other}",), Indices(), ("y",))
    assert content_digest(two, Indices([0, 1])) != content_digest(forged, Indices([0]))


@given(records.tables(groups=True, strata=True))
def test_tables_hash_and_are_equal_by_content(table):
    again = evolve(table)
    assert again == table
    assert hash(again) == hash(table)


@given(records.tables(), st.data())
def test_a_renamed_sample_changes_the_digest_even_where_its_content_stays(table, data):
    row = data.draw(st.integers(0, len(table) - 1))
    one, other = (
        SampleTable((name,), Indices(), (table.fingerprints[row],)) for name in (table.ids[row], "new name")
    )
    assert content_digest(one, Indices([0])) != content_digest(other, Indices([0]))


@pytest.mark.parametrize(
    "changed",
    [
        {"fingerprints": ("x",)},
        {"fingerprints": ()},
        {"strata": ("s",)},
        {"groups": ("g", "g", "g")},
        {"positives": Indices([2])},
    ],
)
def test_columns_of_another_length_and_positions_out_of_range_are_refused(changed: dict[str, object]) -> None:
    """Two samples need two of everything."""
    given = {"ids": ("a", "b"), "positives": Indices([0]), "fingerprints": ("x", "y"), **changed}
    with pytest.raises(ValueError, match="2 samples"):
        SampleTable(**given)


@given(records.tables(), st.data())
def test_what_is_asked_again_is_answered_as_the_first_time(table, data):
    some = st.lists(st.integers(0, len(table) - 1), max_size=6).map(Indices)
    contents = Contents(table)
    for rows in data.draw(st.lists(some, max_size=4)) * 2:
        assert contents.digest(rows) == content_digest(table, rows)


def test_the_digest_is_that_of_a_line_per_row_joined_by_line_feeds():
    """Rows of different widths, letters beyond ASCII and half a surrogate pair."""
    table = SampleTable(("a", "b'\"", "é\ud800"), Indices(), ("x", "y", "z"))
    text = "'a' x\n'b\\'\"' y\n'é\\ud800' z"
    assert content_digest(table, Indices(range(3))) == hashlib.sha256(text.encode()).hexdigest()
