"""A csv is read as text, whatever its ids look like, and what is wrong with it is told with its line."""

import csv
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.errors import DataError
from segshell.csv_rows import MOST_BYTES, Row, read

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def written(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


def fault(path, *columns):
    with pytest.raises(DataError) as caught:
        read(path, columns)
    (finding,) = caught.value.findings
    assert str(path) in finding.message
    return finding


def test_cells_are_text_with_the_line_they_stand_in(tmp_path):
    path = written(tmp_path / "a.csv", 'id,other,rle\nNA,x,\n00012,y,1 2\n\n"a,\nb",z,"3 4"\n')
    rows = read(path, ("rle", "id"))
    assert rows == [Row(2, ("", "NA")), Row(3, ("1 2", "00012")), Row(6, ("3 4", "a,\nb"))]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(cells, cells), max_size=6))
def test_what_the_csv_module_writes_comes_back(tmp_path, rows):
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("b", "a"), *rows])
    assert [row.cells for row in read(path, ("a", "b"))] == [(a, b) for b, a in rows]


def test_a_mark_of_the_byte_order_and_windows_line_ends_are_no_part_of_the_names(tmp_path):
    path = written(tmp_path / "a.csv", "ImageId,x\r\na,1\r\n", "utf-8-sig")
    assert read(path, ("ImageId",)) == [Row(2, ("a",))]


def test_a_cell_may_be_longer_than_the_csv_module_allows_by_itself_and_its_limit_stays(tmp_path):
    before = csv.field_size_limit()
    path = written(tmp_path / "a.csv", f"id\n{'1 2 ' * before}\n")
    assert len(read(path, ("id",))[0].cells[0]) == 4 * before
    assert csv.field_size_limit() == before


def test_a_missing_column_is_named_with_the_nearest_and_those_that_are_there(tmp_path):
    finding = fault(written(tmp_path / "a.csv", "Image_Id,EncodedPixels\n"), "ImageId")
    assert (finding.code, finding.nearest) == ("missing-column", ("Image_Id",))
    assert "EncodedPixels" in finding.advice


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", "missing-column", "0 columns"),
        ("id,id\na,b\n", "missing-column", "2 columns"),
        ("id,rle\na,1\nb,1,2\n", "table-row", "line 3: 3 cells"),
        ("id,rle\na\n", "table-row", "line 2: 1 cells"),
        ('id,rle\n"a,1\n', "unreadable-table", "no csv"),
        ('id,rle\n"a"b,1\n', "unreadable-table", "no csv"),
    ],
)
def test_a_table_that_is_none_says_why(tmp_path, text, code, told):
    finding = fault(written(tmp_path / "a.csv", text), "id")
    assert finding.code == code
    assert told in finding.message


def test_other_bytes_than_utf_8_and_missing_files_are_told(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"id\n\xff\xfe\n")
    assert fault(tmp_path / "a.csv", "id").code == "unreadable-table"
    assert fault(tmp_path / "none.csv", "id").code == "unreadable-table"
    assert fault(tmp_path, "id").code == "unreadable-table"


def test_a_huge_table_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "a.csv").open("wb") as file:
        os.truncate(file.fileno(), MOST_BYTES + 1)
    assert fault(tmp_path / "a.csv", "id").code == "table-too-large"


def test_a_pipe_is_not_waited_for(tmp_path):
    """Fault 32: without `segshell.files.require_plain` a table that is a pipe would be waited for without end."""
    os.mkfifo(tmp_path / "a.csv")
    assert "pipe" in fault(tmp_path / "a.csv", "id").message
