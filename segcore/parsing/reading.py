"""What reading a node gives: a value with findings, and the context that readers share."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from attrs import field, frozen

from segcore.catalog.catalog import Catalog
from segcore.errors import Finding, Place
from segcore.kinds import Kind
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Node, Scalar, kind_name
from segcore.parsing.scalars import old_meaning, resolve

Path: TypeAlias = tuple[str | int, ...]
Folders: TypeAlias = tuple[tuple[str, str], ...]
# What begins at a root, at a home, or on a drive of Windows stands by itself.
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:")


@frozen
class Reading:
    """A value and what was wrong on the way to it; the value counts only where nothing was."""

    value: Any = None
    findings: tuple[Finding, ...] = ()


@frozen
class Context:
    """What a reader knows beside its node: the catalog, where it stands, and how to read what lies inside.

    Attributes
    ----------
    folders
        Pairs of a place's `source` and the folder of that file, relative to the folder of the config.

    """

    catalog: Catalog
    read: Callable[[Kind, Node, "Context"], Reading] = field(repr=False)
    path: Path = ()
    folders: Folders = ()

    def folder_of(self, place: Place) -> str:
        """Return the folder of the file that a place is in, relative to the config's; empty for the same one."""
        return dict(self.folders).get(place.source, "")

    def at(self, step: str | int) -> "Context":
        """Return the context one step further down."""
        # Once for every key and item of a config: `evolve` would take a sixth of the time of reading it.
        return Context(self.catalog, self.read, (*self.path, step), self.folders)


def beside(folder: str, path: str) -> str:
    """Return a path that was written relative to a folder, relative to what the folder is relative to.

    ``../data`` in ``a/b`` is ``a/data``, so that one place has one name; only such steps at the beginning are taken.
    """
    if not folder or _ABSOLUTE.match(path):
        return path
    steps = folder.split("/")
    while path.startswith("../") and steps and steps[-1] != "..":
        steps, path = steps[:-1], path[3:]
    return "/".join((*steps, path))


def fault(
    code: str, message: str, node: Node, context: Context, nearest: Iterable[str] = (), advice: str = ""
) -> Reading:
    """Return a reading that holds one finding at a node."""
    return Reading(None, (Finding(code, message, context.path, node.place, tuple(nearest), advice),))


def together(readings: Iterable[Reading]) -> Reading:
    """Return the tuple of several readings' values, with their findings.

    No further one is read after more than `FINDING_LIMIT` findings: they would not be shown, and a list of
    thousands of faults must not cost the time of finding them all.
    """
    values: list[Any] = []
    findings: list[Finding] = []
    for one in readings:
        values.append(one.value)
        findings += one.findings
        if len(findings) > FINDING_LIMIT:
            break
    return Reading(tuple(values), tuple(findings))


def near(given: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the valid names nearest to a given one, best first; case and underscores do not count."""
    from difflib import get_close_matches

    spelled = {name.replace("_", "").lower(): name for name in names}
    bare = given[:80].replace("_", "").lower()
    return tuple(spelled[found] for found in get_close_matches(bare, spelled, count, 0.6))


def _type_advice(node: Node) -> str:
    if not isinstance(node, Scalar):
        return ""
    if node.quoted:
        return "" if isinstance(resolve(node.text), str) else "Write it without quotes."
    return older_advice(node)


def older_advice(node: Scalar) -> str:
    """Return what YAML 1.1 took a plain scalar for, as a sentence, where that differs; else an empty text."""
    older = None if node.quoted else old_meaning(node.text)
    now = kind_name(node) if isinstance(node.value, str) else f"the number {node.value}"
    return f"YAML 1.2 reads {node.text} as {now}; YAML 1.1 read it as {older}." if older else ""


def wrong(expected: str, node: Node, context: Context) -> Reading:
    """Return a finding that a node has another type than expected, with what YAML 1.1 took it for."""
    message = f"expected {expected}, got {kind_name(node)}."
    return fault("wrong-type", message, node, context, advice=_type_advice(node))
