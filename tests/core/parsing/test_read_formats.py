"""A data set is read into a call of its format; the key `format` may be left out."""

import pytest

from segcore.catalog.standard import STANDARD
from segcore.kinds import Formatted
from segcore.parsing.read_formats import read_formatted
from segcore.parsing.readers import context_for
from segcore.values import Call, Table
from tests.core.parsing.kind_reading import node_of

KIND = Formatted("dataset", "folders")
CATALOG = STANDARD.with_lines("dataset", ("tiles_of(server: Text, level: Integer(0) = 2)",))


def read(text):
    return read_formatted(KIND, node_of(text), context_for(CATALOG))


def codes(text):
    return [(one.code, one.path) for one in read(text).findings]


@pytest.mark.parametrize("text", ["{images: i, masks: m}", "{masks: m, format: folders, images: i}"])
def test_the_default_format_may_be_named_or_left_out(text):
    assert read(text).value == Call("folders", (("images", "i"), ("masks", "m")))


def test_a_format_of_an_extension_is_read_by_its_line_without_what_equals_its_default():
    assert read("{format: Tiles_Of, server: here, level: 2}").value == Call("tiles_of", (("server", "here"),))


def test_masks_by_class_and_lists_become_tables_and_tuples():
    value = read("{images: [a, b], masks: {cell: c, wall: [d, e]}, values: {255: 1, 7: ignore}}").value
    assert value.get("images") == ("a", "b")
    assert value.get("masks") == Table((("cell", "c"), ("wall", ("d", "e"))))
    assert value.get("values") == Table((("255", 1), ("7", "ignore")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a, b]", [("wrong-type", ())]),
        ("{format: 3}", [("wrong-type", ("format",))]),
        ("{format: folder, images: a}", [("unknown-name", ("format",))]),
        ("{images: a}", [("missing-argument", ())]),
        ("{images: a, masks: b, server: c}", [("unknown-argument", ())]),
        ("{images: a, masks: 3}", [("wrong-type", ("masks",))]),
        ("{images: a, masks: b, channels: bgr}", [("not-a-choice", ("channels",))]),
        ("{images: a, masks: b, ignore: 70000}", [("out-of-range", ("ignore",))]),
    ],
)
def test_what_is_wrong_is_found_where_it_stands(text, expected):
    assert codes(text) == expected


def test_a_missing_argument_is_asked_for_beside_the_others_and_not_inside_a_name():
    (finding,) = read("{images: a}").findings
    assert "masks" in finding.message
    assert "{" not in finding.advice


def test_a_misspelt_format_is_answered_with_the_nearest():
    assert read("{format: folder}").findings[0].nearest == ("folders",)
