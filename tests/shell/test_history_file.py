"""The metrics file: what is read back is what was measured, to the last bit."""

import csv
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.history import EpochRow
from segshell.files import WriteError
from segshell.history_file import read_history, write_history

NAMES = ("loss", "val_iou", "lr")
rows = st.lists(
    st.tuples(st.tuples(*(st.floats() for _ in NAMES)), st.booleans()), min_size=1, max_size=5
).map(
    lambda given: tuple(
        EpochRow(number, tuple(zip(NAMES, values, strict=True)), improved)
        for number, (values, improved) in enumerate(given, 1)
    )
)


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@given(rows)
@settings(max_examples=40)
def test_every_number_comes_back_exactly(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("history") / "metrics" / "metrics-0.0.csv"
    write_history(path, written)
    head, *found = read(path)
    assert head == ["epoch", *NAMES, "improved"]
    assert len(found) == len(written)
    for cells, row in zip(found, written, strict=True):
        assert (int(cells[0]), bool(int(cells[-1]))) == (row.epoch, row.improved)
        for cell, (_, value) in zip(cells[1:-1], row.columns, strict=True):
            assert float(cell) == value or (math.isnan(float(cell)) and math.isnan(value))
    assert repr(read_history(path)) == repr(written)  # repr, because nan is not equal to itself


def test_a_longer_history_replaces_the_shorter_one(tmp_path):
    first, second = (EpochRow(number, (("loss", 0.5),), improved=True) for number in (1, 2))
    path = tmp_path / "metrics" / "a.csv"
    write_history(path, (first,))
    write_history(path, (first, second))
    assert [cells[0] for cells in read(path)] == ["epoch", "1", "2"]
    assert [one.name for one in path.parent.iterdir()] == ["a.csv"]


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "a.csv").mkdir()
    with pytest.raises(WriteError, match=r"a\.csv"):
        write_history(tmp_path / "metrics" / "a.csv", (EpochRow(1, (("loss", 0.5),), improved=True),))
