"""Values put at a place of a document: the nodes of a path, and what keeps one from leading anywhere."""

import json
from typing import Any, Final

from attrs import frozen

from segcore.errors import Place
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.reading import near
from segcore.parsing.scalars import quote

_NOWHERE: Final = Place(1, 1)


def node_of(value: Any) -> Node:
    """Return plain data (dict, list, texts, numbers, truth values, None) as a node without a place of its own."""
    if isinstance(value, dict):
        pairs = (
            (Scalar(name, name, quoted=True, place=_NOWHERE), node_of(one)) for name, one in value.items()
        )
        return Mapping(tuple(pairs), _NOWHERE)
    if isinstance(value, list):
        return Sequence(tuple(map(node_of, value)), _NOWHERE)
    is_text = isinstance(value, str)
    return Scalar(value, value if is_text else json.dumps(value), quoted=is_text, place=_NOWHERE)


@frozen
class Nowhere:
    """A path that leads nowhere: the steps that exist, and the names that could follow them."""

    steps: tuple[str, ...]
    names: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()


def _nowhere(done: tuple[str, ...], step: str, names: tuple[str, ...]) -> Nowhere:
    return Nowhere(done, names, near(step, names))


def _name_of(node: Node) -> str | None:
    """Return the name that an item of a list of names has: ``Adam``, or the only key of ``{Adam: ...}``."""
    if isinstance(node, Mapping) and len(node.items) == 1:
        return node.items[0][0].text
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _in_mapping(
    node: Mapping, path: tuple[str, ...], value: Node, done: tuple[str, ...]
) -> Mapping | Nowhere:
    step, *rest = path
    known = next((position for position, (key, _) in enumerate(node.items) if key.text == step), None)
    if known is None:
        if rest:
            return _nowhere(done, step, tuple(key.text for key, _ in node.items))
        added = Scalar(step, step, quoted=False, place=value.place)
        return Mapping((*node.items, (added, value)), node.place)
    key, old = node.items[known]
    new = _put(old, tuple(rest), value, (*done, step))
    if isinstance(new, Nowhere):
        return new
    return Mapping((*node.items[:known], (key, new), *node.items[known + 1 :]), node.place)


def _in_sequence(
    node: Sequence, path: tuple[str, ...], value: Node, done: tuple[str, ...]
) -> Sequence | Nowhere:
    step, *rest = path
    # A stage of one key has no name.
    names = tuple(_name_of(item) or "" for item in node.items if done != ("stages",))
    is_named = names.count(step) == 1
    if not is_named and not (step.isascii() and step.isdigit() and int(step) < len(node.items)):
        counted = tuple(map(str, range(len(node.items))))
        return _nowhere(done, step, (*dict.fromkeys(filter(None, names)), *counted))
    at = names.index(step) if is_named else int(step)
    # What follows a name is among its arguments.
    new = _put(
        node.items[at], path if is_named and rest else tuple(rest), value, done if is_named else (*done, step)
    )
    if isinstance(new, Nowhere):
        return new
    return Sequence((*node.items[:at], new, *node.items[at + 1 :]), node.place)


def _put(node: Node, path: tuple[str, ...], value: Node, done: tuple[str, ...]) -> Node | Nowhere:
    if not path:
        return value
    if isinstance(node, Mapping):
        return _in_mapping(node, path, value, done)
    if isinstance(node, Sequence):
        return _in_sequence(node, path, value, done)
    if node.value == path[0] and len(path) > 1:  # a bare name: its arguments are all at their defaults
        named = _put(Mapping((), node.place), path[1:], value, (*done, path[0]))
        return named if isinstance(named, Nowhere) else Mapping(((node, named),), node.place)
    return Nowhere(done)


def put(root: Mapping, path: tuple[str, ...], value: Node) -> Mapping | Nowhere:
    """Return a document with a value at a place.

    Parameters
    ----------
    root
        The document.
    path
        At least one step: keys, positions in lists counted from 0, and names in lists of names
        (``callbacks.EarlyStopping.patience``). The last one may be a key that is not written yet; ``Adam`` is
        ``{Adam: {...}}`` where arguments follow.
    value
        It keeps its own place.

    """
    return _in_mapping(root, path, value, ())


def told(found: Nowhere, written: str) -> str:
    """Return in a sentence why a path leads nowhere."""
    where = ".".join(found.steps)
    listed = f"; valid: {', '.join(found.names[:10])}" if found.names and where else ""
    return f"{quote(written)} leads nowhere: " + (
        f"{where} in the config has no such part{listed}." if where else "the config does not write that key."
    )
