"""Scores over folds, states, and what has changed since."""

import math
import statistics

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.outcomes import Experiment, FoldResult, changed_keys, scores
from segcore.parsing.dumping import as_plain
from segcore.parsing.experiment import parse

TEXT = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nfolds_count: 3\nstages: [{epochs: 9, lr: 0.1}]\n"
CONFIG = parse(TEXT)


def fold(number, leaks=0, **columns):
    return FoldResult(number, 1, 2, tuple(columns.items()), leaks)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=7))
def test_a_score_is_mean_and_sample_deviation(values):
    found = scores([fold(number, val_iou=value, lr=0.1) for number, value in enumerate(values)])
    assert set(found) == {"val_iou"}
    assert found["val_iou"].mean == pytest.approx(sum(values) / len(values), abs=1e-6)
    expected = math.sqrt(statistics.variance(values)) if len(values) > 1 else None
    assert found["val_iou"].deviation == (expected if expected is None else pytest.approx(expected))
    assert found["val_iou"].folds == len(values)


def test_values_whose_squares_overflow_have_a_deviation():
    found = scores([fold(0, a=1e300), fold(1, a=3e300)])["a"]
    assert (found.mean, found.deviation) == (pytest.approx(2e300), pytest.approx(math.sqrt(2) * 1e300))


def test_a_column_that_some_folds_lack_is_averaged_over_the_others():
    assert scores([fold(0, a=1.0), fold(1, a=3.0, b=5.0)])["b"].folds == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_fold_without_a_number_leaves_no_mean(value):
    found = scores([fold(0, a=value), fold(1, a=1.0)])["a"]
    assert math.isnan(found.mean)
    assert found.deviation is None


@pytest.mark.parametrize("leaks", [3, None])
def test_folds_that_leak_or_may_leak_count_only_when_asked_for(leaks):
    folds = [fold(0, a=1.0), fold(1, leaks, a=0.0)]
    assert scores(folds)["a"].mean == 1.0
    assert scores(folds, with_leaks=True)["a"].mean == 0.5


@pytest.mark.parametrize(
    ("given_fields", "state"),
    [
        ({}, "not run"),
        ({"interrupted": ("x",)}, "unfinished"),
        ({"folds": (fold(0),)}, "unfinished"),
        ({"folds": (fold(0), fold(1), fold(2))}, "finished"),
        ({"folds": (fold(0), fold(1)), "failed": ("x",)}, "failed"),
        ({"config": None, "faults": ("x",)}, "broken"),
    ],
)
def test_the_state_says_how_far_an_experiment_is(given_fields, state):
    assert evolve(Experiment("a", CONFIG), **given_fields).state == state


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (TEXT, ()),
        (TEXT + "batch: 8\n", ("batch",)),
        (TEXT + "classes: 1\nstratified: true\n", ()),  # neither changes the weights of a split
        (TEXT.replace("lr: 0.1", "lr: 0.2"), ("stages",)),
        (TEXT + "callbacks: {TensorBoard: {log_dir: logs}}\n", ()),
        (TEXT.replace("lr: 0.1", "lr: 0.1, extra_callbacks: [TensorBoard]"), ()),
        (TEXT.replace("lr: 0.1", "lr: 0.1, extra_callbacks: [TerminateOnNaN, TensorBoard]"), ("stages",)),
        (TEXT.replace("lr: 0.1", "lr: 0.1, callbacks: [TensorBoard]"), ("stages",)),  # takes the others away
        (TEXT + "callbacks: [TensorBoard, TerminateOnNaN]\n", ("callbacks",)),
        (TEXT + "encoder_weights: ../elsewhere.h5\n", ()),  # a path, told from another folder
    ],
)
def test_a_key_has_changed_where_it_decides_weights_and_reads_otherwise(text, keys):
    assert changed_keys(as_plain(CONFIG), as_plain(parse(text))) == keys


@given(
    st.dictionaries(
        st.sampled_from(["batch", "stages", "x"]), st.none() | st.lists(st.none() | st.integers())
    )
)
def test_whatever_was_recorded_is_compared(recorded):
    assert set(changed_keys(recorded, as_plain(CONFIG))) <= {
        "batch",
        "architecture",
        "backbone",
        "shape",
        "stages",
    }
