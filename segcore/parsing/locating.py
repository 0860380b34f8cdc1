"""Where a path of keys and positions stands in a document."""

from segcore.parsing.nodes import Mapping, Node, Sequence

_Path = tuple[str | int, ...]


def _in_mapping(node: Mapping, step: str | int) -> tuple[_Path, Node] | None:
    if isinstance(step, int):
        return next((((key.text,), value) for key, value in node.items[step : step + 1]), None)
    return next((((step,), value) for key, value in node.items if key.text == step), None)


def _through_name(node: Node, step: str | int) -> tuple[_Path, Node] | None:
    """Return what `- Name: {step: ...}` holds: an item of a list of names has its arguments one level down."""
    if not (isinstance(node, Mapping) and len(node.items) == 1):
        return None
    name, arguments = node.items[0]
    inner = _in_mapping(arguments, step) if isinstance(arguments, Mapping) else None
    return None if inner is None else ((name.text, *inner[0]), inner[1])


def _step(node: Node, step: str | int) -> tuple[_Path, Node] | None:
    if isinstance(node, Mapping):
        return _in_mapping(node, step) or _through_name(node, step)
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return (step,), node.items[step]
    return None


def locate(root: Node, path: _Path) -> tuple[_Path, Node]:
    """Return the part of a path that exists in a document, as it is written there, and the node at its end.

    Parameters
    ----------
    root
        The document.
    path
        Keys and positions. A position in a mapping is that of a pair, since names with arguments may be
        written as a list or as a mapping: ``("callbacks", 0, "monitor")`` finds both
        ``callbacks: [EarlyStopping: {monitor: loss}]`` and ``callbacks: {EarlyStopping: {monitor: loss}}``.

    """
    written: _Path = ()
    node = root
    for step in path:
        found = _step(node, step)
        if found is None:
            break
        written, node = (*written, *found[0]), found[1]
    return written, node
