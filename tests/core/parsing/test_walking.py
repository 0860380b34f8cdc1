"""The walk over parse events: aliases, anchors, repeated keys, and the bounds of depth and number."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import Place, dotted
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, plain
from segcore.parsing.yaml_text import read
from tests import strategies


def codes(source):
    return [found.code for found in read(source).findings]


def fault(source):
    """Return the code, line and column of the one finding."""
    (found,) = read(source).findings
    return found.code, found.place.line, found.place.column


def test_an_alias_stands_for_the_marked_value():
    source = "a: &x [1, 2]\nb: *x\nc: &k key\n*k : v\nd: {&x y: *x}\n"
    assert plain(read(source).node) == {"a": [1, 2], "b": [1, 2], "c": "key", "key": "v", "d": {"y": "y"}}


def test_the_latest_of_equal_anchors_counts_even_inside_the_older_one():
    assert plain(read("- &x [&x 1, *x]\n- *x\n").node) == [[1, 1], 1]


def test_an_alias_has_its_own_place():
    node = read("a: &x [1]\nbc: *x\n").node
    assert isinstance(node, Mapping)
    assert [value.place for _, value in node.items] == [Place(1, 4), Place(2, 5)]


def test_a_duplicate_key_names_both_lines_and_stands_at_the_second():
    (found,) = read("a:\n  lr: 1\n  # c\n  lr: 2\nlr: 3\n").findings
    assert (found.code, found.place, found.path) == ("duplicate-key", Place(4, 3), ("a",))
    assert "'lr'" in found.message
    assert "line 4" in found.message
    assert "line 2" in found.message


@given(
    st.lists(strategies.words | st.sampled_from(["1", "'1'", '"1"', "0x1"]), min_size=1, max_size=40),
    st.booleans(),
)
def test_each_repetition_of_a_key_is_found(keys, flow):
    """As many findings as there are keys beyond the first of each text, whatever the quotes and the style."""
    source = (
        "{" + ", ".join(f"{key}: 0" for key in keys) + "}" if flow else "".join(f"{key}: 0\n" for key in keys)
    )
    repeated = sum(count - 1 for count in Counter(key.strip("'\"") for key in keys).values())
    assert codes(source) == ["duplicate-key"] * repeated


def test_a_finding_carries_the_path_to_its_place():
    (found,) = read("stages:\n  - lr: 1\n  - lr: !x 1\n").findings
    assert found.path == ("stages", 1, "lr")


def test_findings_without_end_are_cut_with_a_last_one_that_says_so():
    found = codes("a: 0\n" * 1000)
    assert found == ["duplicate-key"] * FINDING_LIMIT + ["too-many-findings"]
    assert codes("\0" * 1000) == ["control-character"] * FINDING_LIMIT + ["too-many-findings"]


def test_a_hundred_collections_deep_is_read_and_one_more_is_not():
    assert read("[" * 100 + "]" * 100).node is not None
    assert fault("[" * 101 + "]" * 101) == ("too-deep", 1, 101)
    assert fault("- " * 101 + "x") == ("too-deep", 1, 201)


def test_depth_is_counted_through_aliases():
    """Anchors that hold one another could otherwise pile up a depth that recursion cannot walk."""
    inner = "- &a " + "[" * 60 + "]" * 60 + "\n"
    assert read(inner + "- " + "[" * 39 + "*a" + "]" * 39).node is not None
    assert fault(inner + "- " + "[" * 40 + "*a" + "]" * 40) == ("too-deep", 2, 43)


def test_values_are_counted_through_aliases():
    """A list of 99 items is 100 values, so is each of 998 aliases; the root and 99 more reach the limit."""
    items = "[" + "0, " * 98 + "0]"
    at_limit = "[&a " + items + ", *a" * 198 + ", 0" * 99
    assert read(at_limit + "]").node is not None
    assert codes(at_limit + ", 0]") == ["too-many-nodes"]


# --- what is left of a faulty text ------------------------------------------------------------------------

PARTIAL = [
    ("a: 1\na: 2\nb: 3\n", {"a": 1, "b": 3}),
    ("a: !x 1\nb: 2\n", {"a": "1", "b": 2}),
    ("a: *x\nb: 2\n", {"a": None, "b": 2}),
    ("a: &x [*x, 1]\n", {"a": [None, 1]}),
    ("*x : 1\nb: 2\n", {"b": 2}),
    ("<<: {a: 1}\nb: 2\n", {"b": 2}),
    ("~: 1\nb: 2\n", {"b": 2}),
    ("b: 2\n---\nc: 3\n", {"b": 2}),
    ("%YAML 1.1\n---\nb: 2\n", {"b": 2}),
]


@pytest.mark.parametrize(("source", "value"), PARTIAL)
def test_what_could_be_read_is_kept_beside_the_findings(source, value):
    document = read(source)
    assert document.node is None
    assert document.findings
    assert plain(document.partial) == value


@pytest.mark.parametrize("source", ["a: [1]]\n", "[" * 200, "a: \0", "", b"\xff"])
def test_nothing_is_kept_of_a_text_whose_end_was_not_read(source):
    assert read(source).partial is None


def test_an_alias_that_cannot_be_followed_stands_at_its_own_place():
    (pair,) = read("a: *x\n").partial.items
    assert pair[1].place == Place(1, 4)


def test_a_text_that_only_looks_like_an_unreadable_value_is_a_key():
    assert plain(read('"\\0": 1\n').node) == {"\0": 1}


def test_paths_hold_no_invisible_characters():
    (found,) = read('"\\e[31m": !x 1\n').findings
    assert dotted(found.path).isprintable()
