"""Kinds as JSON schemas: what a reader takes validates, and where a schema can say so, nothing else does."""

import typing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from segcore import kinds
from segcore.catalog.catalog import Catalog
from segcore.catalog.standard import STANDARD
from segcore.kind_schemas import family_schemas, names_schema, of_kind, pattern_of, rows_of
from segcore.parsing.nodes import plain
from segcore.parsing.readers import context_for, read
from segcore.parsing.yaml_text import read as read_text
from tests import strategies

SMALL = Catalog(
    signatures=(
        ("callback", ("Stop", "Wave(period: Integer(1) = 10, low: Number = 0)", "Must(a: Flag, b: Text)")),
        ("loss", ("dice_loss", "huber")),
        ("dataset", ("folders(images: PathText, depth: Integer(1) = 1)", "csv(file: PathText)")),
    )
)
DEFINITIONS = {
    name: schema for family, _ in SMALL.signatures for name, schema in family_schemas(family, SMALL).items()
}


def accepts(kind, value):
    return Draft7Validator({**of_kind(kind, SMALL), "definitions": DEFINITIONS}).is_valid(value)


KINDS = (
    kinds.Flag(),
    kinds.Integer(1, 9),
    kinds.Number(minimum=0, below=1),
    kinds.Number(above=0),
    kinds.Text(),
    kinds.Text(("auto", "min")),
    kinds.PathText(("imagenet",)),
    kinds.Monitor(),
    kinds.Optional(kinds.Integer(0)),
    kinds.ListOf(kinds.Integer(1), length=2),
    kinds.ListOf(kinds.Integer(1), minimum=1, bare=True),
    kinds.Either((kinds.Text(("auto",)), kinds.Number(0, 1))),
    kinds.TableOf(kinds.Number(0), ("x", "y")),
    kinds.TableOf(kinds.Flag()),
    kinds.Stochastic(0, 5),
    kinds.Stochastic(0, 5, whole=True),
    kinds.Named("callback"),
    kinds.NamedList("callback"),
    kinds.Formatted("dataset", "folders"),
    kinds.Losses(),
    kinds.Anything(),
)
FRAGMENTS = st.sampled_from(
    (
        *("Stop", "stop", "wave", "Wave_", "Must", "a", "b", "period", "low"),
        *("auto", "min", "imagenet", "x", "y", "choice", "huber", "2*huber + dice_loss", "huber+"),
        *("format", "folders", "csv", "images", "depth", "file"),
    )
)
VALUES = strategies.plain_values(
    st.none() | st.booleans() | st.integers(-2, 12) | st.sampled_from([0.5, -0.5, 1.0e301]) | FRAGMENTS,
    FRAGMENTS,
    max_leaves=6,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@given(value=VALUES)
def test_what_a_reader_takes_validates(kind, value):
    node = read_text(strategies.to_json(value)).node
    if node is not None and not read(kind, node, context_for(SMALL)).findings:
        assert accepts(kind, plain(node)), value


REFUSED = (
    (kinds.Flag(), "yes"),
    (kinds.Flag(), 1),
    (kinds.Integer(1, 9), 0),
    (kinds.Integer(1, 9), 2.5),
    (kinds.Integer(1, 9), True),
    (kinds.Number(minimum=0, below=1), 1),
    (kinds.Number(above=0), 0),
    (kinds.Number(), float("inf")),
    (kinds.Text(), ""),
    (kinds.Text(("auto",)), "automatic"),
    (kinds.PathText(), 3),
    (kinds.Optional(kinds.Integer(0)), "null"),
    (kinds.ListOf(kinds.Integer(1), length=2), [1]),
    (kinds.ListOf(kinds.Integer(1), minimum=1, bare=True), []),
    (kinds.Either((kinds.Text(("auto",)), kinds.Number(0, 1))), 2),
    (kinds.TableOf(kinds.Number(0), ("x", "y")), {"z": 1}),
    (kinds.Stochastic(0, 5), [1, 2, 3]),
    (kinds.Stochastic(0, 5), {"choice": []}),
    (kinds.Stochastic(0, 5, whole=True), 1.5),
    (kinds.Named("callback"), "Stopp"),
    (kinds.Named("callback"), "Must"),
    (kinds.Named("callback"), {"Must": {"a": True}}),
    (kinds.Named("callback"), {"Stop": None, "Wave": None}),
    (kinds.Named("callback"), {}),
    (kinds.Named("callback"), {"Wave": {"perod": 3}}),
    (kinds.Named("callback"), {"Wave": 0}),
    (kinds.NamedList("callback"), ["Stop", "Stopp"]),
    (kinds.NamedList("callback"), {"Wave": {"period": "long"}}),
    (kinds.Formatted("dataset", "folders"), {}),
    (kinds.Formatted("dataset", "folders"), {"format": "csv", "images": "a"}),
    (kinds.Formatted("dataset", "folders"), {"images": "a", "file": "b"}),
    (kinds.Losses(), "dice_loss+"),
    (kinds.Losses(), "dice_los"),
)


@pytest.mark.parametrize(("kind", "value"), REFUSED, ids=str)
def test_what_no_reader_takes_is_refused(kind, value):
    assert not accepts(kind, value)


def test_every_kind_has_a_schema():
    assert {type(kind) for kind in KINDS} == set(typing.get_args(kinds.Kind))


@given(
    st.sampled_from([name for family, _ in STANDARD.signatures for name in STANDARD.names(family)]), st.data()
)
def test_a_name_is_found_in_any_case_and_with_any_underscores(name, data):
    letters = [
        data.draw(st.sampled_from([one.lower(), one.upper()])) + data.draw(st.sampled_from(["", "_"]))
        for one in name
        if one != "_"
    ]
    assert Draft7Validator(names_schema([name])).is_valid("".join(letters))
    assert not Draft7Validator(names_schema([name])).is_valid("".join(letters) + "z")


def test_canonical_spellings_are_listed_for_completion():
    assert {"enum": ["Stop", "Wave"]} in names_schema(["Stop", "Wave"])["anyOf"]
    assert names_schema([]) == {"not": {}}
    assert pattern_of(["a_b"]) == "(?:_*[aA]_*[bB]_*)"
    assert [row.name for row in rows_of("callback", SMALL)] == ["Stop", "Wave", "Must"]
