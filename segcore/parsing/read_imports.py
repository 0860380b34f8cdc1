"""What `imports` may hold: names of modules, each once."""

import re

from segcore.parsing.limits import NAME_LIMIT
from segcore.parsing.nodes import Node, Sequence
from segcore.parsing.reading import Context, Reading, fault, together
from segcore.parsing.scalars import quote

_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def is_module(name: str) -> bool:
    """Tell whether a text is the name of a module: ``my_module``, ``package.module``; a path is none."""
    return _MODULE.fullmatch(name) is not None


def _checked(names: tuple[str, ...], position: int, node: Node, context: Context) -> Reading:
    name = names[position]
    if not is_module(name):
        message = f"{quote(name)} is no name of a module."
        advice = "Write my_module for the file my_module.py beside the config."
        return fault("import-name", message, node, context, advice=advice)
    if name in names[:position]:
        message = f"{quote(name)} stands in imports already."
        return fault("given-twice", message, node, context, advice="Delete one of the two.")
    return Reading(name)


def read_imports(reading: Reading, node: Node, context: Context) -> Reading:
    """Refuse what is no module's name, and what stands there twice; `reading` is that of a list of texts."""
    if reading.findings or not isinstance(node, Sequence):
        return reading
    count = len(node.items)
    if count > NAME_LIMIT:
        return fault("wrong-length", f"expected at most {NAME_LIMIT} modules, got {count}.", node, context)
    return together(
        _checked(reading.value, position, item, context.at(position))
        for position, item in enumerate(node.items)
    )
