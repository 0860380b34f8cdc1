"""What differs between two configs as people and programs read it, with file and line of each value."""

import json
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.diffing import Difference
from segcore.errors import dotted
from segcore.in_force import Path
from segcore.meanings import ABSENT
from segcore.parsing.dumping import plain
from segcore.parsing.provenance import Origin
from segcore.values import Call

_FIELDS: Final = MappingProxyType({key.name: name for name, key in keys(ExperimentConfig)})
_WIDEST = 60


@frozen
class Side:
    """One of the configs that are compared: its name, and ``file:line`` of its values, empty for a default."""

    name: str
    config: ExperimentConfig
    places: tuple[tuple[Path, str], ...] = field(repr=False)


def side(name: str, config: ExperimentConfig, origins: Sequence[Origin]) -> Side:
    """Return a side from what `segcore.parsing.provenance.origins` says of a config."""
    return Side(name, config, tuple((one.path, one.place if one.line else "") for one in origins))


def _steps(value: Any, path: Path) -> Iterator[str | int]:
    """Yield the steps of a document for those of a difference: calls in a list go by their positions there."""
    rest = list(path)
    while rest:
        step = rest.pop(0)
        if isinstance(value, tuple) and isinstance(step, str):
            number = rest.pop(0) if rest and isinstance(rest[0], int) else 0
            named = [at for at, one in enumerate(value) if isinstance(one, Call) and one.name == step]
            if not isinstance(number, int) or number >= len(named):
                return
            yield named[number]
            value = value[named[number]]
        else:
            yield step
            value = value.get(str(step)) if isinstance(value, Call) else None


def _levels(config: ExperimentConfig, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield where a value may have been written, what is in force first: stages, then the top level."""
    stage = path[1] if path[0] == "stages" else None
    for position, one in enumerate(config.stages):
        if stage in (None, position):
            yield ("stages", position), {**_own(one), **dict(one.overrides)}
    yield (), {name: getattr(config, name) for name in _FIELDS.values()}


def _own(stage: Stage) -> dict[str, Any]:
    return {name: getattr(stage, name) for name, _ in keys(Stage)}


def _documents(config: ExperimentConfig, path: Path) -> Iterator[Path]:
    """Yield the paths in the document at which a value may stand, the likeliest first."""
    key, *rest = path[2:] if path[0] == "stages" else path
    name = _FIELDS[str(key)] if key in _FIELDS else str(key)
    for level, values in _levels(config, path):
        if name in values:
            yield (*level, key, *_steps(values[name], tuple(rest)))
        if key == "lr":
            yield (*level, "optimizer", "learning_rate")
        if key == "callbacks" and level:
            yield (*level, "extra_callbacks", *_steps(values["extra_callbacks"], tuple(rest)))
        if key == "freeze_encoder" and level:
            yield (*level, "unfreeze_encoder")


def place(one: Side, path: Path) -> str:
    """Return where a value was written, as ``file:line``, or ``default``.

    Parameters
    ----------
    one
        The config.
    path
        Of a `segcore.diffing.Difference`.

    """
    known = dict(one.places)
    for document in _documents(one.config, path):
        for length in range(len(document), 0, -1):
            found = known.get(document[:length])
            if found:
                return found
            if found is not None and length == len(document):
                break  # it is known, and it is not written here
    return "default"


def _text(value: Any) -> str:
    if value is ABSENT:
        return "-"
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def lines(differences: Sequence[Difference], sides: Sequence[Side]) -> list[str]:
    """Return differences as a table: the path, and of each side the value with ``file:line`` or ``default``."""
    if not differences:
        return ["no difference in meaning"]
    table = [("", *(cell for one in sides for cell in (one.name, "")))]
    for found in differences:
        pairs = zip(sides, found.values, strict=True)
        cells = (
            cell
            for one, value in pairs
            for cell in (_text(value), "" if value is ABSENT else place(one, found.path))
        )
        table.append((dotted(found.path), *cells))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)).rstrip() for row in table
    ]


def as_data(differences: Sequence[Difference], sides: Sequence[Side]) -> dict[str, Any]:
    """Return differences as plain data for JSON; a side that has no such place is null."""
    return {
        "configs": [one.name for one in sides],
        "differences": [
            {
                "path": dotted(found.path),
                "values": [
                    None if value is ABSENT else {"value": plain(value), "place": place(one, found.path)}
                    for one, value in zip(sides, found.values, strict=True)
                ],
            }
            for found in differences
        ],
    }
