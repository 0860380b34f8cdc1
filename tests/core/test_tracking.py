"""What trackers are told: every leaf of a config once, under a name that they take."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.parsing.dumping import as_plain
from segcore.tracking import (
    LONGEST_NAME,
    LONGEST_TEXT,
    curves_folder,
    kept_row,
    name_of,
    parameters,
    title,
)
from tests import record_strategies as records

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
PLAIN = st.dictionaries(
    st.text(max_size=4),
    st.recursive(
        SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=4), one, max_size=3)
    ),
    max_size=4,
)


@given(PLAIN)
def test_every_name_is_one_that_trackers_take_and_stands_there_once(plain):
    found = parameters(plain)
    assert all(re.fullmatch(r"[\w\-. ]+", name, re.ASCII) for name, _ in found)
    assert len(dict(found)) == len(found)
    assert list(found) == sorted(found)


def leaves(value):
    """Return how many leaves a value has; a list without mappings is one."""
    if isinstance(value, dict) and value:
        return sum(map(leaves, value.values()))
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return sum(leaves(next(iter(one.values())) if is_call(one) else one) for one in value)
    return 1


def is_call(one):
    return isinstance(one, dict) and len(one) == 1 and isinstance(next(iter(one.values())), dict)


@given(PLAIN)
def test_every_leaf_is_told(plain):
    assert len(parameters(plain)) == (leaves(plain) if plain else 0)


@given(records.configs())
def test_every_key_of_a_config_is_told_and_texts_stay_what_they_are(config):
    plain = as_plain(config)
    found = dict(parameters(plain))
    assert {name.split(".")[0] for name in found} == set(plain)
    for name, value in plain.items():
        if isinstance(value, str):
            assert found[name] == value
        elif not isinstance(value, list | dict):
            assert json.loads(found[name]) == value


def test_calls_go_by_their_names_and_a_second_one_by_its_number():
    plain = {
        "callbacks": ["TerminateOnNaN", {"EarlyStopping": {"patience": 3}}],
        "augmentation": [{"Fliplr": {"p": 0.5}}, {"Fliplr": {"p": 0.1}}],
        "stages": [{"epochs": 2}, {"epochs": 1, "lr": 0.01}],
        "metrics": ["iou", "dice"],
    }
    assert dict(parameters(plain)) == {
        "augmentation.Fliplr.2.p": "0.1",
        "augmentation.Fliplr.p": "0.5",
        "callbacks.0": "TerminateOnNaN",
        "callbacks.EarlyStopping.patience": "3",
        "metrics": '["iou", "dice"]',
        "stages.0.epochs": "2",
        "stages.1.epochs": "1",
        "stages.1.lr": "0.01",
    }


@pytest.mark.parametrize(
    "callbacks",
    [
        ["MLflow"],
        ["MLflow", {"EarlyStopping": {"patience": 3}}],
        [{"MLflow": {"tracking_uri": "http://me:secret@b"}}],
    ],
)
def test_what_is_left_out_is_named_nowhere(callbacks):
    told = parameters({"lr": 0.1, "callbacks": callbacks}, without=("MLflow",))
    assert "MLflow" not in str(told)
    assert "secret" not in str(told)
    assert ("lr", "0.1") in told


@given(st.text(max_size=400))
def test_a_name_is_allowed_and_stays_where_it_was_allowed_before(text):
    name = name_of(text)
    assert re.fullmatch(r"[A-Za-z0-9_\-. ]+", name)
    assert len(name) <= LONGEST_NAME
    assert name_of(name) == name


def test_texts_that_are_too_long_are_cut():
    ((_, text),) = parameters({"dataset": "a" * 10**4})
    assert text == "a" * LONGEST_TEXT


def test_the_kept_row_is_the_last_that_improved():
    rows = [{"epoch": 1, "improved": 1}, {"epoch": 2, "improved": 1}, {"epoch": 3, "improved": 0}]
    assert kept_row(rows)["epoch"] == 2
    assert kept_row(rows[2:]) == {}


HOME = ("/", "data", "nuclei")
SECOND = (*HOME, "replicates", "2")


def test_a_replicate_is_one_whose_results_lie_elsewhere_than_its_config():
    assert title(HOME, HOME) == "nuclei"
    assert title(SECOND, HOME) == "nuclei/2"
    assert title(SECOND, SECOND) == "2"  # an experiment in a folder that somebody called so


@pytest.mark.parametrize(
    ("log_dir", "own"),
    [
        (HOME, HOME),
        ((*HOME, "logs"), (*HOME, "logs")),
        (("/", "data", "logs"), ("/", "data", "logs", "nuclei")),
        (("/", "data"), HOME),
        (("/", "data", "nuclei-logs"), ("/", "data", "nuclei-logs", "nuclei")),
    ],
)
def test_curves_outside_the_experiment_lie_below_its_name_and_those_of_a_replicate_below_its_number(
    log_dir, own
):
    assert curves_folder(log_dir, HOME, HOME) == own
    assert curves_folder(log_dir, SECOND, HOME) == (*own, "replicates", "2")
