"""An index comes back as it was written, and what is no index is none, with a warning."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segshell.files import WriteError
from segshell.index_file import Entry, load, save, text_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
counts = st.integers(0, 2**53)
stamps = st.tuples(texts, counts, counts)
entries = st.builds(
    Entry,
    texts,
    st.lists(stamps, min_size=1, max_size=3).map(tuple),
    texts,
    texts,
    st.booleans(),
    counts,
    counts,
    st.lists(counts, max_size=4).map(tuple),
    counts,
    st.integers(0, 2**64 - 1).map(lambda one: f"{one:016x}"),
)


@given(st.lists(entries, max_size=5, unique_by=lambda one: one.id))
def test_entries_come_back(tmp_path_factory, given_entries):
    path = tmp_path_factory.mktemp("i") / "sub" / "index.json"
    save(path, given_entries)
    assert list(load(path).values()) == given_entries
    assert all(int(f"{one.facts.phash:x}", 16) == int(one.phash, 16) for one in given_entries)


def test_a_missing_index_is_empty(tmp_path):
    assert load(tmp_path / "gone.json") == {}


ROW = ["a", [["i/a.png", 1, 2]], "", "0f", True, 3, 4, [1, 2], 0, "00"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 1),
        (1, [["a", 1]]),
        (1, [["a", "1", 2]]),
        (4, 1),
        (5, 2.5),
        (7, [0.5]),
        (7, 3),
        (9, "xyz"),
        (9, None),
    ],
)
def test_a_row_of_other_types_is_damage(tmp_path, caplog, place, value):
    row = [*ROW]
    row[place] = value
    (tmp_path / "index.json").write_text(text_of([row]))
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path / "index.json") == {}
    assert "is damaged" in caplog.text


def test_a_row_that_says_something_else_than_was_written_is_damage(tmp_path, caplog):
    """Fault 7: without the digest in `segshell.index_file` a flipped bit makes a negative of a positive."""
    text = text_of([ROW])
    (tmp_path / "index.json").write_text(text)
    assert load(tmp_path / "index.json")["a"].positive
    for was, now in (("true", "false"), ("3,4", "4,3"), ('"a"', '"b"'), ("]}", "]} ")):
        (tmp_path / "index.json").write_text(text.replace(was, now))
        assert load(tmp_path / "index.json") == {}
    assert "is damaged" in caplog.text


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="file"):
        save(tmp_path / "file" / "sub" / "index.json", [])
