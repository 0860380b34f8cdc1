"""Readers of lists, tables, alternatives and what is drawn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore import kinds
from segcore.parsing.read_containers import freeze
from segcore.values import Choice, Range, Table
from tests import strategies
from tests.core.parsing.kind_reading import codes_of, findings_of, value_of

WHOLE = kinds.Integer(0, 9)


@given(st.lists(st.integers(-3, 12), max_size=5), st.integers(0, 4))
def test_a_list_of_exact_length_has_one_finding_for_each_bad_item_or_one_for_its_length(items, length):
    bad = [one for one in items if not 0 <= one <= 9]
    expected = ["out-of-range"] * len(bad) if len(items) == length else ["wrong-length"]
    assert codes_of(kinds.ListOf(WHOLE, length=length), repr(items)) == expected


def test_a_list_has_at_least_its_minimum():
    assert codes_of(kinds.ListOf(WHOLE, minimum=1), "[]") == ["wrong-length"]
    assert value_of(kinds.ListOf(WHOLE, minimum=1), "[3]") == (3,)


def test_a_bare_item_is_a_list_of_one_only_where_the_kind_says_so():
    assert value_of(kinds.ListOf(WHOLE, bare=True), "3") == (3,)
    assert codes_of(kinds.ListOf(WHOLE), "3") == ["wrong-type"]


def test_declared_keys_of_a_table_have_one_order():
    kind = kinds.TableOf(WHOLE, ("x", "y"))
    assert value_of(kind, "{y: 1, x: 2}") == value_of(kind, "{x: 2, y: 1}") == Table((("x", 2), ("y", 1)))


def test_keys_that_are_not_declared_keep_their_order():
    assert value_of(kinds.TableOf(WHOLE), "{b: 1, a: 2}") == Table((("b", 1), ("a", 2)))


def test_every_fault_of_a_table_is_found():
    kind = kinds.TableOf(WHOLE, ("xes", "ys"))
    found = findings_of(kind, "{xs: 1, ys: -1}")
    assert [one.code for one in found] == ["unknown-key", "out-of-range"]
    assert found[0].nearest[0] == "xes"


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_two_numbers_are_a_range_from_low_to_high(low, high):
    text, kind = f"[{low!r}, {high!r}]", kinds.Stochastic()
    if low <= high:
        assert value_of(kind, text) == Range(low, high)
    else:
        assert codes_of(kind, text) == ["range-order"]


def test_a_choice_is_of_what_a_single_value_may_be():
    assert value_of(kinds.Stochastic(0, 1), "{choice: [0, 0.5, 1]}") == Choice((0.0, 0.5, 1.0))
    assert codes_of(kinds.Stochastic(0, 1), "{choice: [2, -1]}") == ["out-of-range"] * 2
    assert codes_of(kinds.Stochastic(), "{choice: []}") == ["wrong-length"]
    assert codes_of(kinds.Stochastic(), "{choice: 1}") == ["wrong-type"]


@pytest.mark.parametrize("text", ["[1, 2, 3]", "[1]", "abc", "{chance: [1]}", "true", "~"])
def test_nothing_else_is_drawn_from(text):
    assert codes_of(kinds.Stochastic(), text) == ["wrong-type"]


def test_whole_numbers_are_drawn_from_whole_numbers():
    assert repr(value_of(kinds.Stochastic(whole=True), "[1, 3]")) == "Range(low=1, high=3)"
    assert codes_of(kinds.Stochastic(whole=True), "1.0") == ["wrong-type"]
    assert repr(value_of(kinds.Stochastic(), "1")) == "1.0"


# --- alternatives -----------------------------------------------------------------------------------------

EITHER = kinds.Either((kinds.Text(("none", "real")), kinds.Number(0)))


@pytest.mark.parametrize(
    ("text", "code", "given_words"),
    [("abc", "not-a-choice", "the text 'abc'"), ("-1", "out-of-range", "-1"), ("[]", "wrong-type", "a list")],
)
def test_where_no_alternative_fits_all_of_them_are_named(text, code, given_words):
    (found,) = findings_of(EITHER, text)
    assert found.code == code
    assert found.message == f"expected none or real or a number at least 0, got {given_words}."


def test_the_nearest_choice_is_suggested():
    assert findings_of(EITHER, "reel")[0].nearest == ("real",)


def test_a_fault_inside_the_alternative_of_the_right_type_is_told_where_it_stands():
    kind = kinds.Either((kinds.Stochastic(0), kinds.ListOf(kinds.Stochastic(0), length=4)))
    (found,) = findings_of(kind, "[1, x]")
    assert (found.code, found.path, found.place.column) == ("wrong-type", (1,), 5)
    assert codes_of(kind, "[1, 2, 3]") == ["wrong-length"]


def test_null_is_what_an_optional_value_may_be():
    assert value_of(kinds.Optional(WHOLE), "~") is None
    assert codes_of(kinds.Optional(WHOLE), "10") == ["out-of-range"]


@given(strategies.plain_values())
def test_frozen_data_hashes(value):
    assert hash(freeze(value)) == hash(freeze(value))
