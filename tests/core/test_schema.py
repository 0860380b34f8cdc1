"""The JSON schema: valid itself, true to the parser on every corpus, and strict where a schema can be."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator

from segcore.catalog.standard import STANDARD
from segcore.config import ExperimentConfig, Stage
from segcore.declaring import keys
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import examine
from segcore.parsing.extending import read_layer
from segcore.parsing.nodes import plain
from segcore.parsing.yaml_text import read
from segcore.schema import DRAFT, schema, text
from segcore.templates import new_config
from segshell.commands.demo import CONFIG as DEMO
from tests.config_strategies import configs
from tests.core.strictness_corpus import CORPUS, HEAD, config, staged
from tests.core.test_strictness import ACCEPTED

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "docs" / "examples").glob("*/*.yaml"))


@cache
def validator():
    return Draft7Validator(schema())


def faults(source):
    """Return what the schema has against a text, by the parser's own reading of YAML."""
    node = read(source).node
    assert node is not None
    return [f"{list(one.path)}: {one.message[:200]}" for one in validator().iter_errors(plain(node))]


def test_it_is_a_schema_of_draft_7():
    assert schema()["$schema"] == DRAFT == Draft7Validator.META_SCHEMA["$schema"]
    Draft7Validator.check_schema(schema())


def test_every_reference_leads_somewhere():
    def references(node):
        if isinstance(node, dict):
            yield from ([node["$ref"]] if "$ref" in node else [])
            yield from (one for inner in node.values() for one in references(inner))
        elif isinstance(node, list):
            yield from (one for inner in node for one in references(inner))

    found = schema()
    for one in set(references(found)):
        part, name = one.removeprefix("#/").split("/")
        assert name in found[part], one


def test_the_text_is_the_same_schema_in_strict_json():
    assert json.loads(text(), parse_constant=pytest.fail) == json.loads(json.dumps(schema()))


def test_every_key_is_described():
    found = schema()
    for _, key in keys(ExperimentConfig):
        assert found["properties"][key.name]["description"] == key.doc
    stage = found["properties"]["stages"]["items"]["properties"]
    assert {key.name for _, key in keys(Stage)} <= set(stage)
    assert "lr" in stage
    assert "classes" not in stage
    assert {"extends", "remove", "search", "imports"} <= set(found["properties"])


@settings(max_examples=25)
@given(configs())
def test_every_config_validates(given_config):
    found = [
        f"{list(one.path)}: {one.message[:300]}"
        for one in validator().iter_errors(json.loads(json.dumps(as_plain(given_config))))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        *ACCEPTED,
        config(),
        staged(),
        DEMO,
        new_config("./schema.json"),
        *(file.read_text("utf-8") for file in FILES),
    ],
)
def test_what_parses_validates(source):
    assert examine(source).findings == ()
    assert faults(source) == []


def test_every_text_of_the_corpora_that_parses_validates():
    """Also those of the corpus of wrong texts, where the parser has nothing against one."""
    for source, _ in CORPUS:
        if not examine(source).findings:
            assert faults(source) == []


# Codes of faults that a schema can tell: of single values and keys, not of their relations.
EXPRESSIBLE = frozenset(
    {"unknown-key", "missing-key", "stage-key", "root-key", "not-available", "wrong-type", "out-of-range"}
    | {"not-a-choice", "empty-text", "wrong-length", "unknown-name", "refused-name", "unknown-argument"}
    | {"missing-argument", "import-name", "not-finite"}
)
WRONG = [
    (source, expected[0][0])
    for source, expected in CORPUS
    if {code for code, _, _ in expected} <= EXPRESSIBLE and read(source).node is not None
    if ".nan" not in source  # which JSON does not know
]


@pytest.mark.parametrize(
    ("source", "code"), WRONG, ids=[f"{number}-{code}" for number, (_, code) in enumerate(WRONG)]
)
def test_what_is_wrong_with_a_single_value_is_refused(source, code):
    assert faults(source) != [], code


@pytest.mark.parametrize(
    "source",
    [
        config("decoder_block_type: transpose").replace("Unet", "FPN"),
        config("psp_dropout: 0.5"),
        config("decoder_block_type: other"),
        config("loss: dice_loss+"),
        config("loss: 2 dice_loss"),
        config("imports: [one, one]"),
        config("augmentation: {Fliplr: {q: 1}}"),
        config().replace("resnet34", "resnet35"),
        HEAD + "extends: base.yaml\nbatch: none\n",
        "extends: base.yaml\nstages: []\n",
    ],
)
def test_more_that_a_schema_can_tell(source):
    assert faults(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "extends: base.yaml\n",
        "extends: base.yaml\nlr: 0.1\nremove: [batch]\n",
        "extends: base.yaml\npsp_dropout: 0.5\n",
    ],
)
def test_a_config_that_extends_another_needs_no_keys(source):
    assert read_layer(source).base == "base.yaml"
    assert faults(source) == []


def test_names_of_an_extension_are_taken_with_its_catalog():
    larger = STANDARD.with_lines("architecture", ["Mine(width: Integer(1) = 8)"]).with_lines(
        "loss", ["mine_too"]
    )
    source = config("loss: mine_too+dice_loss", "width: 4").replace("Unet", "Mine")
    value = plain(read(source).node)
    assert examine(source, larger).findings == ()
    assert Draft7Validator(schema(larger)).is_valid(value)
    assert not validator().is_valid(value)


def test_a_required_key_that_gets_a_default_is_no_longer_required():
    """A control: what the schema requires are the keys that the parser misses."""
    required = schema()["allOf"][0]["then"]["required"]
    missing = [one.message for one in examine("lr: 1\n").findings if one.code == "missing-key"]
    assert len(required) == len(missing)
    assert all(any(repr(name) in message for message in missing) for name in required)
