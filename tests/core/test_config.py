"""The experiment's records: every field is declared, and defaults follow from the other fields."""

import pickle

import pytest
from attrs import NOTHING, field, fields, make_class
from hypothesis import given, settings

from segcore.config import ExperimentConfig, Stage
from segcore.declaring import Key, key_of, keys, required
from segcore.loss_text import Term
from segcore.parsing.dumping import dump
from segcore.parsing.experiment import parse
from segcore.values import Call
from tests import record_strategies as records

RECORDS = (ExperimentConfig, Stage)


def undeclared(record):
    """Return the fields of a record that say neither their kind nor whether they decide weights."""
    return [one.name for one in fields(record) if key_of(one) is None]


def test_every_field_says_whether_it_decides_weights():
    assert undeclared(ExperimentConfig) == []
    assert undeclared(Stage) == ["overrides"]


def test_a_field_without_such_a_declaration_would_be_found():
    forgetful = make_class("Forgetful", {"epochs": field(default=1)}, bases=(Stage,), frozen=True)
    assert undeclared(forgetful) == ["overrides", "epochs"]


@pytest.mark.parametrize("record", RECORDS)
def test_keys_are_spelled_differently_and_explained(record):
    spelled = [found.name for _, found in keys(record)]
    assert len(set(spelled)) == len(spelled)
    assert all(found.doc and isinstance(found, Key) for _, found in keys(record))


def test_no_key_of_a_stage_is_spelled_as_one_of_the_experiment():
    """Else nobody could tell whether a stage declares or replaces it."""
    assert not {key.name for _, key in keys(Stage)} & {key.name for _, key in keys(ExperimentConfig)}


@pytest.mark.parametrize(
    ("field_name", "spelling"),
    [
        ("validation_split", "validationSplit"),
        ("test_split", "testSplit"),
        ("test_split_seed", "testSplitSeed"),
        ("folds_count", "folds_count"),
    ],
)
def test_keys_of_the_split_keep_the_spelling_that_users_know(field_name, spelling):
    assert dict(keys(ExperimentConfig))[field_name].name == spelling


def test_required_keys_are_those_without_a_default():
    assert required(ExperimentConfig) == ("architecture", "backbone", "shape", "stages")
    assert required(Stage) == ("epochs",)
    assert [one.name for one in fields(Stage) if one.default is NOTHING] == ["epochs"]


@pytest.mark.parametrize(
    ("classes", "given", "activation", "loss"),
    [
        (1, {}, "sigmoid", "binary_crossentropy"),
        (3, {}, "softmax", "categorical_crossentropy"),
        (3, {"activation": "sigmoid"}, "sigmoid", "binary_crossentropy"),
    ],
)
def test_the_last_activation_follows_the_classes_and_the_loss_follows_the_activation(
    classes, given, activation, loss
):
    made = records.config_of(classes=classes, **given)
    assert made.activation == activation
    assert made.loss == (Term(1.0, loss),)


def test_defaults_are_those_that_are_documented():
    made = records.config_of()
    defaults = ExperimentConfig(made.architecture, made.backbone, made.shape, made.stages)
    assert (defaults.batch, defaults.folds_count, defaults.random_state) == (16, 5, 33)
    assert (defaults.validation_split, defaults.test_split, defaults.test_split_seed) == (0.2, 0, 123)
    assert (defaults.optimizer, defaults.batchnorm_momentum) == (Call("Adam"), "auto")
    assert Stage(1).negatives == "real"


@settings(max_examples=50)
@given(records.configs())
def test_a_config_hashes_pickles_and_survives_being_written_and_parsed(config):
    again = pickle.loads(pickle.dumps(config))  # noqa: S301 - made in the line before
    assert again == config
    assert hash(again) == hash(config)
    assert parse(dump(config)) == config
