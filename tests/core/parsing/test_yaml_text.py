"""Reading YAML: values against JSON, places by hand, and every fault by its code."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import Place, render
from segcore.parsing import yaml_text
from segcore.parsing.nodes import Mapping, Scalar, Sequence, plain
from segcore.parsing.yaml_text import read
from tests import strategies


def codes(source):
    return [found.code for found in read(source).findings]


def fault(source):
    """Return the code, line and column of the one finding."""
    (found,) = read(source).findings
    return found.code, found.place.line, found.place.column


def scalars(node):
    """Return all scalars, keys included, in the order of the text."""
    if isinstance(node, Scalar):
        return [node]
    if isinstance(node, Sequence):
        return [found for item in node.items for found in scalars(item)]
    return [found for key, value in node.items for found in (key, *scalars(value))]


def spots(source):
    """Return text, line and column of all scalars."""
    return [(one.text, one.place.line, one.place.column) for one in scalars(read(source).node)]


def assert_sound(document):
    """Check what holds for any source: a node or findings, places inside the text, printable messages."""
    assert (document.node is None) == bool(document.findings)
    lines = document.text.split("\n")
    for found in document.findings:
        if found.place is not None:
            assert 1 <= found.place.line <= len(lines)
            assert 1 <= found.place.column <= len(lines[found.place.line - 1]) + 1
        assert found.message
        assert found.advice
    render(document.findings, "config.yaml", document.text).encode()


# --- values -----------------------------------------------------------------------------------------------


@given(strategies.plain_values(), st.sampled_from([None, 0, 3]))
def test_json_reads_as_the_same_value(value, indent):
    """JSON is YAML 1.2, so the standard library is the oracle."""
    source = strategies.to_json(value, indent)
    assert json.dumps(plain(read(source).node)) == json.dumps(value)


@given(strategies.plain_values())
def test_indented_yaml_reads_as_the_same_value(value):
    assert json.dumps(plain(read(strategies.to_block(value)).node)) == json.dumps(value)


@given(strategies.plain_values(strategies.words | st.integers(0, 99) | st.booleans(), strategies.words))
def test_what_pyyaml_dumps_unquoted_reads_as_the_same_value(value):
    """Words and small numbers mean the same in YAML 1.1 and 1.2."""
    dumped = yaml.safe_dump(value, sort_keys=False)
    assert json.dumps(plain(read(dumped).node)) == json.dumps(value)


@given(strategies.plain_values(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_bytes_in_every_accepted_encoding_read_as_the_text_does(value, codec):
    """Fault 17: without the marks of `segcore.parsing.yaml_text` UTF-16, as some editors save it, cannot be read."""
    source = strategies.to_json(value, indent=2)
    assert read(source.encode(codec)).node == read(source).node


@given(strategies.plain_values())
def test_the_parser_in_python_gives_the_same_nodes(value):
    source = strategies.to_block(value)
    assert yaml_text._parse(source, yaml.SafeLoader).node == read(source).node


def test_plain_scalars_follow_yaml_1_2():
    source = (
        "[1e-4, 010, 0o10, 0x1F, 1:30, yes, on, true, ~, , 1_000, 2001-12-14, '1', \"true\", !!str 5, ! 6]"
    )
    expected = [
        0.0001,
        10,
        8,
        31,
        "1:30",
        "yes",
        "on",
        True,
        None,
        "1_000",
        "2001-12-14",
        "1",
        "true",
        "5",
        "6",
    ]
    assert plain(read(source.replace(" ,", "")).node) == expected


def test_blocks_quotes_and_tagged_texts_are_marked_as_quoted():
    found = scalars(read("a: |\n  1\nb: '2'\nc: \"3\"\nd: !!str 4\ne: 5\nf: >-\n  6\n").node)
    assert [one.text for one in found[1::2]] == ["1\n", "2", "3", "4", "5", "6"]
    assert [one.text for one in found[1::2] if not one.quoted] == ["5"]


def test_keys_are_kept_as_their_text():
    node = read("1: a\ntrue: b\n1.0: c\n0x1: d\n'null': e\n'': f\n'<<': g\n").node
    assert list(plain(node)) == ["1", "true", "1.0", "0x1", "null", "", "<<"]


# --- places -----------------------------------------------------------------------------------------------


def test_places_in_block_style():
    source = "stages:\n  - lr: 1e-3\n    loss: dice  # c\n  -\n    lr: 2\nempty:\n"
    assert spots(source) == [
        ("stages", 1, 1),
        ("lr", 2, 5),
        ("1e-3", 2, 9),
        ("loss", 3, 5),
        ("dice", 3, 11),
        ("lr", 5, 5),
        ("2", 5, 9),
        ("empty", 6, 1),
        ("", 6, 7),
    ]


def test_places_after_text_beyond_ascii_count_characters():
    source = "é😀: {ключ: 'zß', b: [1, 2]}  # ü\nnaïve: 3\n"
    expected = [("é😀", 1, 1), ("ключ", 1, 6), ("zß", 1, 12), ("b", 1, 18), ("1", 1, 22), ("2", 1, 25)]
    expected += [("naïve", 2, 1), ("3", 2, 8)]
    assert spots(source) == expected
    assert spots(source.encode()) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_line_ends_and_byte_order_marks_do_not_shift_places(end, codec):
    source = end.join(["é: 1", "", "b: [x,", "  y]", ""])
    assert spots(source.encode(codec)) == [("é", 1, 1), ("1", 1, 4), ("b", 3, 1), ("x", 3, 5), ("y", 4, 3)]
    assert read(source.encode(codec)).text == "é: 1\n\nb: [x,\n  y]\n"


def test_places_of_collections():
    node = read("a:\n  - {b: 1}\n  - []\n").node
    assert isinstance(node, Mapping)
    items = node.items[0][1]
    assert isinstance(items, Sequence)
    assert [node.place, items.place] == [Place(1, 1), Place(2, 3)]
    assert [item.place for item in items.items] == [Place(2, 5), Place(3, 5)]


@given(
    strategies.plain_values(),
    st.sampled_from([strategies.to_json, strategies.to_block]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", "\ufeff", "# é😀\n\n", "--- \n"]),
)
def test_every_place_points_at_its_scalar(value, write, end, start):
    """At each place of the text stands the JSON form of the scalar that has it."""
    document = read((start + write(value)).replace("\n", end).encode())
    lines = document.text.split("\n")
    for one in scalars(document.node):
        there = lines[one.place.line - 1][one.place.column - 1 :]
        expected = strategies.to_json(one.value)
        assert there.startswith(expected)


# --- faults -----------------------------------------------------------------------------------------------


@given(st.binary() | strategies.texts | strategies.yaml_like | strategies.yaml_like.map(str.encode))
def test_any_source_gives_a_node_or_findings(source):
    assert_sound(read(source))


@given(strategies.yaml_like)
def test_any_text_gives_a_node_or_findings_with_the_parser_in_python(source):
    document = read(source)
    if "control-character" not in codes(source):
        assert_sound(yaml_text._parse(document.text, yaml.SafeLoader))


@given(st.text(st.characters(), max_size=30))
def test_lone_surrogates_in_a_text_are_findings(source):
    document = read(source)
    assert_sound(document)
    assert document.text.encode() == read(document.text).text.encode()


FAULTS = [
    ("", "empty-document", 1, 1),
    ("# only a comment\n", "empty-document", 1, 1),
    ("---\n", "empty-document", 1, 1),
    ("a: 1\n---\nb: 2\n", "several-documents", 2, 1),
    ("a: 1\n...\n---\nb\n", "several-documents", 3, 1),
    ("%YAML 1.1\n---\na: yes\n", "yaml-version", 1, 1),
    ("a: !!int 1\n", "tag", 1, 4),
    ("a: !local {b: 1}\n", "tag", 1, 4),
    ("a: !!str [1]\n", "tag", 1, 4),
    ("a: !e!x 1\n", "tag", 1, 4),
    ("# c\n%TAG !e! tag:e,2000:\n---\na: 1\n", "tag", 2, 1),
    ("a: !!python/name:os.system ''\n", "tag", 1, 4),
    ("a: 1\n? [b]\n: c\n", "key-not-text", 2, 3),
    ("a: {{b}}\n", "key-not-text", 1, 5),
    ("b: 1\n~: 2\n", "key-not-text", 2, 1),
    ("b: &x [1]\n*x : 2\n", "key-not-text", 2, 1),
    ("a: [1]]\n", "syntax", 1, 7),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", "merge-key", 3, 3),
    ("a: &x [1, *x]\n", "alias-cycle", 1, 11),
    ("&x a: 1\nb: *y\n", "unknown-alias", 2, 4),
    ("*y : 1\n", "unknown-alias", 1, 1),
    ("é: " + "1" * 65, "number-too-long", 1, 4),
    ("a: 1." + "0" * 5000, "number-too-long", 1, 4),
    ("a:\n\tb: 1\n", "syntax", 2, 1),
    ("é: b: c\n", "syntax", 1, 5),
    ("x: @y\n", "syntax", 1, 4),
    ("x: *.png\n", "syntax", 1, 5),
    ("a: 'x\n", "syntax", 2, 1),
    ("a: 'x", "syntax", 1, 6),
    ('a: "C:\\dir"\n', "syntax", 1, 7),
    ("a: 1\r\nb: 2\r\n  c: 3\r\n", "syntax", 3, 4),
    ("a: \x1b[0m\n", "control-character", 1, 4),
    ("a: 1\r\nb: \0\n", "control-character", 2, 4),
    ("a: 1\u2028b: 2\n", "control-character", 1, 5),
    ("a: 1\x85b: 2\n", "control-character", 1, 5),
    ("é: \ud800\n", "control-character", 1, 4),
    ("a: \ufeff1\n", "control-character", 1, 4),
    (b"a: 1\r\n\xc3\xa9: \xff\n", "encoding", 2, 4),
    (b"\xff\xfea\0:", "encoding", 1, 2),
    *(("a: 1\nb: 2\n".encode(codec), "encoding", 1, 1) for codec in ("utf-16-le", "utf-16-be")),
    *(("a: 1\nb: 2\n".encode(codec), "encoding", 1, 1) for codec in ("utf-32-le", "utf-32-be")),
    ("a: 1\n".encode("utf-16")[:-1], "encoding", 1, 5),
    ("größe: 1\n".encode("latin-1"), "encoding", 1, 3),
]


@pytest.mark.parametrize(("source", "code", "line", "column"), FAULTS)
def test_each_fault_is_found_at_its_place(source, code, line, column):
    """Fault 17: without places in `segcore.parsing.yaml_text` a tab or a stray byte has to be searched for."""
    assert fault(source) == (code, line, column)


@pytest.mark.parametrize(("source", "offset"), [(b"a: \xff\n", 3), (b"\xef\xbb\xbfa: \xff\n", 6)])
def test_a_byte_that_is_no_utf_8_is_named_by_its_offset_in_the_file(source, offset):
    (found,) = read(source).findings
    assert f"offset {offset} " in found.message


def test_a_text_too_large_is_named_without_being_kept():
    document = read(b"a" * (yaml_text.TEXT_LIMIT + 1))
    assert [found.code for found in document.findings] == ["too-large"]
    assert document.text == ""
    assert read("a" * yaml_text.TEXT_LIMIT).node is not None


def test_all_findings_are_reported_at_once_and_those_before_a_syntax_error_are_kept():
    source = "a: 1\na: 2\n<<: {}\n~: 3\nb: !x 1\nc: *y\nd: " + "1" * 70 + "\ne: [\n"
    expected = [
        "duplicate-key",
        "merge-key",
        "key-not-text",
        "tag",
        "unknown-alias",
        "number-too-long",
        "syntax",
    ]
    assert codes(source) == expected


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("a:\n\tb: 1\n", "spaces"),
        ("a: 1\n\tb: 2\n", "spaces"),
        ("a:\n  b: 1\n \tc: 2\n", "spaces"),
        ('a: "C:\\dir"\n', "backslash"),
        ("a: b: c\n", "Quote"),
        ("a: *.png\n", "'*'"),
        ("a: [1, 2\nb: 3\n", "']'"),
        ("a: 'x\n", "Close the quotes"),
        ("a: 1\n b\n  c: 1\n", "indentation"),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_a_syntax_error_says_what_to_do(source, advice, loader):
    (found,) = yaml_text._parse(source, loader).findings
    assert found.code == "syntax"
    assert advice in found.advice
