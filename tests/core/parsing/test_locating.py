"""Paths are found in a document, however names with arguments are written."""

import pytest
from hypothesis import given

from segcore.parsing.locating import locate
from segcore.parsing.nodes import Mapping, Sequence
from tests import strategies
from tests.core.parsing.kind_reading import node_of


def _paths(node, path=()):
    yield path, node
    if isinstance(node, Mapping):
        for key, inner in node.items:
            yield from _paths(inner, (*path, key.text))
    elif isinstance(node, Sequence):
        for number, inner in enumerate(node.items):
            yield from _paths(inner, (*path, number))


@given(strategies.nodes)
def test_every_node_is_found_by_its_path(node):
    for path, inner in _paths(node):
        assert locate(node, path) == (path, inner)


@pytest.mark.parametrize(
    ("text", "written", "column"),
    [
        ("c: {Early: {monitor: loss}}", ("c", "Early", "monitor"), 22),
        ("c: [Early: {monitor: loss}]", ("c", 0, "Early", "monitor"), 22),
        ("c: [{Early: {monitor: loss}}]", ("c", 0, "Early", "monitor"), 23),
        ("c: [Early]", ("c", 0), 5),
        ("c: {Early: ~}", ("c", "Early"), 12),
        ("c: Early", ("c",), 4),
        ("d: 1", (), 1),
        ("c: []", ("c",), 4),
    ],
)
def test_the_part_of_a_path_that_is_written_counts(text, written, column):
    found, node = locate(node_of(text), ("c", 0, "monitor"))
    assert (found, node.place.column) == (written, column)
