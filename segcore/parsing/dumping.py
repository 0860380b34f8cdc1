"""From records back to text: the same config, without what equals its default."""

import json
from typing import Any

from attrs import NOTHING, Factory, fields

from segcore.config import DataFolders, ExperimentConfig, Stage, key_of, keys
from segcore.loss_text import Term
from segcore.loss_text import write as write_loss
from segcore.values import Call, Choice, Range, Table


def plain(value: Any) -> Any:
    """Return a value as YAML writes it: lists, mappings and scalars that read back to the same value."""
    if isinstance(value, tuple):
        is_loss = bool(value) and all(isinstance(one, Term) for one in value)
        return write_loss(value) if is_loss else [plain(one) for one in value]
    match value:
        case Range(low=low, high=high):
            return [low, high]
        case Choice(options=options):
            return {"choice": [plain(one) for one in options]}
        case Table(items=items):
            return {name: plain(one) for name, one in items}
        case Call(name=name, arguments=arguments):
            return {name: {one: plain(given) for one, given in arguments}} if arguments else name
        case DataFolders(images=images, masks=masks):
            return {"images": images, "masks": masks}
        case Stage():
            return _stage(value)
    return value


def _differing(record: Any) -> dict[str, Any]:
    """Return what differs from its default, by spelling; a default may depend on other fields."""
    out = {}
    for attribute in fields(type(record)):
        declared, value = key_of(attribute), getattr(record, attribute.name)
        default: Any = attribute.default
        if isinstance(default, Factory):  # type: ignore[arg-type]
            default = default.factory(record) if default.takes_self else default.factory()
        if declared is not None and (default is NOTHING or value != default):
            out[declared.name] = plain(value)
    return out


def _stage(stage: Stage) -> dict[str, Any]:
    spelled = {name: found.name for name, found in keys(ExperimentConfig)}
    return {**_differing(stage), **{spelled[name]: plain(value) for name, value in stage.overrides}}


def as_plain(config: ExperimentConfig) -> dict[str, Any]:
    """Return the config as plain data: spelled keys, without what equals its default."""
    return _differing(config)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def dump(config: ExperimentConfig) -> str:
    """Return YAML text that parses to an equal config; scalars are JSON, which every YAML reader reads alike."""
    lines = []
    for name, value in as_plain(config).items():
        if name == "stages":
            lines += ["stages:", *(f"  - {_json(stage)}" for stage in value)]
        else:
            lines.append(f"{name}: {_json(value)}")
    return "\n".join(lines) + "\n"
