"""Readers of single values: flags, numbers, texts."""

import math

from segcore import kinds
from segcore.parsing.nodes import Node, Scalar, kind_name
from segcore.parsing.reading import Context, Reading, fault, near, wrong


def read_flag(_kind: kinds.Flag, node: Node, context: Context) -> Reading:
    """Read `true` or `false`."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return Reading(node.value)
    return wrong("true or false", node, context)


def bounds(kind: kinds.Integer | kinds.Number) -> str:
    parts = [f"at least {kind.minimum:g}"] if kind.minimum is not None else []
    above, below = getattr(kind, "above", None), getattr(kind, "below", None)
    parts += [f"above {above:g}"] if above is not None else []
    parts += [f"at most {kind.maximum:g}"] if kind.maximum is not None else []
    parts += [f"below {below:g}"] if below is not None else []
    return " and ".join(parts)


def _within(value: float, kind: kinds.Integer | kinds.Number) -> bool:
    above, below = getattr(kind, "above", None), getattr(kind, "below", None)
    return (
        (kind.minimum is None or value >= kind.minimum)
        and (kind.maximum is None or value <= kind.maximum)
        and (above is None or value > above)
        and (below is None or value < below)
    )


def read_integer(kind: kinds.Integer, node: Node, context: Context) -> Reading:
    """Read a whole number within the kind's bounds."""
    if not (isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool)):
        return wrong("a whole number", node, context)
    if not _within(node.value, kind):
        return fault(
            "out-of-range", f"expected a whole number {bounds(kind)}, got {node.text}.", node, context
        )
    return Reading(node.value)


def read_number(kind: kinds.Number, node: Node, context: Context) -> Reading:
    """Read a finite number within the kind's bounds, as a float."""
    if not (
        isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ):
        return wrong("a number", node, context)
    if isinstance(node.value, float) and not math.isfinite(node.value):
        return fault("not-finite", f"expected a finite number, got {node.text}.", node, context)
    if abs(node.value) > 1e300 or not _within(node.value, kind):
        return fault(
            "out-of-range",
            f"expected a number {bounds(kind) or 'below 1e300'}, got {node.text}.",
            node,
            context,
        )
    return Reading(float(node.value))


def read_text(kind: kinds.Text, node: Node, context: Context) -> Reading:
    """Read a text; where there are choices, one of them."""
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        return wrong(f"one of {', '.join(kind.choices)}" if kind.choices else "a text", node, context)
    if not node.value:
        return fault("empty-text", "expected a text, got an empty one.", node, context)
    if kind.choices and node.value not in kind.choices:
        message = f"{kind_name(node)} is not one of {', '.join(kind.choices)}."
        return fault("not-a-choice", message, node, context, near(node.value, kind.choices))
    return Reading(node.value)
