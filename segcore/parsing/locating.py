"""Where a path of keys and positions stands in a document."""

from segcore.errors import Place
from segcore.parsing.nodes import Mapping, Node, Sequence


def _step(node: Node, step: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return next((value for key, value in node.items if key.text == str(step)), None)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def locate(root: Node, path: tuple[str | int, ...]) -> Place:
    """Return the place of the deepest node on the path that exists in the document."""
    node = root
    for step in path:
        inner = _step(node, step)
        if inner is None:
            break
        node = inner
    return node.place
