"""The reader of stages: each is read as far as it goes, whatever is wrong with others."""

from typing import Any

from segcore.config import Stage
from segcore.errors import Finding
from segcore.parsing.drafts import STAGE_PLACEHOLDERS, StageDraft
from segcore.parsing.limits import FINDING_LIMIT, STAGE_LIMIT
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.parsing.read_keys import (
    OVERRIDES,
    ROOT,
    STAGE,
    missing_keys,
    read_value,
    root_key,
    unknown_key,
)
from segcore.parsing.reading import Context, Reading, fault, wrong

_NAMES = (*STAGE, *OVERRIDES)


def _stranger(key: Scalar, context: Context) -> Finding:
    if key.text in ROOT:
        return root_key(key, context)
    return unknown_key(key, _NAMES, context, "of a stage")


def _read_pairs(node: Mapping, context: Context) -> tuple[dict[str, Reading], tuple[Finding, ...]]:
    readings: dict[str, Reading] = {}
    strangers: list[Finding] = []
    for key, value in node.items:
        entry = STAGE.get(key.text) or OVERRIDES.get(key.text)
        if entry:
            readings[entry[0]] = read_value(*entry, value, context.at(key.text))
        elif len(strangers) <= FINDING_LIMIT:
            strangers.append(_stranger(key, context))
    return readings, tuple(strangers)


def _stage(good: dict[str, Any]) -> Stage:
    own = {name for name, _ in STAGE.values()}
    mine = {name: value for name, value in good.items() if name in own}
    overrides = tuple((name, value) for name, value in good.items() if name not in own)
    return Stage(**{**STAGE_PLACEHOLDERS, **mine}, overrides=overrides)


def _read_stage(node: Node, context: Context) -> StageDraft:
    if not isinstance(node, Mapping):
        return StageDraft(findings=wrong("a mapping such as {epochs: 10}", node, context).findings)
    readings, strangers = _read_pairs(node, context)
    found = tuple(one for reading in readings.values() for one in reading.findings)
    good = {name: reading.value for name, reading in readings.items() if not reading.findings}
    missing = missing_keys(Stage, node, context)
    return StageDraft(_stage(good), frozenset(readings) - frozenset(good), (*missing, *strangers, *found))


def _length_fault(count: int) -> tuple[str, str]:
    if not count:
        return "expected at least one stage, got an empty list.", "Write - epochs: 10 below stages."
    return f"expected at most {STAGE_LIMIT} stages, got {count}.", "Join stages that are alike."


def read_stages(node: Node, context: Context) -> tuple[StageDraft, ...]:
    """Read the list of stages; at least one draft, a placeholder where the node is no list of stages."""
    if not isinstance(node, Sequence):
        expected = "a list of stages such as [{epochs: 10}]"
        return (StageDraft(findings=wrong(expected, node, context).findings),)
    if not 1 <= len(node.items) <= STAGE_LIMIT:
        message, advice = _length_fault(len(node.items))
        found = fault("wrong-length", message, node, context, (), advice)
        return (StageDraft(findings=found.findings),)
    return tuple(_read_stage(item, context.at(position)) for position, item in enumerate(node.items))
