"""Readers of lists, tables, alternatives and what an augmenter draws a parameter from."""

import math
from typing import Any

from segcore import kinds
from segcore.errors import Finding
from segcore.parsing.describing import describe
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence, kind_name
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.parsing.scalars import quote
from segcore.values import Choice, Range, Table, Value

# Faults of a value whose type is one of an alternative's: all alternatives are named with them.
_OF_THE_VALUE = frozenset({"out-of-range", "not-finite", "not-a-choice"})


def read_list(kind: kinds.ListOf, node: Node, context: Context) -> Reading:
    """Read a list of the kind's items; a bare item is a list of one where the kind says so."""
    if not isinstance(node, Sequence):
        is_item = kind.bare and isinstance(node, Scalar)
        return (
            together([context.read(kind.of, node, context)])
            if is_item
            else wrong(describe(kind), node, context)
        )
    count = len(node.items)
    if kind.length is not None and count != kind.length:
        return fault("wrong-length", f"expected {describe(kind)}; got {count} items.", node, context)
    if count < kind.minimum:
        message = f"expected at least {kind.minimum} items, got {count}."
        return fault("wrong-length", message, node, context)
    return together(context.read(kind.of, item, context.at(i)) for i, item in enumerate(node.items))


def _unknown_key(key: Scalar, kind: kinds.TableOf, context: Context) -> Finding:
    message = f"{quote(key.text)} is no key here; valid: {', '.join(kind.keys)}."
    return Finding("unknown-key", message, context.path, key.place, near(key.text, kind.keys))


def _read_pair(kind: kinds.TableOf, key: Scalar, node: Node, context: Context) -> Reading:
    if kind.keys and key.text not in kind.keys:
        return Reading(None, (_unknown_key(key, kind, context),))
    inner = context.read(kind.of, node, context.at(key.text))
    return Reading((key.text, inner.value), inner.findings)


def read_table(kind: kinds.TableOf, node: Node, context: Context) -> Reading:
    """Read a mapping from names to the kind's values, as a Table; declared keys keep their declared order."""
    if not isinstance(node, Mapping):
        return wrong(describe(kind), node, context)
    inner = together(_read_pair(kind, key, value, context) for key, value in node.items)
    if inner.findings:
        return inner
    pairs = inner.value
    return Reading(
        Table(tuple(sorted(pairs, key=lambda pair: kind.keys.index(pair[0])) if kind.keys else pairs))
    )


def read_either(kind: kinds.Either, node: Node, context: Context) -> Reading:
    """Read the first kind that fits; where none does, say what all of them are.

    Where the node is of one alternative's type and the fault lies inside it, only that fault is told.
    """
    tries: list[Reading] = []
    for one in kind.of:
        reading = context.read(one, node, context)
        if not reading.findings:
            return reading
        tries.append(reading)
    own_type = ("wrong-type", context.path)
    telling = next((one for one in tries if (one.findings[0].code, one.findings[0].path) != own_type), None)
    first = telling.findings[0] if telling else None
    if telling and first and not (first.path == context.path and first.code in _OF_THE_VALUE):
        return telling
    if first is None:
        return wrong(describe(kind), node, context)
    given = node.text if isinstance(node, Scalar) and first.code != "not-a-choice" else kind_name(node)
    return fault(first.code, f"expected {describe(kind)}, got {given}.", node, context, first.nearest)


def _single(kind: kinds.Stochastic) -> kinds.Kind:
    if not kind.whole:
        return kinds.Number(kind.minimum, kind.maximum)
    lowest = None if kind.minimum is None else math.ceil(kind.minimum)
    return kinds.Integer(lowest, None if kind.maximum is None else math.floor(kind.maximum))


def _read_range(kind: kinds.Stochastic, node: Sequence, context: Context) -> Reading:
    single = _single(kind)
    inner = together(context.read(single, item, context.at(i)) for i, item in enumerate(node.items))
    if inner.findings:
        return inner
    low, high = inner.value
    if low > high:
        first, second = (one.text if isinstance(one, Scalar) else "" for one in node.items)
        message = f"a range goes from low to high, got [{first}, {second}]."
        advice = f"Write [{second}, {first}], or {{choice: [{first}, {second}]}} for one of the two."
        return fault("range-order", message, node, context, advice=advice)
    return Reading(Range(low, high))


def read_stochastic(kind: kinds.Stochastic, node: Node, context: Context) -> Reading:
    """Read a number, a range `[low, high]` or `{choice: [...]}`."""
    single = _single(kind)
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return context.read(single, node, context)
    if isinstance(node, Sequence) and len(node.items) == 2:
        return _read_range(kind, node, context)
    if isinstance(node, Mapping) and [key.text for key, _ in node.items] == ["choice"]:
        inner = context.read(kinds.ListOf(single, minimum=1), node.items[0][1], context.at("choice"))
        return inner if inner.findings else Reading(Choice(inner.value))
    return wrong(describe(kind), node, context)


def freeze(value: Any) -> Value:
    """Return plain YAML data as an immutable value: lists become tuples, mappings tables."""
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    if isinstance(value, dict):
        return Table(tuple((str(name), freeze(item)) for name, item in value.items()))
    return value  # type: ignore[no-any-return]


def read_optional(kind: kinds.Optional, node: Node, context: Context) -> Reading:
    """Read null, or what the kind allows beside it."""
    is_null = isinstance(node, Scalar) and node.value is None
    return Reading(None) if is_null else context.read(kind.of, node, context)
