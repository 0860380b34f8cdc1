"""One file for a split: made, read or grown by one writer at a time, and named where it cannot be used."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import filelock
import pytest
from attrs import evolve

from segcore.errors import DataError
from segcore.folds import FoldRule
from segcore.split_rules import rule_words
from segcore.split_text import from_text
from segcore.subsets import take
from segcore.values import Indices
from segshell import files, split_file
from segshell.split_file import Asked, Place, split_in
from tests.record_strategies import table_of


def asked(rows):
    """Return what asks for the split of some rows of forty samples."""
    table, rule = take(table_of(40), Indices(rows)), FoldRule(2)
    return Asked(table, rule, rule_words(rule, table, None, None))


def test_of_several_at_once_each_reads_what_the_others_wrote(tmp_path):
    """Without the lock around reading and writing, the last one would write over the samples of the others."""
    place, many = Place(tmp_path / "split.json"), 6
    split_in(place, asked(range(10)))
    together = threading.Barrier(many)

    def add_some(number):
        mine = asked([*range(10), *range(10 + 5 * number, 15 + 5 * number)])
        together.wait()
        return dict(split_in(place, mine).stored.parts)

    with ThreadPoolExecutor(many) as pool:
        found = list(pool.map(add_some, range(many)))
    last = split_in(place, asked(range(40)))
    assert (last.state, len(last.stored.parts)) == ("read", 40)
    assert all(one.items() <= dict(last.stored.parts).items() for one in found)
    assert [one.added for one in last.stored.history] == [10, *[5] * many]


def test_who_waits_too_long_is_told_which_file_is_held(tmp_path, monkeypatch):
    monkeypatch.setattr(split_file, "PATIENCE", 0.05)
    with (
        filelock.FileLock(tmp_path / ".split.json.lock"),
        pytest.raises(files.LockedError, match=r"split\.json"),
    ):
        split_in(Place(tmp_path / "split.json"), asked(range(4)))


def test_a_file_that_cannot_be_written_is_an_error_of_writing(tmp_path):
    # The lock beside it would have a name that no file system takes.
    with pytest.raises(files.WriteError, match="cannot be written"):
        split_in(Place(tmp_path / ("s" * 252)), asked(range(4)))


def refused(path, asked_for, code):
    """Return what is told where the split in a file cannot be used."""
    with pytest.raises(DataError) as caught:
        split_in(Place(path), asked_for)
    assert [one.code for one in caught.value.findings] == [code]
    return caught.value.findings[0].message


def test_a_file_in_place_of_the_owners_folder_holds_no_split(tmp_path):
    (tmp_path / ".segshell").write_text("a note")
    place = Place(tmp_path / "own.json", tmp_path / ".segshell" / "own.json")
    assert split_in(place, asked(range(4))).state == "made"


def test_a_split_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "split.json").mkdir()
    assert "split.json" in refused(tmp_path / "split.json", asked([0, 1]), "split-unreadable")
    os.mkfifo(tmp_path / "pipe.json")
    assert "pipe" in refused(tmp_path / "pipe.json", asked([0, 1]), "split-unreadable")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe{")
    assert "bytes.json" in refused(tmp_path / "bytes.json", asked([0, 1]), "split-damaged")


def test_a_split_by_another_rule_is_left_as_it_is(tmp_path):
    path = tmp_path / "split.json"
    split_in(Place(path), asked(range(10)))
    before = path.read_bytes()
    other = evolve(asked(range(12)), words=rule_words(FoldRule(2, 5), table_of(12), None, None))
    assert "random_state 33" in refused(path, other, "split-rule")
    assert path.read_bytes() == before


def test_a_split_written_by_hand_is_left_as_it_is_until_it_grows(tmp_path):
    path = tmp_path / "split.json"
    path.write_text('{"version": 2, "samples": {"0000": "fold 0", "0001": "fold 1"}}')
    before = path.read_bytes()
    assert split_in(Place(path), asked([0, 1])).state == "read"
    assert path.read_bytes() == before
    assert split_in(Place(path), asked([0, 1, 2, 3])).state == "grown"
    written = from_text(path.read_text(), "split.json")
    assert dict(written.parts).items() >= {"0000": "fold 0", "0001": "fold 1"}.items()
    assert written.rule == asked([0]).words


def test_what_is_not_kept_is_not_written(tmp_path):
    found = split_in(Place(tmp_path / "split.json", is_kept=False), asked(range(4)))
    assert (found.state, list(tmp_path.iterdir())) == ("made", [])
