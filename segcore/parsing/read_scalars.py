"""Readers of single values: flags, numbers, texts."""

import math

from segcore import kinds
from segcore.parsing.describing import describe
from segcore.parsing.nodes import Node, Scalar, kind_name
from segcore.parsing.reading import Context, Reading, fault, near, older_advice, wrong
from segcore.parsing.scalars import old_meaning

# Beyond this, sums of squares and products with a rate overflow.
_LARGEST = 1e300


def read_flag(kind: kinds.Flag, node: Node, context: Context) -> Reading:
    """Read `true` or `false`."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return Reading(node.value)
    return wrong(describe(kind), node, context)


def _within(value: float, kind: kinds.Integer | kinds.Number) -> bool:
    above, below = getattr(kind, "above", None), getattr(kind, "below", None)
    return (
        (kind.minimum is None or value >= kind.minimum)
        and (kind.maximum is None or value <= kind.maximum)
        and (above is None or value > above)
        and (below is None or value < below)
    )


def _out_of_range(expected: str, node: Scalar, context: Context) -> Reading:
    older = old_meaning(node.text) or "the text"
    # Who writes 1e-4 means the number, whatever older readers made of it.
    advice = "" if older.startswith("the text") else older_advice(node)
    return fault("out-of-range", f"expected {expected}, got {node.text}.", node, context, (), advice)


def read_integer(kind: kinds.Integer, node: Node, context: Context) -> Reading:
    """Read a whole number within the kind's bounds."""
    if not (isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool)):
        return wrong(describe(kind), node, context)
    if not _within(node.value, kind):
        return _out_of_range(describe(kind), node, context)
    return Reading(node.value)


def read_number(kind: kinds.Number, node: Node, context: Context) -> Reading:
    """Read a finite number within the kind's bounds, as a float."""
    if not isinstance(node, Scalar) or isinstance(node.value, bool | str | None):
        return wrong(describe(kind), node, context)
    if not math.isfinite(node.value):
        return fault(
            "not-finite", f"expected {describe(kind)}, and a finite one; got {node.text}.", node, context
        )
    if abs(node.value) > _LARGEST:
        return _out_of_range(f"{describe(kind)}, not beyond {_LARGEST:g}", node, context)
    return (
        Reading(float(node.value))
        if _within(node.value, kind)
        else _out_of_range(describe(kind), node, context)
    )


def read_text(kind: kinds.Text, node: Node, context: Context) -> Reading:
    """Read a text; where there are choices, one of them."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return wrong(describe(kind), node, context)
    if not node.value:
        return fault("empty-text", f"expected {describe(kind)}, got an empty text.", node, context)
    if kind.choices and node.value not in kind.choices:
        message = f"expected {describe(kind)}, got {kind_name(node)}."
        return fault("not-a-choice", message, node, context, near(node.value, kind.choices))
    return Reading(node.value)
