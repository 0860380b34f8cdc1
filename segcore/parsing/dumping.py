"""From records back to text: the same config, without what equals its default."""

import json
import re
from types import MappingProxyType
from typing import Any

from attrs import NOTHING, Factory, fields

from segcore.config import ExperimentConfig, Stage
from segcore.declaring import Key, key_of
from segcore.kinds import Formatted, Kind, Optional
from segcore.loss_text import Term
from segcore.loss_text import write as write_loss
from segcore.tiles import Crops
from segcore.values import Call, Choice, Range, Table

# What YAML forbids to stand bare, and the byte order mark.
_INVISIBLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def _plain_sequence(value: tuple[Any, ...]) -> Any:
    is_loss = bool(value) and all(isinstance(one, Term) for one in value)
    return write_loss(value) if is_loss else [plain(one) for one in value]


def _plain_call(call: Call) -> Any:
    arguments = {name: plain(given) for name, given in call.arguments}
    return {call.name: arguments} if arguments else call.name


def plain(value: Any) -> Any:
    """Return a value as YAML writes it: lists, mappings and scalars that read back to the same value."""
    out = value
    match value:
        case tuple():
            out = _plain_sequence(value)
        case Range(low=low, high=high):
            out = [low, high]
        case Choice(options=options):
            out = {"choice": [plain(one) for one in options]}
        case Table(items=items):
            out = {name: plain(one) for name, one in items}
        case Call():
            out = _plain_call(value)
        case Crops(count=count, overlap=overlap):
            out = {"count": count, "overlap": overlap} if overlap else count
        case Stage():
            out = _stage(value)
    return out


def _inner(kind: Kind) -> Kind:
    return kind.of if isinstance(kind, Optional) else kind


def _spelled(kind: Kind, value: Any) -> Any:
    """Return the value of a key as its kind writes it."""
    match _inner(kind), value:
        case Formatted(default=default), Call(name=name, arguments=arguments):
            written = {} if name == default else {"format": name}
            return written | {argument: plain(given) for argument, given in arguments}
        case _:
            return plain(value)


def _differing(record: Any) -> dict[str, Any]:
    """Return what differs from its default, by spelling; a default may depend on other fields."""
    out = {}
    for name, declared, default in _DECLARED[type(record)]:
        value, usual = getattr(record, name), default
        if isinstance(default, Factory):  # type: ignore[arg-type]
            usual = default.factory(record) if default.takes_self else default.factory()
        if usual is NOTHING or value != usual:
            out[declared.name] = _spelled(declared.kind, value)
    return out


def _stage(stage: Stage) -> dict[str, Any]:
    return {**_differing(stage), **{_SPELLED[name]: plain(value) for name, value in stage.overrides}}


# Read off once: a record's keys are built from the metadata of its fields each time that they are asked for.
_DECLARED: MappingProxyType[type, tuple[tuple[str, Key, Any], ...]] = MappingProxyType(
    {
        record: tuple(
            (attribute.name, declared, attribute.default)
            for attribute in fields(record)
            if (declared := key_of(attribute)) is not None
        )
        for record in (ExperimentConfig, Stage)
    }
)
_SPELLED = MappingProxyType({name: declared.name for name, declared, _ in _DECLARED[ExperimentConfig]})


def as_plain(config: ExperimentConfig) -> dict[str, Any]:
    """Return the config as plain data: spelled keys, without what equals its default."""
    return _differing(config)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _text(value: str) -> str:
    return _INVISIBLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _number(value: float) -> str:
    # YAML 1.1 takes 1e-05 for a text and 1.0e-05 for the number.
    return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str):
        return _text(value)
    return _number(value) if isinstance(value, float) else json.dumps(value)


def dump(config: ExperimentConfig) -> str:
    """Return YAML text that parses to an equal config.

    Every value is JSON of a form that YAML 1.1 and YAML 1.2 read alike. The text is ASCII but for what the
    config's texts hold.
    """
    return "".join(key_text(name, value) for name, value in as_plain(config).items())


def key_value(config: ExperimentConfig, name: str) -> Any:
    """Return the value of one key as plain data, where it equals its default, too; `name` as it is spelled."""
    field, declared = next((field, key) for field, key, _ in _DECLARED[ExperimentConfig] if key.name == name)
    return _spelled(declared.kind, getattr(config, field))


def key_text(name: str, value: Any) -> str:
    """Return one key of the top level with its value, plain data, as YAML; see `dump` for its form."""
    if name == "stages" and isinstance(value, list):
        return "".join(("stages:\n", *(f"  - {_flow(stage)}\n" for stage in value)))
    return f"{name}: {_flow(value)}\n"
