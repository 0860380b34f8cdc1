"""How findings are shown: file, line and column, the source line, a caret under the place."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import (
    ConfigError,
    DataError,
    Finding,
    FindingsError,
    Place,
    SegmentationError,
    dotted,
    names_of,
    render,
    sentence,
)

# What a decoded config may hold on a line, all of it one column wide.
line_texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=126) | st.just("\t"), min_size=1, max_size=300
)


@given(st.lists(line_texts, min_size=1, max_size=4), st.data())
def test_the_caret_stands_under_the_character_that_the_place_names(lines, data):
    line = data.draw(st.integers(1, len(lines)))
    column = data.draw(st.integers(1, len(lines[line - 1])))
    shown = render([Finding("x", "Wrong.", (), Place(line, column))], "a.yaml", "\n".join(lines))
    head, excerpt, caret = shown.split("\n")
    assert head == f"a.yaml:{line}:{column}: [x] Wrong."
    assert caret.strip() == "^"
    under = excerpt.ljust(len(caret))[len(caret) - 1]
    assert under == lines[line - 1][column - 1].replace("\t", " ")


@given(st.integers(1, 5000))
def test_a_long_line_is_cut_around_the_place(column):
    shown = render([Finding("x", "Wrong.", (), Place(1, column))], "", "a" * (column - 1) + "b" + "c" * 5000)
    _, excerpt, caret = shown.split("\n")
    assert len(excerpt) <= 110
    assert excerpt[len(caret) - 1] == "b"


def test_a_place_at_the_end_of_a_line_has_its_caret_after_it():
    assert render([Finding("x", "Open.", (), Place(1, 4))], "f", "abc").split("\n")[1:] == [
        "    abc",
        "       ^",
    ]


@pytest.mark.parametrize("line", [0, 3])
def test_a_place_outside_the_text_is_shown_without_an_excerpt(line):
    assert render([Finding("x", "Wrong.", (), Place(line, 1))], "f", "a\nb") == f"f:{line}:1: [x] Wrong."


def test_a_finding_without_a_place_names_the_source_and_the_path():
    found = Finding("x", "Wrong.", ("stages", 0, "lr"))
    assert render([found], "f") == "f: [x] stages[0].lr: Wrong."
    assert render([found]) == "[x] stages[0].lr: Wrong."


def test_all_findings_are_shown_in_their_order():
    found = [Finding("x", f"Fault {number}.") for number in range(5)]
    assert render(found).split("\n") == [f"[x] Fault {number}." for number in range(5)]


def test_a_sentence_offers_near_names_and_advice():
    assert sentence(Finding("x", "Wrong.")) == "Wrong."
    assert (
        sentence(Finding("x", "Wrong.", nearest=("iou", "iot"), advice="Choose."))
        == "Wrong. Did you mean iou or iot? Choose."
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [((), ""), (("lr",), "lr"), (("stages", 0, "lr"), "stages[0].lr"), ((0, 1), "[0][1]"), (("é",), "é")],
)
def test_paths_are_written_as_people_write_them(path, text):
    assert dotted(path) == text


@given(st.lists(st.text(max_size=5) | st.integers(0, 9), max_size=4).map(tuple))
def test_a_path_never_shows_a_character_that_moves_or_colours_a_terminal(path):
    assert dotted(path).isprintable()


@pytest.mark.parametrize(
    ("key", "shown"),
    [("a\x1b[31m", r"a\x1b[31m"), ("a\nb", r"a\nb"), ("\u202e", r"\u202e"), ("\ud800", r"\ud800")],
)
def test_control_characters_in_keys_are_escaped(key, shown):
    assert dotted((key,)) == shown


def test_errors_carry_their_findings_and_the_exit_code_of_their_kind():
    found = Finding("x", "Wrong.", (), Place(1, 1))
    error = ConfigError([found], "f", "text")
    assert error.findings == (found,)
    assert str(error) == render([found], "f", "text")
    assert (ConfigError.exit_code, DataError.exit_code, SegmentationError.exit_code) == (2, 3, 1)
    assert issubclass(DataError, FindingsError)


def test_a_place_in_another_file_shows_that_files_name_and_line():
    found = [Finding("x", "Wrong.", (), Place(1, 3)), Finding("y", "Bad.", (), Place(2, 1, "base.yaml"))]
    assert render(found, "top.yaml", "a: 1", (("base.yaml", "b: 1\nc: 2"),)).split("\n") == [
        "top.yaml:1:3: [x] Wrong.",
        "    a: 1",
        "      ^",
        "base.yaml:2:1: [y] Bad.",
        "    c: 2",
        "    ^",
    ]


def test_a_place_in_a_file_without_text_is_shown_without_an_excerpt():
    assert render([Finding("x", "Wrong.", (), Place(1, 1, "b"))], "f", "a") == "b:1:1: [x] Wrong."


def test_the_texts_of_other_files_stay_with_the_error():
    error = ConfigError([Finding("x", "Wrong.", (), Place(1, 1, "b"))], "f", "a", (("b", "text"),))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made in the line before
    assert str(again) == str(error) == "b:1:1: [x] Wrong.\n    text\n    ^"


def test_long_lists_of_names_are_cut_with_their_number():
    assert names_of("ba") == "'a', 'b'"
    assert names_of(map(str, range(12))).endswith("(first 10 of 12)")
