"""Readers of lists, tables, alternatives and what an augmenter draws a parameter from."""

import math
from typing import Any

from segcore import kinds
from segcore.errors import Finding
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence, kind_name
from segcore.parsing.read_scalars import bounds
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.values import Choice, Range, Table, Value


def read_list(kind: kinds.ListOf, node: Node, context: Context) -> Reading:
    """Read a list of the kind's items; a bare item is a list of one where the kind says so."""
    if not isinstance(node, Sequence):
        return (
            together([context.read(kind.of, node, context)]) if kind.bare else wrong("a list", node, context)
        )
    if kind.length is not None and len(node.items) != kind.length:
        return fault(
            "wrong-length", f"expected a list of {kind.length}, got {len(node.items)}.", node, context
        )
    if len(node.items) < kind.minimum:
        return fault(
            "wrong-length",
            f"expected a list of at least {kind.minimum}, got {len(node.items)}.",
            node,
            context,
        )
    return together(context.read(kind.of, item, context.at(i)) for i, item in enumerate(node.items))


def read_table(kind: kinds.TableOf, node: Node, context: Context) -> Reading:
    """Read a mapping from names to the kind's values, as a Table."""
    if not isinstance(node, Mapping):
        return wrong("a mapping", node, context)
    unknown = tuple(
        Finding(
            "unknown-key",
            f"{key.text!r} is no key here; valid: {', '.join(kind.keys)}.",
            context.path,
            key.place,
            near(key.text, kind.keys),
        )
        for key, _ in node.items
        if kind.keys and key.text not in kind.keys
    )
    known = [(key.text, value) for key, value in node.items if not kind.keys or key.text in kind.keys]
    inner = together(context.read(kind.of, value, context.at(name)) for name, value in known)
    pairs = tuple((name, value) for (name, _), value in zip(known, inner.value, strict=True))
    return Reading(Table(pairs), unknown + inner.findings)


def _describe(kind: kinds.Kind) -> str:
    match kind:
        case kinds.Text(choices=choices) if choices:
            return " or ".join(choices)
        case kinds.Number() | kinds.Integer():
            bounds = bounds(kind)
            return f"a number {bounds}".strip()
        case kinds.Optional(of=of):
            return f"null or {_describe(of)}"
        case kinds.ListOf(of=of):
            return f"a list of ({_describe(of)})"
        case kinds.Either(of=of):
            return " or ".join(_describe(one) for one in of)
        case kinds.Flag():
            return "true or false"
        case kinds.Stochastic():
            return "a number, a range [low, high] or {choice: [...]}"
        case kinds.TableOf(keys=keys):
            return f"a mapping with {', '.join(keys)}" if keys else "a mapping"
        case _:
            return "a text"


def read_either(kind: kinds.Either, node: Node, context: Context) -> Reading:
    """Read the first kind that fits; where none does, say what all of them are."""
    tries = [context.read(one, node, context) for one in kind.of]
    fitting = next((one for one in tries if not one.findings), None)
    if fitting is not None:
        return fitting
    # A value of the right type that is out of bounds deserves that message rather than the list of all types.
    telling = next((one for one in tries if one.findings[0].code in ("out-of-range", "not-finite")), None)
    if telling is not None:
        return telling
    named = [name for one in kind.of if isinstance(one, kinds.Text) for name in one.choices]
    hint = near(node.text, named) if isinstance(node, Scalar) else ()
    code = (
        "not-a-choice" if isinstance(node, Scalar) and isinstance(node.value, str) and named else "wrong-type"
    )
    return fault(code, f"expected {_describe(kind)}, got {kind_name(node)}.", node, context, hint)


def read_stochastic(kind: kinds.Stochastic, node: Node, context: Context) -> Reading:
    """Read a number, a range `[low, high]` or `{choice: [...]}`."""
    single: kinds.Kind = kinds.Number(kind.minimum, kind.maximum)
    if kind.whole:
        lowest = None if kind.minimum is None else math.ceil(kind.minimum)
        single = kinds.Integer(lowest, None if kind.maximum is None else math.floor(kind.maximum))
    if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return context.read(single, node, context)
    if isinstance(node, Sequence) and len(node.items) == 2:
        inner = together(context.read(single, item, context.at(i)) for i, item in enumerate(node.items))
        if inner.findings:
            return inner
        low, high = inner.value
        if low > high:
            return fault(
                "range-order", f"a range goes from low to high, got [{low:g}, {high:g}].", node, context
            )
        return Reading(Range(low, high))
    if isinstance(node, Mapping) and [key.text for key, _ in node.items] == ["choice"]:
        inner = context.read(kinds.ListOf(single, minimum=1), node.items[0][1], context.at("choice"))
        return inner if inner.findings else Reading(Choice(inner.value))
    return wrong("a number, a range [low, high] or {choice: [...]}", node, context)


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
