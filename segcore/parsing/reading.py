"""What reading a node gives: a value with findings, and the context that readers share."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.errors import Finding
from segcore.kinds import Kind
from segcore.parsing.nodes import Node, Scalar, kind_name
from segcore.parsing.scalars import old_meaning

Path: TypeAlias = tuple[str | int, ...]


@frozen
class Reading:
    """A value and what was wrong on the way to it; the value counts only where nothing was."""

    value: Any = None
    findings: tuple[Finding, ...] = ()


@frozen
class Context:
    """What a reader knows beside its node: the catalog, where it stands, and how to read what lies inside."""

    catalog: Catalog
    read: Callable[[Kind, Node, "Context"], Reading] = field(repr=False)
    path: Path = ()

    def at(self, step: str | int) -> "Context":
        """Return the context one step further down."""
        return evolve(self, path=(*self.path, step))


def fault(
    code: str, message: str, node: Node, context: Context, nearest: Iterable[str] = (), advice: str = ""
) -> Reading:
    """Return a reading that holds one finding at a node."""
    return Reading(None, (Finding(code, message, context.path, node.place, tuple(nearest), advice),))


def together(readings: Iterable[Reading]) -> Reading:
    """Return the tuple of several readings' values, with all their findings."""
    held = tuple(readings)
    return Reading(tuple(one.value for one in held), tuple(found for one in held for found in one.findings))


def near(given: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return the valid names nearest to a given one, best first; case does not count."""
    by_lower = {name.lower(): name for name in names}
    return tuple(by_lower[found] for found in get_close_matches(given.lower()[:80], by_lower, count, 0.6))


def wrong(expected: str, node: Node, context: Context) -> Reading:
    """Return a finding that a node has another type than expected, with what YAML 1.1 took it for."""
    advice = ""
    if isinstance(node, Scalar) and not node.quoted and (older := old_meaning(node.text)):
        advice = f"YAML 1.2 reads {node.text} as {kind_name(node)}; YAML 1.1 read it as {older}."
    return fault("wrong-type", f"expected {expected}, got {kind_name(node)}.", node, context, advice=advice)
