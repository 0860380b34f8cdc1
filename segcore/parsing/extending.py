"""A config over the one that it extends: several texts become one document, whose parts know their file."""

from collections.abc import Iterable
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve, field, frozen

from segcore.catalog.catalog import Catalog
from segcore.errors import Finding, Place, Texts
from segcore.parsing.limits import FINDING_LIMIT, NAME_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.read_imports import is_module
from segcore.parsing.read_keys import COMPOSING
from segcore.parsing.readers import context_for, read
from segcore.parsing.reading import Context, Folders, Path, Reading, beside, near, wrong
from segcore.parsing.scalars import quote
from segcore.parsing.yaml_text import Document
from segcore.parsing.yaml_text import read as read_text

_EXTENDS, _REMOVE, _SEARCH = COMPOSING
_NOTHING = Mapping((), Place(1, 1))
_NOT_GIVEN = "its text was not given"
_CONFIG = "a mapping with architecture, backbone, shape and stages"
Names: TypeAlias = MappingProxyType[str, None]


@frozen
class Layer:
    """One file of a config.

    Attributes
    ----------
    name
        Its name in messages; every layer but the top one has a name of its own.
    folder
        Its folder, relative to that of the top one; empty for the same one.
    fault
        Why the file that it extends could not be read, where it could not.

    """

    name: str
    document: Document
    folder: str = ""
    fault: str = ""

    @property
    def base(self) -> str | None:
        """The path of the file that it extends, as it is written there; None where it extends none."""
        found = _value(_root(self), _EXTENDS.name)
        return found.value if isinstance(found, Scalar) and isinstance(found.value, str) else None


@frozen
class Import:
    """A module that a config names: where it does, and the folder of that file, relative to the top one's."""

    name: str
    path: Path
    place: Place
    folder: str = ""


@frozen
class Merged:
    """What several files say together.

    Attributes
    ----------
    root
        The document; None where not every file could be read. Places in other files than the top one have a
        `source`.
    findings, faults
        What is wrong with the texts, and with how they stand over one another.
    text, others
        Of the top file, and name and text of the others.
    folders
        Name and folder of the others.
    search
        What the top file says of a search; None where it says nothing.

    """

    root: Node | None
    findings: tuple[Finding, ...]
    faults: tuple[Finding, ...]
    text: str
    others: Texts = field(default=(), repr=False)
    folders: Folders = ()
    search: Node | None = None


@frozen
class _Part:
    layer: Layer
    node: Node | None
    findings: tuple[Finding, ...]


def read_layer(source: bytes | str, name: str = "", folder: str = "", fault: str = _NOT_GIVEN) -> Layer:
    """Read one file of a config; never raises, see `yaml_text.read`. Arguments as in `Layer`."""
    return Layer(name, read_text(source), folder, fault)


def overlay(base: Mapping, top: Mapping) -> Mapping:
    """Return the right-biased union of whole top-level keys; null is a value like any other.

    Associative and idempotent; a mapping without keys is its identity. Keys of the base keep their position.
    """
    replaced = {key.text: (key, value) for key, value in top.items}
    known = {key.text for key, _ in base.items}
    kept = (replaced.get(key.text, (key, value)) for key, value in base.items)
    added = (pair for pair in top.items if pair[0].text not in known)
    return Mapping((*kept, *added), top.place if top.items else base.place)


def without(document: Mapping, names: Iterable[str]) -> Mapping:
    """Return a document without some of its top-level keys."""
    gone = frozenset(names)
    return Mapping(tuple(pair for pair in document.items if pair[0].text not in gone), document.place)


def _root(layer: Layer) -> Node | None:
    return layer.document.node or layer.document.partial


def _value(node: Node | None, name: str) -> Node | None:
    pairs = node.items if isinstance(node, Mapping) else ()
    return next((value for key, value in pairs if key.text == name), None)


def _placed(place: Place, source: str) -> Place:
    return Place(place.line, place.column, source)


def _scalar(node: Scalar, source: str) -> Scalar:
    return Scalar(node.value, node.text, node.quoted, _placed(node.place, source))


def _sourced(node: Node, source: str) -> Node:
    """Return a node whose places name their file."""
    place = _placed(node.place, source)
    if isinstance(node, Scalar):
        return _scalar(node, source)
    if isinstance(node, Sequence):
        return Sequence(tuple(_sourced(item, source) for item in node.items), place)
    pairs = ((_scalar(key, source), _sourced(value, source)) for key, value in node.items)
    return Mapping(tuple(pairs), place)


def _told(finding: Finding, source: str) -> Finding:
    place = _placed(finding.place, source) if finding.place else None
    message = finding.message if place or not source else f"{source}: {finding.message}"
    return Finding(finding.code, message, finding.path, place, finding.nearest, finding.advice)


def _extends_faults(layer: Layer, node: Node, context: Context, *, is_lowest: bool) -> tuple[Finding, ...]:
    at = context.at(_EXTENDS.name)
    if layer.base is None:
        return wrong("the path of a config such as base.yaml", node, at).findings
    found = read(_EXTENDS.kind, node, at).findings
    if found or not is_lowest:
        return found
    message = f"{quote(layer.base)} cannot be extended: {layer.fault}."
    advice = f"Write a path relative to the folder of {layer.name or 'this file'}."
    return (Finding("extends", message, at.path, node.place, (), advice),)


def _removal(name: str, node: Node, own: frozenset[str], base: Names, context: Context) -> Finding | None:
    if name in own:
        message = f"{quote(name)} is both written and removed."
        return Finding("given-twice", message, context.path, node.place, (), "Delete one of the two.")
    if name in base:
        return None
    # A document of thousands of keys has more wrong with it than this.
    nearest = near(name, tuple(base)[:NAME_LIMIT])
    listed = "" if nearest else f"It has {', '.join(tuple(base)[:NAME_LIMIT]) or 'none'}."
    message = f"{quote(name)} is no key of the config that is extended."
    return Finding("unknown-key", message, context.path, node.place, nearest, listed)


def _names(document: Mapping) -> Names:
    return MappingProxyType({key.text: None for key, _ in document.items})


def _removed(own: Mapping, base: Mapping, node: Node, context: Context) -> Reading:
    """Return the keys to remove; each must be one of the base, and none that is written beside it."""
    at = context.at(_REMOVE.name)
    reading = read(_REMOVE.kind, node, at)
    if reading.findings or not isinstance(node, Sequence):
        return reading
    written, known = frozenset(_names(own)), _names(base)
    told = (
        _removal(name, item, written, known, at.at(position))
        for position, (name, item) in enumerate(zip(reading.value, node.items, strict=True))
    )
    return Reading(reading.value, tuple(islice((one for one in told if one), FINDING_LIMIT + 1)))


def _alone(node: Node, context: Context) -> Finding:
    message = "remove drops keys of the config that is extended, and this one extends none."
    path = (*context.path, _REMOVE.name)
    return Finding("extends", message, path, node.place, (), "Write extends: base.yaml, or delete the key.")


def _over(base: Mapping | None, top: Mapping, context: Context) -> tuple[Mapping, tuple[Finding, ...]]:
    """Return a file's keys over those of its base, without what it removes; `base` is None for the lowest."""
    own = without(top, (one.name for one in COMPOSING))
    node = _value(top, _REMOVE.name)
    if node is None:
        return overlay(base or _NOTHING, own), ()
    if base is None:
        alone = () if _value(top, _EXTENDS.name) else (_alone(node, context),)
        return own, alone
    removed = _removed(own, base, node, context)
    whole = overlay(base, own)
    return (whole if removed.findings else without(whole, removed.value)), removed.findings


def _read(layer: Layer, source: str) -> _Part:
    node = _root(layer)
    findings = tuple(_told(one, source) for one in layer.document.findings)
    return _Part(layer, _sourced(node, source) if node is not None and source else node, findings)


def _stacked(parts: tuple[_Part, ...]) -> tuple[Node | None, tuple[Finding, ...], bool]:
    """Return the document that files make together, what is wrong with it, and whether it is whole."""
    context = context_for(Catalog())
    faults: list[Finding] = []
    root: Mapping | None = None
    is_whole = True
    for position, part in enumerate(parts):
        named = _value(part.node, _EXTENDS.name)
        if named is not None:
            faults += _extends_faults(part.layer, named, context, is_lowest=position == 0)
        if isinstance(part.node, Mapping):
            root, removed = _over(root, part.node, context)
            faults += removed
        elif part.node is not None:
            faults += wrong(_CONFIG, part.node, context).findings
        is_whole &= isinstance(part.node, Mapping) and (named is None or position > 0)
    return root, tuple(faults), is_whole


def merge(layers: tuple[Layer, ...]) -> Merged:
    """Return what several files say together, each over the one before it.

    Parameters
    ----------
    layers
        At least one, from the lowest base to the config itself. Where the lowest extends another one, that is
        a finding with its `fault`.

    """
    *below, top = layers
    parts = (*(_read(layer, layer.name) for layer in below), _read(top, ""))
    root, faults, is_whole = _stacked(parts)
    return Merged(
        root if is_whole else None,
        tuple(one for part in parts for one in part.findings),
        faults,
        top.document.text,
        tuple((layer.name, layer.document.text) for layer in below),
        tuple((layer.name, layer.folder) for layer in below),
        _value(parts[-1].node, _SEARCH.name),
    )


def told_from(merged: Merged, folder: str) -> Merged:
    """Return the same document, whose relative paths are read as seen from another folder.

    Parameters
    ----------
    merged
        The document; its modules are imported before, since their folders change too.
    folder
        The folder of the top file as seen from there, with ``/``; empty for the same one.

    """
    others = ((name, beside(folder, below) if below else folder) for name, below in merged.folders)
    return evolve(merged, folders=(("", folder), *others))


def imports(merged: Merged) -> tuple[Import, ...]:
    """Return the modules that a document names in ``imports``; what is no module's name is left out."""
    node = _value(merged.root, "imports")
    items = node.items if isinstance(node, Sequence) else ()
    folders = dict(merged.folders)
    return tuple(
        Import(item.value, ("imports", position), item.place, folders.get(item.place.source, ""))
        for position, item in enumerate(items)
        if isinstance(item, Scalar) and isinstance(item.value, str) and is_module(item.value)
    )
