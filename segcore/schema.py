"""A JSON schema (draft 7) of the config, made from the records and the catalog, for editors that complete and check.

What parses validates. What relates keys to one another, but for an architecture and its options, is left to `check`.
"""

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from attrs import NOTHING, Attribute, Factory, fields

from segcore.catalog.catalog import Catalog
from segcore.catalog.rows import Row
from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import Key, key_of, required
from segcore.kind_schemas import Schema, family_schemas, names_schema, of_kind, pattern_of, rows_of
from segcore.parsing.dumping import plain
from segcore.parsing.limits import NAME_LIMIT, STAGE_LIMIT
from segcore.parsing.read_keys import COMPOSING, CROPS
from segcore.parsing.read_search import KEYS, OVER
from segcore.parsing.read_space import FIXED, RANGE_KEYS, VALUE_LIMIT

DRAFT = "http://json-schema.org/draft-07/schema#"


def _default(attribute: "Attribute[Any]") -> Schema:
    """Return the default of a key where it depends on no other key."""
    given: Any = attribute.default
    if given is NOTHING or isinstance(given, Factory):  # type: ignore[arg-type]
        return {}
    return {"default": plain(given)}


def _stages(catalog: Catalog) -> Schema:
    own = [(key_of(one), one) for one in fields(Stage)]
    replacing = [(key_of(one), one) for one in fields(ExperimentConfig)]
    properties = {key.name: _property(key, _default(one), catalog) for key, one in own if key}
    properties |= {key.name: _property(key, {}, catalog) for key, _ in replacing if key and key.stage}
    stage = {
        "type": "object",
        "properties": properties,
        "required": list(required(Stage)),
        "additionalProperties": False,
    }
    return {"type": "array", "items": stage, "minItems": 1, "maxItems": STAGE_LIMIT}


def _backbone(catalog: Catalog) -> Schema:
    return names_schema(catalog.names("encoder"))


def _imports(_catalog: Catalog) -> Schema:
    name = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$"}
    return {"type": "array", "items": name, "uniqueItems": True, "maxItems": NAME_LIMIT}


def _crops(catalog: Catalog) -> Schema:
    count = of_kind(CROPS["count"], catalog)
    mapping = {
        "type": "object",
        "properties": {name: of_kind(kind, catalog) for name, kind in CROPS.items()},
        "required": ["count"],
        "additionalProperties": False,
    }
    return {"anyOf": [count, mapping]}


def _range() -> Schema:
    """Return the range of what a search varies."""
    return {
        "type": "object",
        "properties": {name: of_kind(kind, Catalog()) for name, kind in RANGE_KEYS.items()},
        "required": ["low", "high"],
        "additionalProperties": False,
    }


def _values(items: Schema) -> Schema:
    choices = {"type": "array", "items": items, "minItems": 1, "maxItems": VALUE_LIMIT}
    return {"anyOf": [choices, {"$ref": "#/definitions/search.range"}]}


def _varied(catalog: Catalog) -> Schema:
    """Return what a search may vary: keys of the top level, whose choices are values of them, and places in them."""
    options = {one.name for row in rows_of("architecture", catalog) for one in row.parameters}
    known = {key.name for attribute in fields(ExperimentConfig) if (key := key_of(attribute))}
    names = sorted((known | options) - {*FIXED})
    return {
        "type": "object",
        "properties": {name: _values({"$ref": f"#/properties/{name}"}) for name in names},
        "patternProperties": {r"^[^.]+\.": _values({})},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": NAME_LIMIT,
    }


def _search(catalog: Catalog) -> Schema:
    return {
        "type": "object",
        "properties": {
            **{name: of_kind(kind, catalog) for name, kind in KEYS.items()},
            OVER: _varied(catalog),
        },
        "required": ["method", OVER],
        "additionalProperties": False,
        "if": {"properties": {"method": {"enum": ["random", "tpe"]}}, "required": ["method"]},
        "then": {"required": ["trials"]},
    }


# Keys of which the kind says less than their reader.
_READ_BEYOND = MappingProxyType(
    {"stages": _stages, "backbone": _backbone, "imports": _imports, "crops": _crops, "search": _search}
)


def _property(key: Key, default: Schema, catalog: Catalog) -> Schema:
    special = _READ_BEYOND.get(key.name)
    schema = special(catalog) if special else of_kind(key.kind, catalog)
    return {"description": key.doc, **default, **schema}


def _options(row: Row, catalog: Catalog) -> dict[str, Schema]:
    return {one.name: of_kind(one.kind, catalog) for one in row.parameters}


def _is_architecture(name: str) -> Schema:
    """Return the condition that a config has an architecture."""
    pattern = f"^{pattern_of([name])}$"
    mapping = {"type": "object", "minProperties": 1, "propertyNames": {"pattern": pattern}}
    given = {"anyOf": [{"type": "string", "pattern": pattern}, mapping]}
    return {"properties": {"architecture": given}, "required": ["architecture"]}


def _beside(architectures: Iterable[Row], catalog: Catalog) -> list[Schema]:
    """Return what the options beside an architecture may be: its own, and none of another one."""
    rows = list(architectures)
    every = {one.name for row in rows for one in row.parameters} - {
        key.name for attribute in fields(ExperimentConfig) if (key := key_of(attribute))
    }
    cases = []
    for row in rows:
        own = _options(row, catalog)
        allowed = {name: own.get(name, False) for name in sorted(every)}
        cases.append({"if": _is_architecture(row.name), "then": {"properties": allowed}})
    return cases


def _option_notes(rows: Iterable[Row]) -> dict[str, Schema]:
    owners: dict[str, list[str]] = {}
    for row in rows:
        for one in row.parameters:
            owners.setdefault(one.name, []).append(row.name)
    return {name: {"description": f"option of {' and '.join(found)}"} for name, found in owners.items()}


def schema(catalog: Catalog = STANDARD) -> Schema:
    """Return the JSON schema of a config as plain data.

    Names are listed in the spelling of the catalog and found in any case and with any underscores. The keys that
    a config cannot do without are required unless it extends another one.

    Parameters
    ----------
    catalog
        The names that a config may use.

    """
    declared = [(key, one) for one in fields(ExperimentConfig) if (key := key_of(one))]
    properties = {key.name: _property(key, _default(one), catalog) for key, one in declared}
    composing = {key.name: _property(key, {}, catalog) for key in COMPOSING}
    rows = rows_of("architecture", catalog)
    complete = {
        "if": {"not": {"required": ["extends"]}},
        "then": {"required": list(required(ExperimentConfig))},
    }
    definitions: dict[str, Schema] = {"search.range": _range()}
    for family, _ in catalog.signatures:
        definitions |= family_schemas(family, catalog)
    return {
        "$schema": DRAFT,
        "title": "segshell experiment",
        "type": "object",
        "properties": {**_option_notes(rows), **composing, **properties},
        "additionalProperties": False,
        "allOf": [complete, *_beside(rows, catalog)],
        "definitions": definitions,
    }


def text(catalog: Catalog = STANDARD) -> str:
    """Return the JSON schema of a config as text of one line: indented it has twice the size."""
    return json.dumps(schema(catalog), allow_nan=False, ensure_ascii=False, separators=(",", ":")) + "\n"
