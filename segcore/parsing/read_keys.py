"""Keys of the config and of its stages: which there are, what is wrong with others, and a key's value."""

from types import MappingProxyType
from typing import TypeAlias

from segcore.config import ExperimentConfig, Stage
from segcore.declaring import Key, keys, required
from segcore.errors import Finding
from segcore.kinds import Anything, Integer, Kind, ListOf, Number, PathText, TableOf, Text
from segcore.parsing.later import LATER
from segcore.parsing.nodes import Mapping, Node, Scalar
from segcore.parsing.reading import Context, Reading, beside, near
from segcore.parsing.scalars import quote
from segcore.tiles import Crops
from segcore.values import Table

Entries: TypeAlias = MappingProxyType[str, tuple[str, Key]]

ROOT: Entries = MappingProxyType({found.name: (name, found) for name, found in keys(ExperimentConfig)})
STAGE: Entries = MappingProxyType({found.name: (name, found) for name, found in keys(Stage)})
OVERRIDES: Entries = MappingProxyType({name: entry for name, entry in ROOT.items() if entry[1].stage})
# Read off once: a record's keys are built from the metadata of its fields each time that they are asked for.
_NEEDED: MappingProxyType[type, tuple[tuple[str, Key], ...]] = MappingProxyType(
    {
        record: tuple(entries[name] for name in required(record))
        for record, entries in ((ExperimentConfig, ROOT), (Stage, STAGE))
    }
)
_LATER = MappingProxyType(dict(LATER))
CROPS: MappingProxyType[str, Kind] = MappingProxyType(
    {"count": Integer(1, 16), "overlap": Number(minimum=0, below=1)}
)
# What a file says of its place over another one, and of those made from it; it is gone when the config is read.
COMPOSING: tuple[Key, ...] = (
    Key(
        "extends",
        PathText(),
        semantic=False,
        stage=False,
        doc="the config whose keys hold unless written here",
    ),
    Key(
        "remove", ListOf(Text()), semantic=False, stage=False, doc="keys of that config that do not hold here"
    ),
    Key(
        "search",
        TableOf(Anything(), ("method", "trials", "seed", "metric", "folds", "over")),
        semantic=False,
        stage=False,
        doc="trials with other values, each an experiment in trials/; what extends the config has no part in it",
    ),
)


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
    return tuple(
        Finding("missing-key", f"{found.name!r} is required: {found.doc}.", context.path, node.place)
        for _, found in _NEEDED[record]
        if found.name not in written
    )


def missing_fields(record: type, node: Mapping) -> frozenset[str]:
    """Return the fields of the keys that a record cannot do without and that are not written."""
    written = {key.text for key, _ in node.items}
    return frozenset(name for name, found in _NEEDED[record] if found.name not in written)


def _labels(reading: Reading, node: Node, context: Context) -> Reading:
    """Return where groups or strata come from, with the csv relative to the config."""
    if not isinstance(reading.value, Table):
        return reading
    folder = context.folder_of(node.place)
    return Reading(
        Table(
            tuple(
                (name, beside(folder, str(value)) if name == "csv" else value)
                for name, value in reading.value.items
            )
        )
    )


def _crops(reading: Reading, node: Node, context: Context) -> Reading:
    """Return crops from a bare count or a mapping; each of its keys has a kind of its own."""
    if not isinstance(node, Mapping):
        return reading if reading.findings else Reading(Crops(reading.value))
    inner = {
        key.text: context.read(CROPS[key.text], value, context.at(key.text))
        for key, value in node.items
        if key.text in CROPS
    }
    found = [one for one in reading.findings if one.code == "unknown-key"]
    found += [one for each in inner.values() for one in each.findings]
    if "count" not in inner:
        message = "'count' is required: windows per side."
        found.append(Finding("missing-key", message, context.path, node.place))
    if found:
        return Reading(None, tuple(found))
    count, overlap = inner["count"].value, inner["overlap"].value if "overlap" in inner else 0.0
    return Reading(Crops(count, float(overlap)) if count > 1 else Crops())


def read_value(field: str, key: Key, node: Node, context: Context) -> Reading:
    """Read the value of a key; other words for the same become one value."""
    reading = context.read(key.kind, node, context)
    if field == "crops":
        return _crops(reading, node, context)
    if reading.findings:
        return reading
    if field in ("groups", "strata"):
        return _labels(reading, node, context)
    if field == "activation" and reading.value == "none":
        return Reading("linear")
    if field in ("negatives", "validation_negatives") and reading.value == 0:
        return Reading("none")
    return reading
