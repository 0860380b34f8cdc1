"""What a YAML text says, as immutable nodes that know where they stand."""

from typing import Any, TypeAlias

from attrs import frozen

from segcore.errors import Place
from segcore.parsing.scalars import quote


@frozen
class Scalar:
    """A single value.

    Attributes
    ----------
    value
        What the text means by the YAML 1.2 core schema.
    text
        The content: as written where it is plain, without quotes and escapes where it is quoted.
    quoted
        Whether it was marked as a text: by quotes, as a block (``|`` or ``>``), or by ``!!str``.
    place
        Where it begins, a tag or an anchor before it included; an alias gives any node its own place.

    """

    value: bool | int | float | str | None
    text: str
    quoted: bool
    place: Place


@frozen
class Sequence:
    """A list of nodes, in the order in which they were written."""

    items: tuple["Node", ...]
    place: Place


@frozen
class Mapping:
    """Pairs of key and value in the order in which they were written; the texts of the keys are distinct."""

    items: tuple[tuple[Scalar, "Node"], ...]
    place: Place


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """Return the value that a node stands for, made of dict, list and the scalar types.

    The keys of a dict are the texts of the keys: ``1:`` and ``"1":`` both give ``"1"``.
    """
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.items}


def kind_name(node: Node) -> str:
    """Return what a node is, for messages: ``a list``, ``the text 'abc'``, ``the number 3``, ``true``."""
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a mapping"
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f"the text {quote(node.value)}"
    return f"the number {node.text}"
