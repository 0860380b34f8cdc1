"""Keys of the config and of its stages: which there are, what is wrong with others, and a key's value."""

from types import MappingProxyType
from typing import TypeAlias

from segcore.config import DataFolders, ExperimentConfig, Key, Stage, keys, required
from segcore.errors import Finding
from segcore.parsing.later import LATER
from segcore.parsing.nodes import Mapping, Node, Scalar
from segcore.parsing.reading import Context, Reading, near
from segcore.parsing.scalars import quote
from segcore.values import Table

Entries: TypeAlias = MappingProxyType[str, tuple[str, Key]]

ROOT: Entries = MappingProxyType({found.name: (name, found) for name, found in keys(ExperimentConfig)})
STAGE: Entries = MappingProxyType({found.name: (name, found) for name, found in keys(Stage)})
OVERRIDES: Entries = MappingProxyType({name: entry for name, entry in ROOT.items() if entry[1].stage})
_LATER = MappingProxyType(dict(LATER))


def unknown_key(
    key: Scalar, names: tuple[str, ...], context: Context, where: str, advice: str = ""
) -> Finding:
    """Return the finding for a key that stands nowhere: known to the seed system, or unknown."""
    if key.text in _LATER:
        message = f"{quote(key.text)} is not available in this version."
        return Finding("not-available", message, context.path, key.place, (), _LATER[key.text])
    nearest = near(key.text, names)
    listed = "" if nearest or advice else f"Valid: {', '.join(names)}."
    message = f"{quote(key.text)} is no key {where}."
    return Finding("unknown-key", message, context.path, key.place, nearest, advice or listed)


def stage_key(key: Scalar, context: Context) -> Finding:
    """Return the finding for a stage's key at the top level."""
    message = f"{quote(key.text)} belongs to a stage, not to the top level."
    return Finding("stage-key", message, context.path, key.place, (), "Write it inside an entry of stages.")


def root_key(key: Scalar, context: Context) -> Finding:
    """Return the finding for a key in a stage that holds for the whole experiment."""
    message = f"{quote(key.text)} holds for the whole experiment, so a stage may not set it."
    return Finding("root-key", message, context.path, key.place, (), "Write it at the top level.")


def missing_keys(record: type, node: Mapping, context: Context) -> tuple[Finding, ...]:
    """Return a finding for each key that a record cannot do without and that is not written."""
    written = {key.text for key, _ in node.items}
    meanings = {found.name: found.doc for _, found in keys(record)}
    return tuple(
        Finding("missing-key", f"{name!r} is required: {meanings[name]}.", context.path, node.place)
        for name in required(record)
        if name not in written
    )


def missing_fields(record: type, node: Mapping) -> frozenset[str]:
    """Return the fields of the keys that a record cannot do without and that are not written."""
    written = {key.text for key, _ in node.items}
    needed = set(required(record)) - written
    return frozenset(name for name, found in keys(record) if found.name in needed)


def _dataset(reading: Reading, node: Node, context: Context) -> Reading:
    if not isinstance(node, Mapping):
        return reading
    found = (*reading.findings, *missing_keys(DataFolders, node, context))
    if found or not isinstance(reading.value, Table):
        return Reading(None, found)
    given = dict(reading.value.items)
    return Reading(DataFolders(images=str(given["images"]), masks=str(given["masks"])))


def read_value(field: str, key: Key, node: Node, context: Context) -> Reading:
    """Read the value of a key; other words for the same become one value."""
    reading = context.read(key.kind, node, context)
    if field == "dataset":
        return _dataset(reading, node, context)
    if reading.findings:
        return reading
    if field == "activation" and reading.value == "none":
        return Reading("linear")
    if field in ("negatives", "validation_negatives") and reading.value == 0:
        return Reading("none")
    return reading
