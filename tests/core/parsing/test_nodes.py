"""Nodes: what they stand for, how messages name them, and the walk that builds them within bounds."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import Place
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, Scalar, Sequence, kind_name, plain
from segcore.parsing.yaml_text import read
from tests import strategies

HERE = Place(1, 1)


def codes(source):
    return [found.code for found in read(source).findings]


def fault(source):
    """Return the code, line and column of the one finding."""
    (found,) = read(source).findings
    return found.code, found.place.line, found.place.column


def scalar(value, text, *, quoted=False):
    return Scalar(value, text, quoted, HERE)


def test_plain_gives_dicts_lists_and_values():
    one, two = scalar(1, "1"), scalar("two", "two", quoted=True)
    node = Mapping(
        ((scalar("a", "a"), Sequence((one, two), HERE)), (scalar("b", "b"), Mapping((), HERE))), HERE
    )
    assert plain(node) == {"a": [1, "two"], "b": {}}


def test_a_key_that_looks_like_a_number_is_its_text():
    assert plain(Mapping(((scalar(16, "0x10"), scalar(None, "~")),), HERE)) == {"0x10": None}


@given(strategies.nodes)
def test_plain_keeps_every_item(node):
    value = plain(node)
    if isinstance(node, Scalar):
        assert value is node.value
    else:
        assert len(value) == len(node.items)


@given(strategies.nodes)
def test_nodes_hash_and_are_immutable(node):
    assert isinstance(hash(node), int)
    with pytest.raises(AttributeError):
        node.place = HERE


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (Sequence((), HERE), "a list"),
        (Mapping((), HERE), "a mapping"),
        (scalar(None, "~"), "null"),
        (scalar(True, "TRUE"), "true"),
        (scalar(False, "false"), "false"),
        (scalar(3, "3"), "the number 3"),
        (scalar(0.0001, "1e-4"), "the number 1e-4"),
        (scalar("abc", "abc"), "the text 'abc'"),
        (scalar("", "", quoted=True), "the text ''"),
        (scalar("a\x1bb", "a\x1bb", quoted=True), "the text 'a\\x1bb'"),
        (scalar("x" * 50, "x" * 50), "the text '" + "x" * 39 + "…'"),
    ],
)
def test_messages_name_a_node_by_its_kind_and_value(node, name):
    assert kind_name(node) == name


# --- the walk ---------------------------------------------------------------------------------------------


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
    at_limit = "[&a " + items + ", *a" * 998 + ", 0" * 99
    assert read(at_limit + "]").node is not None
    assert codes(at_limit + ", 0]") == ["too-many-nodes"]
