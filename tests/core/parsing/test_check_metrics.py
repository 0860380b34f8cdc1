"""Checks of metrics: columns, classes, and what is watched."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.config import Stage
from segcore.parsing import check_metrics
from segcore.parsing.problems import Setting
from segcore.values import Call
from tests.record_strategies import config_of

MINE = STANDARD.with_lines("metric", ("novelty()",))
ONE_STAGE = (Stage(1),)


def setting(stages=ONE_STAGE, **changes):
    return Setting(evolve(config_of(), stages=stages, **changes), 0, frozenset())


def named(*names):
    return tuple(Call("iou", (("name", name),)) for name in names)


@given(
    st.lists(st.sampled_from(["a", "b", "val_a", "val_val_a", "loss", "lr", "epoch", "val_lr"]), max_size=4)
)
def test_no_column_is_written_twice(names):
    """The file's header as it would be written is the oracle."""
    measured = [*names, *(f"val_{name}" for name in names)]
    header = ["epoch", "loss", "val_loss", "lr", "improved", *measured]
    found = list(check_metrics.column_problems(setting(metrics=named(*names))))
    assert bool(found) == (len(set(header)) < len(header))


@pytest.mark.parametrize(
    ("call", "classes", "is_problem"),
    [
        (Call("CategoricalAccuracy"), 1, True),
        (Call("CategoricalAccuracy"), 2, False),
        (Call("BinaryAccuracy"), 1, False),
        (Call("OneHotMeanIoU", (("num_classes", 3),)), 3, False),
        (Call("OneHotMeanIoU", (("num_classes", 3),)), 4, True),
        (Call("OneHotIoU", (("num_classes", 3), ("target_class_ids", (0, 3)))), 3, True),
        (Call("OneHotIoU", (("num_classes", 3), ("target_class_ids", (0, 2)))), 3, False),
        (Call("Precision", (("class_id", 2),)), 2, True),
        (Call("Precision", (("class_id", 1),)), 2, False),
        (Call("BinaryIoU", (("target_class_ids", (1,)),)), 1, False),
    ],
)
def test_a_metric_fits_the_classes(call, classes, is_problem):
    found = list(check_metrics.classes_problems(setting(metrics=(call,), classes=classes)))
    assert bool(found) == is_problem


@pytest.mark.parametrize("column", ["loss", "val_loss", "a", "val_a"])
def test_what_is_measured_may_be_watched_on_either_part(column):
    assert not list(
        check_metrics.primary_problems(setting(metrics=named("a"), primary_metric=column), STANDARD)
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [("val_dice", "Add dice to metrics."), ("dice", "Add dice to metrics."), ("xyz", "Write one of these")],
)
def test_what_is_not_measured_is_a_problem_with_advice(column, words):
    (found,) = check_metrics.primary_problems(setting(metrics=(), primary_metric=column), STANDARD)
    assert found.code == "unknown-monitor"
    assert words in found.advice


def test_the_nearest_columns_are_those_on_validation_data():
    (found,) = check_metrics.primary_problems(setting(metrics=named("a"), primary_metric="b"), STANDARD)
    assert found.names == ("val_loss", "val_a")


def test_a_direction_must_be_known_or_given():
    metrics = (Call("novelty"),)
    unknown = setting(metrics=metrics, primary_metric="val_novelty")
    assert [one.code for one in check_metrics.primary_problems(unknown, MINE)] == ["unknown-direction"]
    known = evolve(unknown, config=evolve(unknown.config, primary_metric_mode="max"))
    assert not list(check_metrics.primary_problems(known, MINE))


def watching(column, **arguments):
    return Call("EarlyStopping", (("monitor", column), *arguments.items()))


def test_a_callback_is_found_where_it_was_written():
    stages = (Stage(1, extra_callbacks=(watching("y"),)),)
    both = setting(stages, callbacks=(Call("TerminateOnNaN"), watching("x"), watching("y")))
    found = list(check_metrics.callback_problems(both, STANDARD))
    assert [one.path for one in found] == [
        ("callbacks", 1, "monitor"),
        ("stages", 0, "extra_callbacks", 0, "monitor"),
    ]


def test_a_callback_on_the_primary_metric_shares_its_problem_and_its_direction():
    given_setting = setting(primary_metric="nothing", callbacks=(watching("nothing"), Call("EarlyStopping")))
    assert not list(check_metrics.callback_problems(given_setting, STANDARD))


def test_a_callback_needs_a_direction_of_its_own():
    measured = {"metrics": (*named("a"), Call("novelty"))}
    auto = setting(**measured, callbacks=(watching("novelty"),))
    given_mode = setting(**measured, callbacks=(watching("novelty", mode="min"),))
    assert [one.code for one in check_metrics.callback_problems(auto, MINE)] == ["unknown-direction"]
    assert not list(check_metrics.callback_problems(given_mode, MINE))


def test_names_given_by_the_user_are_shown_without_invisible_characters():
    (found,) = check_metrics.primary_problems(
        setting(metrics=named("a\x1b[31m"), primary_metric="\x1bb"), STANDARD
    )
    assert found.message.isprintable()
    assert all(one.isprintable() for one in found.names)
