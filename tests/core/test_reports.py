"""Ranked rows: the metric's own direction, without a value last, and what differs beside them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import ConfigError
from segcore.meanings import ABSENT
from segcore.outcomes import Experiment, FoldResult
from segcore.parsing.experiment import parse
from segcore.reports import report

TEXT = "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nstages: [{epochs: 9}]\n"
CONFIG = parse(TEXT)


def experiment(path, text="", leaks=0, split="s", **columns):
    folds = (FoldResult(0, 1, 2, tuple(columns.items()), leaks),) if columns else ()
    return Experiment(path, parse(TEXT + text), folds=folds, split=split if folds else "")


def ranked(found):
    return [row.experiment.path for row in found.rows]


@given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=6), st.randoms(use_true_random=False))
def test_more_of_a_metric_is_better_and_less_of_a_loss_and_nan_is_last(values, random):
    every = [experiment(f"{at:02}", val_iou=value, val_loss=value) for at, value in enumerate(values)]
    random.shuffle(every)
    order = [at for at, value in enumerate(values) if not math.isnan(value)]
    last = [f"{at:02}" for at, value in enumerate(values) if math.isnan(value)]
    for column, sign in (("val_iou", -1), ("val_loss", 1)):
        if every:
            best = sorted(order, key=lambda at, sign=sign: (sign * values[at], at))
            assert ranked(report(every, sort_by=column)) == [f"{at:02}" for at in best] + last


def test_the_primary_metric_of_most_ranks_where_none_is_named():
    every = [
        experiment(name, "primary_metric: val_loss\n" * (name == "c"), val_iou=0.1, val_loss=1.0)
        for name in "abc"
    ]
    found = report(every)
    assert (found.sort_by, found.mode) == ("val_iou", "max")


def test_a_metric_that_is_named_is_shown_alone_and_ranks():
    every = [experiment("a", val_iou=0.2, val_loss=0.1), experiment("b", val_iou=0.3, val_loss=0.2)]
    found = report(every, ["loss"])
    assert (found.columns, found.sort_by, found.mode) == (("val_loss",), "val_loss", "min")
    assert ranked(report(every, ["val_iou"], "val_loss")) == ["a", "b"]


@pytest.mark.parametrize("given_names", [{"metrics": ["val_iuo"]}, {"sort_by": "val_iuo"}])
def test_a_metric_that_nobody_has_is_a_fault_that_names_the_nearest(given_names):
    with pytest.raises(ConfigError, match=r"Did you mean val_iou\?.*There are val_iou"):
        report([experiment("a", val_iou=0.2)], **given_names)


def test_a_column_of_unknown_direction_ranks_only_where_a_config_says_which_is_better():
    with pytest.raises(ConfigError, match="nobody says whether more or less of 'val_own'"):
        report([experiment("a", val_own=0.2)], sort_by="val_own")


def test_columns_are_those_of_training_then_those_of_validation_without_the_rate():
    every = [experiment("a", val_iou=0.2, loss=1.0, lr=0.1), experiment("b", iou=0.2, val_loss=1.0)]
    assert report(every).columns == ("iou", "loss", "val_iou", "val_loss")


def test_only_what_differs_is_a_parameter_and_what_cannot_be_read_has_none():
    broken = Experiment("c", None, faults=("no YAML",))
    found = report(
        [experiment("a", "batch: 8\n", val_iou=0.2), broken, experiment("b", "stratified: false\n")]
    )
    assert [one.path for one in found.parameters] == [("batch",)]
    values = {row.experiment.path: row.values for row in found.rows}
    assert values == {"a": (8,), "b": (16,), "c": (ABSENT,)}
    assert ranked(found) == ["a", "b", "c"]


def test_several_splits_and_leaks_are_told():
    found = report([experiment("a", val_iou=0.2), experiment("b", split="t", leaks=None, val_iou=0.9)])
    assert len(found.notes) == 2
    assert "2 different splits" in found.notes[0]
    assert "left out" in found.notes[1]
    assert ranked(found) == ["a", "b"]


def test_experiments_without_any_result_are_listed():
    assert ranked(report([experiment("b"), experiment("a")])) == ["a", "b"]
