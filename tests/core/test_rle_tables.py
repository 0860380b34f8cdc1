"""Rows of a run-length csv find their image and class, and all faults are told at once with their lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.rle_tables import ClassRule, ImageRows, RleRow, by_image, entries, lists_objects

KNOWN = {"a": "a", "a.jpg": "a", "b": "b", "b.jpg": "b"}


def rows_of(*cells):
    return [RleRow(line, *one) for line, one in enumerate(cells, start=2)]


def codes(findings):
    return [one.code for one in findings]


def test_rows_of_one_class_are_gathered_by_image_whatever_way_it_is_named():
    found, faults = entries(rows_of(("a.jpg", None, "1 2"), ("b", None, ""), ("a", None, "5 1")), ClassRule())
    tables, foreign = by_image(found, KNOWN)
    assert (faults, foreign) == ((), ())
    assert tables == {"a": ImageRows((2, 4), ("", ""), (1, 1), ("1 2", "5 1")), "b": ImageRows()}


@pytest.mark.parametrize("source", ["name", "column"])
def test_the_class_stands_in_the_name_or_in_a_column(source):
    cells = [("a.jpg", "2", "1 2"), ("a.jpg", "1", ""), ("b_c.jpg", "3", "4 4")]
    if source == "name":
        cells = [(f"{name}_{category}", None, text) for name, category, text in cells]
    found, faults = entries(rows_of(*cells), ClassRule(source, classes=3))
    assert faults == ()
    assert [(one.name, one.number, one.text) for one in found] == [
        ("a.jpg", 2, "1 2"), ("a.jpg", None, ""), ("b_c.jpg", 3, "4 4"),
    ]  # fmt: skip


@pytest.mark.parametrize("category", ["0", "4", "-1", "1.0", "", "x", "٣", "9" * 5000])
def test_a_class_outside_the_declared_ones_is_named_with_its_line(category):
    _, (fault,) = entries(rows_of(("a", "1", "1 1"), ("a", category, "1 1")), ClassRule("column", classes=3))
    assert fault.code == "class-number"
    assert "1 to 3" in fault.message
    assert "(line 3)" in fault.message


def test_one_class_unites_whatever_stands_in_the_column():
    found, faults = entries(rows_of(("a", "7", "1 1"), ("a", "x", "2 1")), ClassRule("column"))
    assert ([one.number for one in found], faults) == ([1, 1], ())


def test_categories_choose_and_order_the_classes():
    rule = ClassRule("name", ("Fish", "Sugar"), 2)
    cells = [("a_Sugar", None, "1 1"), ("a_Fish", None, "2 1"), ("b_Gravel", None, "3 1")]
    found, faults = entries(rows_of(*cells), rule)
    assert faults == ()
    tables, _ = by_image(found, KNOWN)
    assert tables["a"].numbers == (2, 1)
    assert tables["b"] == ImageRows()


def test_a_category_that_no_row_has_is_told_with_those_that_are_there():
    _, (fault,) = entries(rows_of(("a", "Fish", "1 1")), ClassRule("column", ("Fisch",), 1))
    assert fault.code == "unknown-category"
    assert "'Fisch'" in fault.message
    assert "'Fish'" in fault.advice


@pytest.mark.parametrize("name", ["a", "a_", "_1"])
def test_a_name_without_a_class_is_told_with_its_line(name):
    _, (fault,) = entries(rows_of((name, None, "1 1")), ClassRule("name", classes=3))
    assert fault.code == "class-in-id"
    assert f"'{name}' (line 2)" in fault.message


@given(st.integers(1, 30))
def test_names_that_are_no_image_are_counted_and_the_first_ten_are_shown(count):
    found, _ = entries(rows_of(*((f"x{n:02}", None, "1 1") for n in range(count))), ClassRule())
    _, (fault,) = by_image([*found, *found], KNOWN)
    assert fault.code == "row-without-image"
    assert fault.message.startswith(f"{count} of its names")
    assert fault.message.count("(line") == min(count, 10)
    assert (f"first 10 of {count}" in fault.message) == (count > 10)


def test_ids_are_text_and_stay_as_they_are_written():
    found, _ = entries(rows_of(("NA", None, "1 1"), ("00012", None, "1 1"), ("12", None, "1 1")), ClassRule())
    tables, foreign = by_image(found, {"NA": "NA", "00012": "00012"})
    assert set(tables) == {"NA", "00012"}
    assert codes(foreign) == ["row-without-image"]


def test_rows_are_objects_where_an_image_has_several_of_one_category():
    def found(*categories):
        return [ImageRows((1,) * len(categories), categories, (1,) * len(categories), ("1 1",))]

    assert lists_objects(found("", ""))
    assert not lists_objects(found("1", "2"))
    assert not lists_objects([])
