"""Tables of results: every id comes back as it was, and a table is complete or absent."""

import csv
import io
import logging
import os

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.labels import by_table
from segshell import csv_rows
from segshell.result_tables import (
    failed_of,
    finish,
    kept_on_failure,
    partial_of,
    require_text,
    write_rows,
    write_table,
)

HEADER = ("ImageId", "EncodedPixels")
# What csv readers, spreadsheets and line splitters stumble over.
ODD = ("NA", "00012", "1e5", "=cmd()", "+1", "-x", "@x", "\tx", "a,b", 'say "hi"', '"', "a\nb", "a\r\nb", "a\rb", "",
       " a ", "a\x0bb", "a\x1cb", "a\x85b", "a\u2028b", "\ufeffa", "\0", "é", "\U0001f9eb")  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(ODD)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.lists(st.tuples(texts, texts), max_size=5))
@example([(name, "1 2") for name in ODD])
def test_ids_come_back_as_they_were_by_every_reader(tmp_path, rows):
    """Fault 43: without `segshell.result_tables.write_rows` a carriage return in an id ends its row."""
    write_table(tmp_path / "a.csv", HEADER, rows)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, strict=True)) == [list(HEADER), *map(list, rows)]
    assert [one.cells for one in csv_rows.read(tmp_path / "a.csv", HEADER)] == rows
    labels = {name: label for name, label in rows if label.strip()}
    kept = [*labels.items()]
    text = io.StringIO(newline="")
    write_rows(text, (HEADER, *kept))
    assert by_table(labels, text.getvalue(), *HEADER, "a.csv") == tuple(labels.values())


def test_pandas_reads_the_same_ids(tmp_path):
    """Fault 43: without quotes around what separates cells another reader finds other ids."""
    names = [name for name in ODD if "\0" not in name]  # pandas ends a cell there
    write_table(tmp_path / "a.csv", HEADER, [(name, "1 2") for name in names])
    frame = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    assert list(frame["ImageId"]) == names


def test_names_that_a_spreadsheet_takes_for_formulas_are_told_in_one_line(tmp_path, caplog):
    """Fault 43: without `segshell.result_tables._warn_of_formulas` a spreadsheet runs `=cmd` unannounced."""
    with caplog.at_level(logging.WARNING):
        write_table(tmp_path / "a.csv", HEADER, [("a=b", ""), ("00012", "")])
        assert not caplog.records
        write_table(tmp_path / "a.csv", HEADER, [(name, "") for name in ("=cmd", "=cmd", *ODD)])
    (record,) = caplog.records
    said = record.getMessage()
    assert "a.csv" in said
    assert "takes 6 of its names for formulas, such as '=cmd'" in said
    assert "\n" not in said


def test_names_that_are_no_text_are_refused_with_the_first_ten():
    require_text(ODD)
    names = [os.fsdecode(b"a%d\xff" % number) for number in range(12)]
    with pytest.raises(DataError, match=r"'a0\\udcff', .*'a9\\udcff' \(first 10 of 12\)") as caught:
        require_text(names)
    str(caught.value).encode("ascii")


def test_line_ends_are_those_of_unix_and_the_folder_is_made(tmp_path):
    write_table(tmp_path / "new" / "a.csv", HEADER, [("a", "")])
    assert (tmp_path / "new" / "a.csv").read_bytes() == b"ImageId,EncodedPixels\na,\n"


def collect(rows, error):
    rows += [("a", "1 2"), ("b", "")]
    raise error


def stopped(path, rows, error=KeyboardInterrupt):
    """Collect two rows, then stop."""
    with pytest.raises(error), kept_on_failure(path, HEADER, rows):
        collect(rows, error)


@pytest.mark.parametrize("error", [KeyboardInterrupt, KeyError])
def test_rows_so_far_are_kept_beside_the_table_however_the_work_ends(tmp_path, caplog, error):
    """Fault 39: without `segshell.result_tables.kept_on_failure` Ctrl-C loses the rows so far."""
    path = tmp_path / "a.csv"
    path.write_text("old")
    stopped(path, [], error)
    assert path.read_text() == "old"
    assert partial_of(path).read_text() == "ImageId,EncodedPixels\na,1 2\nb,\n"
    assert f"the 2 rows so far are in {partial_of(path)}" in caplog.text
    finish(path, HEADER, [("a", "")], ())
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_where_the_rows_cannot_be_kept_the_error_that_ended_the_work_is_raised(tmp_path, caplog):
    (tmp_path / "a.csv.partial").mkdir()
    stopped(tmp_path / "a.csv", [])
    assert "rows so far are lost" in caplog.text


def test_nothing_is_kept_of_nothing(tmp_path):
    for path in (tmp_path / "a.csv", None):
        with pytest.raises(KeyError), kept_on_failure(path, HEADER, []):
            raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_what_failed_is_listed_beside_the_table_and_goes_when_nothing_fails(tmp_path):
    path = tmp_path / "a.csv"
    finish(path, HEADER, [("a", "")], [("b.png", "broken, it is")])
    assert failed_of(path).read_text() == 'image,reason\nb.png,"broken, it is"\n'
    finish(path, HEADER, [("a", ""), ("b", "")], ())
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
