"""What a kind allows and what a family's names take, as JSON schemas (draft 7); never stricter than the parser."""

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any, TypeAlias

from segcore import kinds
from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Parameter, Required, Row
from segcore.kinds import Kind
from segcore.parsing.dumping import plain
from segcore.parsing.limits import NAME_LIMIT

Schema: TypeAlias = dict[str, Any]

# Beyond this the parser takes no number, so that infinity is refused as well.
_LARGEST = 1e300
_LONGEST_LOSS = 1000
_WEIGHT = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*\*\s*"


def _null_or(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _any_of(schemas: Iterable[Schema]) -> Schema:
    found = list(schemas)
    return found[0] if len(found) == 1 else {"anyOf": found}


def _spelling(name: str) -> str:
    """Return a pattern of a name in any case and with any underscores, as the catalog finds it."""
    letters = (f"[{one.lower()}{one.upper()}]" if one.isalpha() else one for one in name.replace("_", ""))
    return "_*" + "_*".join(letters) + "_*"


def pattern_of(names: Iterable[str]) -> str:
    """Return a regular expression of names in any case and with any underscores."""
    return "(?:" + "|".join(map(_spelling, names)) + ")"


def names_schema(names: Iterable[str]) -> Schema:
    """Return what names may be: the canonical spellings, which editors offer, and all others that are found."""
    listed = list(names)
    if not listed:
        return {"not": {}}
    return {"anyOf": [{"enum": listed}, {"type": "string", "pattern": f"^{pattern_of(listed)}$"}]}


def rows_of(family: str, catalog: Catalog) -> list[Row]:
    """Return the rows of a family, in the order of the catalog."""
    return list(catalog.rows(family))


def _needed(row: Row) -> list[str]:
    return [one.name for one in row.parameters if isinstance(one.default, Required)]


def _parameter(one: Parameter, catalog: Catalog) -> Schema:
    schema = of_kind(one.kind, catalog)
    return schema if isinstance(one.default, Required) else {**schema, "default": plain(one.default)}


def _arguments(row: Row, catalog: Catalog) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {one.name: _parameter(one, catalog) for one in row.parameters},
        "additionalProperties": False,
    }
    return {**schema, "required": _needed(row)} if _needed(row) else schema


def _after_name(row: Row, catalog: Catalog) -> Schema:
    """Return what may follow a name: its arguments, the first of them alone, or nothing."""
    needed, first = _needed(row), row.parameters[:1]
    bare = [of_kind(one.kind, catalog) for one in first if not set(needed) - {one.name}]
    nothing: list[Schema] = [] if needed else [{"type": "null"}]
    return _any_of([_arguments(row, catalog), *bare, *nothing])


def _reference(what: str, family: str) -> Schema:
    return {"$ref": f"#/definitions/{family}-{what}"}


def family_schemas(family: str, catalog: Catalog) -> dict[str, Schema]:
    """Return the definitions of a family: names alone, and a mapping from names to their arguments."""
    rows = rows_of(family, catalog)
    listed = {row.name: _after_name(row, catalog) for row in rows}
    mapping = {
        "type": "object",
        "properties": {name: {"$ref": f"#/definitions/{family}-{name}"} for name in listed},
        "patternProperties": {
            f"^{_spelling(name)}$": {"$ref": f"#/definitions/{family}-{name}"} for name in listed
        },
        "additionalProperties": False,
        "maxProperties": NAME_LIMIT,
    }
    alone = names_schema(row.name for row in rows if not _needed(row))
    own = {f"{family}-{name}": schema for name, schema in listed.items()}
    return {f"{family}-alone": alone, f"{family}-mapping": mapping, **own}


def _named(kind: kinds.Named, catalog: Catalog) -> Schema:
    one = {"allOf": [_reference("mapping", kind.family)], "minProperties": 1, "maxProperties": 1}
    rows = catalog.names(kind.family) if kind.bare else ()
    bare = [{"$ref": f"#/definitions/{kind.family}-{rows[0]}"}] if len(rows) == 1 else []
    return _any_of([_reference("alone", kind.family), one, *bare])


def _named_list(kind: kinds.NamedList, catalog: Catalog) -> Schema:
    alone, mapping = _reference("alone", kind.family), _reference("mapping", kind.family)
    item = _named(kinds.Named(kind.family), catalog)
    items = {"type": "array", "items": item, "maxItems": NAME_LIMIT}
    return _any_of([mapping, items, alone, {"type": "null"}])


def _losses(_kind: kinds.Losses, catalog: Catalog) -> Schema:
    names = catalog.names("loss")
    term = f"(?:{_WEIGHT})?{pattern_of(names)}"
    pattern = rf"^\s*{term}(?:\s*\+\s*{term})*\s*$"
    return {
        "anyOf": [
            {"enum": list(names)},
            {"type": "string", "pattern": pattern, "maxLength": _LONGEST_LOSS},
        ]
    }


def _formatted(kind: kinds.Formatted, catalog: Catalog) -> Schema:
    """Return a mapping whose `format` says which other keys it has."""
    rows = rows_of(kind.family, catalog)
    cases = []
    for row in rows:
        schema = _arguments(row, catalog)
        named = {"properties": {"format": names_schema([row.name])}}
        condition = named if row.name == kind.default else {**named, "required": ["format"]}
        options = {"properties": {**schema["properties"], "format": True}, "additionalProperties": False}
        cases.append({"if": condition, "then": {**options, "required": _needed(row)}})
    formats = {**names_schema(row.name for row in rows), "default": kind.default}
    return {"type": "object", "properties": {"format": formats}, "allOf": cases}


def _integer(kind: kinds.Integer, _catalog: Catalog) -> Schema:
    bounds = {"minimum": kind.minimum, "maximum": kind.maximum}
    return {"type": "integer", **{name: one for name, one in bounds.items() if one is not None}}


def _number(kind: kinds.Number, _catalog: Catalog) -> Schema:
    bounds = {
        "minimum": -_LARGEST if kind.minimum is None else kind.minimum,
        "maximum": _LARGEST if kind.maximum is None else kind.maximum,
        "exclusiveMinimum": kind.above,
        "exclusiveMaximum": kind.below,
    }
    return {"type": "number", **{name: one for name, one in bounds.items() if one is not None}}


def _text(kind: kinds.Text, _catalog: Catalog) -> Schema:
    return {"enum": list(kind.choices)} if kind.choices else {"type": "string", "minLength": 1}


def _path(kind: kinds.PathText, _catalog: Catalog) -> Schema:
    text: Schema = {"type": "string", "minLength": 1}
    return {"anyOf": [{"enum": list(kind.words)}, text]} if kind.words else text


def _list(kind: kinds.ListOf, catalog: Catalog) -> Schema:
    item = of_kind(kind.of, catalog)
    least, most = (kind.minimum, None) if kind.length is None else (kind.length, kind.length)
    schema: Schema = {"type": "array", "items": item}
    schema |= {"minItems": least} if least else {}
    schema |= {} if most is None else {"maxItems": most}
    return _any_of([schema, item]) if kind.bare else schema


def _table(kind: kinds.TableOf, catalog: Catalog) -> Schema:
    inner = of_kind(kind.of, catalog)
    if not kind.keys:
        return {"type": "object", "additionalProperties": inner}
    return {"type": "object", "properties": dict.fromkeys(kind.keys, inner), "additionalProperties": False}


def _stochastic(kind: kinds.Stochastic, _catalog: Catalog) -> Schema:
    bounds = {"minimum": kind.minimum, "maximum": kind.maximum}
    one: Schema = {"type": "integer" if kind.whole else "number"}
    one |= {name: bound for name, bound in bounds.items() if bound is not None}
    choice = {"type": "array", "items": one, "minItems": 1}
    drawn = {
        "type": "object",
        "properties": {"choice": choice},
        "required": ["choice"],
        "additionalProperties": False,
    }
    return _any_of([one, {"type": "array", "items": one, "minItems": 2, "maxItems": 2}, drawn])


_MAKERS: MappingProxyType[type, Callable[[Any, Catalog], Schema]] = MappingProxyType(
    {
        kinds.Flag: lambda _kind, _catalog: {"type": "boolean"},
        kinds.Integer: _integer,
        kinds.Number: _number,
        kinds.Text: _text,
        kinds.PathText: _path,
        kinds.Monitor: lambda _kind, _catalog: {"type": "string", "minLength": 1},
        kinds.Optional: lambda kind, catalog: _null_or(of_kind(kind.of, catalog)),
        kinds.ListOf: _list,
        kinds.Either: lambda kind, catalog: _any_of(of_kind(one, catalog) for one in kind.of),
        kinds.TableOf: _table,
        kinds.Stochastic: _stochastic,
        kinds.Named: _named,
        kinds.NamedList: _named_list,
        kinds.Formatted: _formatted,
        kinds.Losses: _losses,
        kinds.Anything: lambda _kind, _catalog: {},
    }
)


def of_kind(kind: Kind, catalog: Catalog) -> Schema:
    """Return what a kind allows as a schema; names refer to the definitions of `schema`."""
    return _MAKERS[type(kind)](kind, catalog)
