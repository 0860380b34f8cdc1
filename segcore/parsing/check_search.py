"""Is what a search varies there, and may it be that: every choice and both ends of every range, put into the config."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from attrs import evolve, frozen

from segcore.errors import Finding
from segcore.parsing.checks import problems
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.placing import Nowhere, put, told
from segcore.parsing.read_root import read_root
from segcore.parsing.read_space import Varied
from segcore.parsing.reading import Context
from segcore.searching import Range

# Nodes of the config times stages, for all values together: a few seconds of reading.
_WORK: Final = 200_000
_RESCUES: Final = 40


@frozen
class Around:
    """The config around a search.

    Attributes
    ----------
    root, context
        The document without the search, and how it is read.
    known
        What is wrong with the config as it stands.

    """

    root: Mapping
    context: Context
    known: frozenset[Finding]

    @property
    def readings(self) -> int:
        """How often the config may be read: once for each value of a search, and as often again."""
        stages = next((value for key, value in self.root.items if key.text == "stages"), None)
        count = len(stages.items) if isinstance(stages, Sequence) else 1
        return _WORK // (sum(1 for _ in _nodes(self.root)) * max(1, count))


def _found(root: Mapping, around: Around) -> tuple[Finding, ...]:
    """Return what is wrong with a document that is not wrong with the config as it stands."""
    draft = read_root(root, around.context)
    every = (*draft.findings, *problems(draft, root, around.context.catalog))
    return tuple(one for one in every if one not in around.known)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Mapping):
        for key, value in node.items:
            yield from (key, *_nodes(value))
    elif not isinstance(node, Scalar):
        for item in node.items:
            yield from _nodes(item)


def _is_rescued(root: Mapping, own: Varied, varied: tuple[Varied, ...], around: Around) -> bool:
    """Return whether a value is right beside some value of another parameter, as `classes` beside `activation`."""
    others = ((other.path, node) for other in varied if other is not own for _, node in other.values)
    for path, node in islice(others, min(_RESCUES, around.readings // FINDING_LIMIT)):
        both = put(root, path, node)
        if isinstance(both, Mapping) and not _found(both, around):
            return True
    return False


def _placed(finding: Finding, own: Varied, label: str | int, node: Node) -> Finding:
    """Return a finding where the search writes the value; elsewhere in the config nothing is to be corrected."""
    inside = {one.place for one in _nodes(node)}
    steps = tuple(str(step) for step in finding.path[: len(own.path)])
    rest = finding.path[len(own.path) :] if steps == own.path else ()
    path = ("search", "over", own.name, label, *rest)
    if finding.place in inside:
        return evolve(finding, path=path)
    where = f"with it, {'.'.join(map(str, finding.path))}: " if steps != own.path and finding.path else ""
    return evolve(finding, path=path, place=node.place, message=f"{where}{finding.message}")


def _of_value(
    own: Varied, label: str | int, node: Node, varied: tuple[Varied, ...], around: Around
) -> tuple[Finding, ...]:
    root = put(around.root, own.path, node)
    found = _found(root, around) if isinstance(root, Mapping) else ()
    if not found or not isinstance(root, Mapping) or _is_rescued(root, own, varied, around):
        return ()
    return tuple(_placed(one, own, label, node) for one in found)


def _ambiguous(own: Varied, around: Around) -> tuple[Finding, ...]:
    """Return a finding where whole numbers are written, and numbers between them could be meant."""
    given = own.domain
    if not (isinstance(given, Range) and given.is_whole and given.step is None):
        return ()
    between = given.low + 0.5
    root = put(around.root, own.path, Scalar(between, str(between), quoted=False, place=own.key.place))
    if not isinstance(root, Mapping) or _found(root, around):
        return ()
    message = (
        f"{own.name} takes numbers between whole ones, too, so low: {given.low} does not say which are meant."
    )
    advice = f"Write low: {float(given.low)} for all numbers, or add step: 1 for whole ones."
    path = ("search", "over", own.name)
    return (Finding("search-range", message, path, own.key.place, (), advice),)


def _of_parameter(own: Varied, varied: tuple[Varied, ...], around: Around) -> Iterator[Finding]:
    if not own.values:
        return
    leads = put(around.root, own.path, own.values[0][1])
    if isinstance(leads, Nowhere):
        advice = "Write a path into the config, such as lr or stages.0.epochs."
        message, path = told(leads, own.name), ("search", "over", own.name)
        yield Finding("search-path", message, path, own.key.place, leads.nearest, advice)
        return
    faults = [one for label, node in own.values for one in _of_value(own, label, node, varied, around)]
    yield from faults
    if not faults:
        yield from _ambiguous(own, around)


def search_problems(varied: tuple[Varied, ...], around: Around) -> tuple[Finding, ...]:
    """Return what is wrong with the places and the values of a search.

    A value that is wrong beside the config as it stands, and right beside some value of another parameter, is right.
    Combinations that contradict each other are found when a trial is made.

    Parameters
    ----------
    varied
        What could be read of what is varied.
    around
        The config.

    """
    number, most = sum(len(one.values) for one in varied), around.readings
    if number > most:
        message = (
            f"{number} values are too many for a config of this size, in which each is tried: {most} may be."
        )
        advice = "Vary less, or search over a shorter config."
        return (Finding("search-size", message, ("search", "over"), varied[0].key.place, (), advice),)
    found: list[Finding] = []
    for own in varied:
        found += _of_parameter(own, varied, around)
        if len(found) > FINDING_LIMIT:
            break
    return tuple(found)
