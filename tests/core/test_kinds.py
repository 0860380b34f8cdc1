"""Kinds are plain data: equal and hashed by content, known to the reader and to signature lines."""

from typing import get_args

import pytest
from attrs import fields, has

from segcore import kinds
from segcore.catalog.signatures import parse
from segcore.catalog.standard import STANDARD
from segcore.errors import Place
from segcore.parsing.nodes import Scalar
from segcore.parsing.readers import context_for

ALL = get_args(kinds.Kind)
_INNER = {"of": kinds.Flag(), "family": "metric", "choices": ("a", "b"), "keys": (), "default": "iou"}


def example(kind):
    """Return an instance of a kind, its inner kind a flag."""
    needed = {one.name for one in fields(kind)} & _INNER.keys()
    given = {name: _INNER[name] for name in needed}
    return kind(**(given | {"of": (kinds.Flag(), kinds.Number())} if kind is kinds.Either else given))


def test_every_record_of_the_module_is_one_of_the_kinds():
    declared = {one for one in vars(kinds).values() if isinstance(one, type) and has(one)}
    assert declared == set(ALL)


@pytest.mark.parametrize("kind", ALL)
def test_a_kind_is_frozen_hashes_and_is_equal_by_content(kind):
    one = example(kind)
    assert one == example(kind)
    assert hash(one) == hash(example(kind))
    for attribute in fields(kind):
        with pytest.raises(AttributeError):
            setattr(one, attribute.name, None)


@pytest.mark.parametrize("kind", ALL)
def test_the_parser_reads_every_kind_and_says_where_a_value_does_not_fit(kind):
    context = context_for(STANDARD)
    node = Scalar("nonsense", "nonsense", quoted=True, place=Place(3, 7))
    reading = context.read(example(kind), node, context)
    assert all(found.place == Place(3, 7) for found in reading.findings)
    accepts_any_text = kind in (kinds.Monitor, kinds.Anything, kinds.PathText)
    assert bool(reading.findings) != accepts_any_text


@pytest.mark.parametrize("kind", ALL)
def test_a_signature_line_can_declare_every_kind(kind):
    arguments = {
        kinds.Optional: "(Flag)",
        kinds.ListOf: "(Flag)",
        kinds.TableOf: "(Flag)",
        kinds.Text: '("a", "b")',
        kinds.Either: "(Flag, Number)",
        kinds.Named: '("metric")',
        kinds.NamedList: '("metric")',
        kinds.Formatted: '("metric", "iou")',
    }
    row = parse("test", f"Row(given: {kind.__name__}{arguments.get(kind, '')})")
    assert row.parameters[0].kind == example(kind)
