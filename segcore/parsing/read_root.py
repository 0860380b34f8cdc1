"""The reader of the whole config: its keys, the architecture's options beside them, and its stages."""

from typing import Any

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Row
from segcore.config import ExperimentConfig, Stage
from segcore.errors import Finding
from segcore.kinds import Named
from segcore.parsing.drafts import ROOT_PLACEHOLDERS, Draft, StageDraft
from segcore.parsing.limits import FINDING_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar
from segcore.parsing.read_imports import read_imports
from segcore.parsing.read_keys import (
    COMPOSING,
    ROOT,
    STAGE,
    missing_fields,
    missing_keys,
    read_value,
    stage_key,
    unknown_key,
)
from segcore.parsing.read_names import read_arguments
from segcore.parsing.read_stages import read_stages
from segcore.parsing.reading import Context, Reading
from segcore.parsing.scalars import quote
from segcore.values import Call

_Pairs = tuple[tuple[Scalar, Node], ...]


def _find(root: Mapping, name: str) -> Node | None:
    return next((value for key, value in root.items if key.text == name), None)


def _architecture_row(root: Mapping, catalog: Catalog) -> Row | None:
    node = _find(root, "architecture")
    if isinstance(node, Mapping) and len(node.items) == 1:
        node = node.items[0][0]
    is_name = isinstance(node, Scalar) and isinstance(node.value, str)
    return catalog.find("architecture", node.value) if is_name else None  # type: ignore[union-attr, arg-type]


def _owners(option: str, catalog: Catalog) -> tuple[str, ...]:
    """Return the architectures that have an option."""
    rows = (catalog.find("architecture", name) for name in catalog.names("architecture"))
    return tuple(row.name for row in rows if row and option in {one.name for one in row.parameters})


def _stranger(key: Scalar, row: Row | None, context: Context) -> Finding | None:
    if key.text in STAGE:
        return stage_key(key, context)
    owners = _owners(key.text, context.catalog)
    if owners and row is None:
        return None  # which options there are is not known until the architecture is
    options = tuple(one.name for one in row.parameters) if row else ()
    where = f"of a config with {row.name}" if row else "of a config"
    advice = f"It is an option of {' and '.join(owners)}." if owners else ""
    composing = tuple(one.name for one in COMPOSING)
    return unknown_key(key, (*ROOT, *composing, *options), context, where, advice)


def _strangers(pairs: _Pairs, row: Row | None, context: Context) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for key, _ in pairs:
        finding = _stranger(key, row, context)
        found += [finding] if finding else []
        if len(found) > FINDING_LIMIT:
            break
    return tuple(found)


def _written_inside(root: Mapping) -> frozenset[str]:
    node = _find(root, "architecture")
    inside = node.items[0][1] if isinstance(node, Mapping) and len(node.items) == 1 else None
    return frozenset(key.text for key, _ in inside.items) if isinstance(inside, Mapping) else frozenset()


def _with_options(inside: Reading, row: Row, options: _Pairs, root: Mapping, context: Context) -> Reading:
    """Return the architecture's Call with the options that stand beside it."""
    written = _written_inside(root)
    twice = tuple(
        Finding(
            "given-twice",
            f"{quote(key.text)} stands both beside and inside architecture.",
            context.path,
            key.place,
            (),
            "Delete one of the two.",
        )
        for key, _ in options
        if key.text in written
    )
    beside = read_arguments(row, Mapping(options, options[0][0].place), context)
    found = (*inside.findings, *beside.findings, *twice)
    if found:
        return Reading(None, found)
    return Reading(Call(row.name, (*inside.value.arguments, *beside.value.arguments)))


def _backbone(reading: Reading, node: Node, context: Context) -> Reading:
    if reading.findings:
        return reading
    named = context.read(Named("encoder"), node, context.at("backbone"))
    return named if named.findings else Reading(named.value.name)


def _read_fields(root: Mapping, row: Row | None, context: Context) -> dict[str, Reading]:
    """Read every key of the top level but stages, by field."""
    readings: dict[str, Reading] = {}
    for key, node in root.items:
        if key.text in ROOT and key.text != "stages":
            field, entry = ROOT[key.text]
            readings[field] = read_value(field, entry, node, context.at(key.text))
            if field == "backbone":
                readings[field] = _backbone(readings[field], node, context)
            elif field == "imports":
                readings[field] = read_imports(readings[field], node, context.at(key.text))
    names = {one.name for one in row.parameters} if row else set()
    options = tuple((key, node) for key, node in root.items if key.text in names and key.text not in ROOT)
    if row and options:
        inside = readings["architecture"]
        readings["architecture"] = _with_options(inside, row, options, root, context)
    return readings


def read_root(root: Mapping, context: Context) -> Draft:
    """Read a config as far as it goes, with the findings of every key."""
    row = _architecture_row(root, context.catalog)
    names = {*ROOT, *(one.name for one in row.parameters)} if row else {*ROOT}
    readings = _read_fields(root, row, context)
    node = _find(root, "stages")
    drafts = read_stages(node, context.at("stages")) if node is not None else (StageDraft(),)
    good: dict[str, Any] = {name: one.value for name, one in readings.items() if not one.findings}
    stages: tuple[Stage, ...] = tuple(one.stage for one in drafts)
    found = (
        *missing_keys(ExperimentConfig, root, context),
        *_strangers(tuple(pair for pair in root.items if pair[0].text not in names), row, context),
        *(one for reading in readings.values() for one in reading.findings),
        *(one for draft in drafts for one in draft.findings),
    )
    return Draft(
        ExperimentConfig(**{**ROOT_PLACEHOLDERS, **good, "stages": stages}),
        (frozenset(readings) - frozenset(good)) | missing_fields(ExperimentConfig, root),
        tuple(draft.bad for draft in drafts),
        found,
    )
