"""Nodes: what they stand for, and how messages name them."""

import pytest
from hypothesis import given

from segcore.errors import Place
from segcore.parsing.nodes import Mapping, Scalar, Sequence, kind_name, plain
from tests import strategies

HERE = Place(1, 1)


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
