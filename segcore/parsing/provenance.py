"""Where every value in force was written: in which file and line, or nowhere, which makes it a default."""

import json
from typing import Any

from attrs import frozen

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Required
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.errors import Place, dotted
from segcore.kinds import Formatted, Kind, Named, NamedList, Optional
from segcore.parsing.dumping import plain
from segcore.parsing.locating import locate
from segcore.parsing.nodes import Mapping, Node, Scalar, Sequence
from segcore.values import Call

_Path = tuple[str | int, ...]
_WIDEST = 60


@frozen
class Origin:
    """A value in force.

    Attributes
    ----------
    path
        Where it stands, or would stand, in the config.
    value
        As plain data; paths are relative to the config. Of names with arguments the names, since the arguments
        have origins of their own.
    file, line
        Where it was written, the line counted from 1; file empty and line 0 for a default.

    """

    path: _Path
    value: Any
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """``file:line``, or ``default``."""
        return f"{self.file}:{self.line}" if self.line else "default"


@frozen
class _Written:
    """The document, and the name of its top file."""

    root: Node
    name: str

    def origin(self, path: _Path, value: Any, place: Place | None) -> Origin:
        if place is None:
            return Origin(path, value)
        return Origin(path, value, place.source or self.name, place.line)


def _key_place(node: Node | None, name: str) -> Place | None:
    pairs = node.items if isinstance(node, Mapping) else ()
    return next((key.place for key, _ in pairs if key.text == name), None)


def _shown(kind: Kind, value: Any) -> Any:
    """Return a value as plain data; calls whose arguments are told by themselves are their names."""
    match kind, value:
        case Formatted(), Call(name=name, arguments=arguments):
            return {"format": name, **{argument: plain(given) for argument, given in arguments}}
        case Named(), Call(name=name):
            return name
        case NamedList(), tuple():
            return [call.name for call in value]
        case _:
            return plain(value)


def _after_name(path: _Path, root: Node) -> Node | None:
    """Return what follows a name: its arguments, a bare first one, or None where the name stands alone."""
    steps, node = locate(root, path)
    if len(steps) < len(path):
        return None
    if isinstance(path[-1], int) and isinstance(steps[-1], str):  # a mapping from names was entered
        value: Node | None = node
    else:
        value = node.items[0][1] if isinstance(node, Mapping) and len(node.items) == 1 else None
    return None if isinstance(value, Scalar) and value.value is None else value


def _arguments(family: str, call: Call, path: _Path, written: _Written, catalog: Catalog) -> list[Origin]:
    """Return the arguments of a call, those left at their defaults too."""
    row = catalog.find(family, call.name)
    given, after = dict(call.arguments), _after_name(path, written.root)
    names = {key.text for key, _ in after.items} if isinstance(after, Mapping) else set()
    found = []
    for position, one in enumerate(row.parameters if row else ()):
        default = None if isinstance(one.default, Required) else one.default
        beside = _key_place(written.root, one.name) if family == "architecture" else None
        is_bare = position == 0 and after is not None and not (names and names != {"choice"})
        place = beside or _key_place(after, one.name) or (after.place if after and is_bare else None)
        found.append(written.origin((*path, one.name), plain(given.get(one.name, default)), place))
    return found


def _calls(kind: Kind, value: Any, path: _Path, written: _Written, catalog: Catalog) -> list[Origin]:
    match kind, value:
        case Named(family=family), Call():
            return _arguments(family, value, path, written, catalog)
        case NamedList(family=family), tuple():
            pairs = ((*path, position) for position in range(len(value)))
            rows = zip(pairs, value, strict=True)
            return [one for at, call in rows for one in _arguments(family, call, at, written, catalog)]
        case _:
            return []


def _value(
    kind: Kind, value: Any, path: _Path, node: Node | None, written: _Written, catalog: Catalog
) -> list[Origin]:
    """Return a key's origin, and those of the arguments of the calls that it holds."""
    inner = kind.of if isinstance(kind, Optional) else kind
    own = written.origin(path, _shown(inner, value), _key_place(node, str(path[-1])))
    return [own, *_calls(inner, value, path, written, catalog)]


def _stage(
    stage: Stage, position: int, node: Node | None, written: _Written, catalog: Catalog
) -> list[Origin]:
    path: _Path = ("stages", position)
    declared = [(key, getattr(stage, field)) for field, key in keys(Stage)]
    replaced = dict(stage.overrides)
    declared += [(key, replaced[field]) for field, key in keys(ExperimentConfig) if field in replaced]
    return [
        one
        for key, value in declared
        for one in _value(key.kind, value, (*path, key.name), node, written, catalog)
    ]


def origins(config: ExperimentConfig, root: Node, name: str, catalog: Catalog) -> tuple[Origin, ...]:
    """Return every value in force with where it was written: all keys, arguments of names, and stages.

    Parameters
    ----------
    config
        What was read.
    root
        The document that it was read from; places in files that were extended have a `source`.
    name
        Name of the file that was asked for.
    catalog
        The names that the config may use, for the defaults of their arguments.

    """
    written = _Written(root, name)
    found: list[Origin] = []
    for field, key in keys(ExperimentConfig):
        if key.name != "stages":
            found += _value(key.kind, getattr(config, field), (key.name,), root, written, catalog)
    _, node = locate(root, ("stages",))
    items = node.items if isinstance(node, Sequence) else ()
    for position, stage in enumerate(config.stages):
        item = items[position] if position < len(items) else None
        found += _stage(stage, position, item if isinstance(item, Mapping) else None, written, catalog)
    return tuple(found)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def lines(found: tuple[Origin, ...]) -> tuple[str, ...]:
    """Return origins as a table: path, value, ``file:line`` or ``default``."""
    rows = [(dotted(one.path), _text(one.value), one.place) for one in found]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    return tuple(f"{path:{widths[0]}}  {value:{widths[1]}}  {place}" for path, value, place in rows)


def as_data(found: tuple[Origin, ...]) -> list[dict[str, Any]]:
    """Return origins as plain data for JSON; the line of a default is null."""
    return [
        {"path": dotted(one.path), "value": one.value, "file": one.file or None, "line": one.line or None}
        for one in found
    ]
