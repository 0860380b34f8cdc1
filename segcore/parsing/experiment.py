"""From a config's text to an ExperimentConfig, strictly, with all findings at once."""

from typing import Any

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Row
from segcore.catalog.standard import STANDARD
from segcore.config import DataFolders, ExperimentConfig, Key, Stage, keys, required
from segcore.errors import ConfigError, Finding
from segcore.kinds import Named
from segcore.parsing.checks import problems
from segcore.parsing.later import LATER
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.read_names import read_arguments
from segcore.parsing.readers import context_for
from segcore.parsing.reading import Context, Reading, fault, near, together, wrong
from segcore.parsing.yaml_text import read as read_text
from segcore.values import Call, Table

_ROOT = tuple((found.name, name, found) for name, found in keys(ExperimentConfig))
_STAGE = tuple((found.name, name, found) for name, found in keys(Stage))
_STAGE_OVERLAY = tuple(entry for entry in _ROOT if entry[2].stage)


@frozen
class Examined:
    """What a text holds: a config where nothing is wrong, else findings; the text is the decoded one."""

    config: ExperimentConfig | None
    findings: tuple[Finding, ...]
    text: str


def _entry(table: tuple[tuple[str, str, Key], ...], spelling: str) -> tuple[str, Key] | None:
    return next(((field, key) for name, field, key in table if name == spelling), None)


def _unknown(key: Scalar, names: tuple[str, ...], context: Context, where: str) -> Finding:
    later = dict(LATER).get(key.text)
    if later is not None:
        return Finding(
            "not-available",
            f"{key.text!r} is not available in this version.",
            context.path,
            key.place,
            (),
            later,
        )
    return Finding(
        "unknown-key", f"{key.text!r} is no key {where}.", context.path, key.place, near(key.text, names)
    )


def _misplaced(key: Scalar, context: Context, where: str) -> Finding:
    advice = "Write it inside an entry of stages." if where == "stage-key" else "Write it at the top level."
    place = "a stage, not the top level" if where == "stage-key" else "the top level, not a stage"
    return Finding(where, f"{key.text!r} belongs to {place}.", context.path, key.place, (), advice)


def _architecture_row(root: Mapping, catalog: Catalog) -> Row | None:
    node = next((value for key, value in root.items if key.text == "architecture"), None)
    if isinstance(node, Mapping) and len(node.items) == 1:
        node = node.items[0][0]
    return (
        catalog.find("architecture", node.value)
        if isinstance(node, Scalar) and isinstance(node.value, str)
        else None
    )


def _missing(record: type, node: Mapping, context: Context) -> tuple[Finding, ...]:
    present = {key.text for key, _ in node.items}
    return tuple(
        Finding("missing-key", f"{name!r} is required.", context.path, node.place)
        for name in required(record)
        if name not in present
    )


def _dataset(reading: Reading, node: Node, context: Context) -> Reading:
    if reading.findings or not isinstance(reading.value, Table):
        return reading
    missing = _missing(DataFolders, node, context) if isinstance(node, Mapping) else ()
    return Reading(None, missing) if missing else Reading(DataFolders(**dict(reading.value.items)))  # type: ignore[arg-type]


def _value(field: str, key: Key, node: Node, context: Context) -> Reading:
    if field == "stages":
        return _stages(node, context)
    reading = context.read(key.kind, node, context)
    if field == "dataset":
        return _dataset(reading, node, context)
    if field == "activation" and reading.value == "none":
        return Reading("linear")
    is_share = field in ("negatives", "validation_negatives")
    return Reading("none") if is_share and reading.value == 0 and not reading.findings else reading


def _stage(node: Node, context: Context) -> Reading:
    if not isinstance(node, Mapping):
        return wrong("a mapping such as {epochs: 10}", node, context)
    own: list[tuple[str, Any]] = []
    overrides: list[tuple[str, Any]] = []
    found: list[Finding] = list(_missing(Stage, node, context))
    names = tuple(name for name, _, _ in (*_STAGE, *_STAGE_OVERLAY))
    for key, value in node.items:
        entry, target = _entry(_STAGE, key.text), own
        if entry is None:
            entry, target = _entry(_STAGE_OVERLAY, key.text), overrides
        if entry is None:
            is_root = _entry(_ROOT, key.text) is not None
            found.append(
                _misplaced(key, context, "root-key")
                if is_root
                else _unknown(key, names, context, "of a stage")
            )
            continue
        reading = _value(*entry, value, context.at(key.text))
        found += reading.findings
        target.append((entry[0], reading.value))
    if found:
        return Reading(None, tuple(found))
    return Reading(Stage(**dict(own), overrides=tuple(overrides)))


def _stages(node: Node, context: Context) -> Reading:
    if not isinstance(node, Sequence):
        return wrong("a list of stages such as [{epochs: 10}]", node, context)
    if not node.items:
        return fault("wrong-length", "expected at least one stage, got an empty list.", node, context)
    return together(_stage(item, context.at(i)) for i, item in enumerate(node.items))


def _options(row: Row, given: list[tuple[Scalar, Node]], context: Context) -> Reading:
    if not given:
        return Reading(Call(row.name))
    return read_arguments(row, Mapping(tuple(given), given[0][0].place), context)


def _merge(architecture: Call | None, beside: Call, node: Mapping, context: Context) -> Reading:
    inside = dict(architecture.arguments) if architecture else {}
    twice = [name for name, _ in beside.arguments if name in inside]
    if twice:
        return fault(
            "given-twice", f"{', '.join(twice)} stands both beside and inside architecture.", node, context
        )
    return Reading(Call(beside.name, (*inside.items(), *beside.arguments)))


def _root_values(root: Mapping, context: Context) -> tuple[dict[str, Reading], tuple[Finding, ...]]:
    row = _architecture_row(root, context.catalog)
    option_names = tuple(one.name for one in row.parameters) if row else ()
    values: dict[str, Reading] = {}
    loose: list[Finding] = []
    options: list[tuple[Scalar, Node]] = []
    names = (*(name for name, _, _ in _ROOT), *option_names)
    for key, value in root.items:
        entry = _entry(_ROOT, key.text)
        if entry is not None:
            values[entry[0]] = _value(*entry, value, context.at(key.text))
        elif key.text in option_names:
            options.append((key, value))
        elif _entry(_STAGE, key.text) is not None:
            loose.append(_misplaced(key, context, "stage-key"))
        else:
            loose.append(_unknown(key, names, context, f"of a config{f' with {row.name}' if row else ''}"))
    if row and options:
        beside = _options(row, options, context)
        loose += beside.findings
        inside = values["architecture"]
        if not inside.findings and not beside.findings:
            values["architecture"] = _merge(inside.value, beside.value, root, context)
    return values, (*loose, *_missing(ExperimentConfig, root, context))


def _ordered(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(
        sorted(findings, key=lambda one: (one.place.line, one.place.column) if one.place else (0, 0))
    )


def examine(source: bytes | str, catalog: Catalog = STANDARD) -> Examined:
    """Read a config and find everything that is wrong with it; never raises on any input.

    Parameters
    ----------
    source
        The YAML text, or its bytes.
    catalog
        The names that a config may use.

    """
    document = read_text(source)
    if document.node is None or document.findings:
        return Examined(None, document.findings, document.text)
    context = context_for(catalog)
    if not isinstance(document.node, Mapping):
        found = wrong(
            "a mapping with architecture, backbone, shape and stages", document.node, context
        ).findings
        return Examined(None, found, document.text)
    values, loose = _root_values(document.node, context)
    backbone = _spelled_backbone(values, document.node, context)
    values |= {"backbone": backbone} if backbone else {}
    bad = frozenset(name for name, reading in values.items() if reading.findings)
    found = (*loose, *(one for reading in values.values() for one in reading.findings))
    good = {name: reading.value for name, reading in values.items() if name not in bad}
    if not {"architecture", "backbone", "shape", "stages"} <= good.keys():
        return Examined(None, _ordered(found), document.text)
    config = ExperimentConfig(**good)
    found = (*found, *problems(config, document.node, catalog, bad))
    return Examined(None if found else config, _ordered(found), document.text)


def _spelled_backbone(values: dict[str, Reading], root: Mapping, context: Context) -> Reading | None:
    reading = values.get("backbone")
    if reading is None or reading.findings:
        return None
    node = next(value for key, value in root.items if key.text == "backbone")
    named = context.read(Named("encoder"), node, context.at("backbone"))
    return named if named.findings else Reading(named.value.name)


def parse(source: bytes | str, name: str = "", catalog: Catalog = STANDARD) -> ExperimentConfig:
    """Return the config that a YAML text describes.

    Parameters
    ----------
    source
        The YAML text, or its bytes (UTF-8, or UTF-16 with a byte order mark).
    name
        Name of the file, for the error's text.
    catalog
        The names that a config may use.

    Raises
    ------
    ConfigError
        With every finding at once: unknown keys, wrong types, names that do not exist, settings that contradict
        each other; each with line and column.

    """
    examined = examine(source, catalog)
    if examined.config is None:
        raise ConfigError(examined.findings, name, examined.text)
    return examined.config
