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
from segshell.files import WriteError
from segshell.result_tables import (
    failed_of,
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


def collect(table, error, rows):
    for row in rows:
        table.add([row])
    raise error


def stopped(path, error=KeyboardInterrupt, rows=(("a", "1 2"), ("b", ""))):
    """Collect two rows, then stop."""
    with pytest.raises(error), kept_on_failure(path, HEADER) as table:
        collect(table, error, rows)


def written(path, rows, failed=()):
    """Collect rows to their end."""
    with kept_on_failure(path, HEADER) as table:
        table.add(rows)
        table.finish(failed)


@pytest.mark.parametrize("error", [KeyboardInterrupt, KeyError])
def test_rows_so_far_are_kept_beside_the_table_however_the_work_ends(tmp_path, caplog, error):
    """Fault 39: without `segshell.result_tables.kept_on_failure` Ctrl-C loses the rows so far."""
    path = tmp_path / "a.csv"
    path.write_text("old")
    stopped(path, error)
    assert path.read_text() == "old"
    assert partial_of(path).read_text() == "ImageId,EncodedPixels\na,1 2\nb,\n"
    assert f"the 2 rows so far are in {partial_of(path)}" in caplog.text
    written(path, [("a", "")])
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_where_the_rows_cannot_be_kept_the_error_that_ended_the_work_is_raised(tmp_path, caplog):
    (tmp_path / "a.csv.partial").mkdir()
    stopped(tmp_path / "a.csv")
    assert "rows so far are lost" in caplog.text
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv.partial"]


def test_nothing_is_kept_of_nothing(tmp_path):
    for path in (tmp_path / "a.csv", None):
        stopped(path, KeyError, rows=())
    stopped(None)
    assert list(tmp_path.iterdir()) == []


def test_what_failed_is_listed_beside_the_table_and_goes_when_nothing_fails(tmp_path):
    """Fault 39: without `segshell.result_tables.Growing.finish` nobody knows what a table lacks."""
    path = tmp_path / "a.csv"
    written(path, [("a", "")], [("b.png", "broken, it is")])
    assert failed_of(path).read_text() == 'image,reason\nb.png,"broken, it is"\n'
    written(path, [("a", ""), ("b", "")])
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.lists(st.tuples(texts, texts), max_size=3), max_size=4))
def test_a_table_that_grows_has_the_bytes_of_one_that_is_written_at_once(tmp_path, parts):
    """Row by row, and from files of rows without a header."""
    every = [row for part in parts for row in part]
    write_table(tmp_path / "whole.csv", HEADER, every)
    with kept_on_failure(tmp_path / "rows.csv", HEADER) as grown:
        for part in parts:
            grown.add(part)
        grown.finish(())
    with kept_on_failure(tmp_path / "joined.csv", HEADER) as joined:
        for part in parts:
            with (tmp_path / "part").open("w", newline="", encoding="utf-8") as file:
                write_rows(file, part)
            joined.append(tmp_path / "part", [name for name, _ in part])
        joined.finish(())
    for name in ("rows.csv", "joined.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_table_that_is_not_finished_leaves_the_older_one_and_nothing_else(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    with kept_on_failure(tmp_path / "a.csv", HEADER) as table:
        table.add([("a", "")])
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.csv", "old")]


def test_rows_that_cannot_be_written_name_the_table(tmp_path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(WriteError, match="cannot be made"),
        kept_on_failure(tmp_path / "file" / "a.csv", HEADER) as table,
    ):
        table.add([("a", "")])


def test_names_are_counted_once_while_a_table_grows(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        written(tmp_path / "a.csv", [("=a", "1 1"), ("=a", "3 1"), ("b", ""), ("-c", "")])
    assert "takes 2 of its names for formulas, such as '=a'" in caplog.text
