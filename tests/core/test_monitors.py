"""What is watched: a measured column, and a direction that is known before training."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.catalog.standard import STANDARD
from segcore.monitors import Watch, callback_monitor, columns, direction, metric_columns, primary, watch
from segcore.values import Call

METRICS = tuple(Call(name) for name in STANDARD.names("metric"))
some_metrics = st.lists(st.sampled_from(METRICS), max_size=5, unique=True).map(tuple)


@given(some_metrics)
def test_loss_and_every_metric_have_a_column_on_training_and_on_validation_data(metrics):
    found = columns(metrics)
    assert len(found) == len(set(found)) == 2 * (len(metrics) + 1)
    assert {"loss", "val_loss"} <= set(found)
    training = [name for name in found if not name.startswith("val_")]
    assert found == (*training, *(f"val_{name}" for name in training))


@pytest.mark.parametrize("call", METRICS, ids=lambda call: call.name)
def test_every_metric_of_the_catalog_has_the_direction_of_its_row_on_both_parts(call):
    row = STANDARD.find("metric", call.name)
    for column in columns((call,)):
        wanted = "min" if column.endswith("loss") else row.direction
        assert direction(column, (call,), STANDARD) == wanted
        assert wanted in ("min", "max")


def test_a_renamed_metric_keeps_its_direction_under_its_new_column():
    call = Call("BinaryCrossentropy", (("name", "surprise"),))
    assert metric_columns((call,)) == ("surprise",)
    assert direction("val_surprise", (call,), STANDARD) == "min"
    assert direction("val_binary_crossentropy", (call,), STANDARD) == ""


def test_a_column_that_is_not_measured_has_no_direction():
    assert direction("val_iou", (), STANDARD) == ""


@given(some_metrics, st.text(min_size=1, max_size=5))
def test_a_given_column_is_the_primary_one(metrics, column):
    assert primary(column, metrics) == column


@given(some_metrics)
def test_without_one_the_primary_column_is_binary_accuracy_else_the_first_metric_else_the_loss(metrics):
    names = metric_columns(metrics)
    wanted = "binary_accuracy" if "binary_accuracy" in names else next(iter(names), "loss")
    assert primary(None, metrics) == f"val_{wanted}"
    assert primary(None, metrics) in columns(metrics)


@given(some_metrics, st.sampled_from(["min", "max"]))
def test_a_given_mode_wins_over_the_catalog(metrics, mode):
    assert watch(None, mode, metrics, STANDARD) == Watch(primary(None, metrics), mode)


@given(some_metrics)
def test_an_automatic_mode_is_resolved_whatever_is_measured(metrics):
    for column in columns(metrics):
        assert watch(column, "auto", metrics, STANDARD).mode in ("min", "max")


def test_more_iou_is_better_which_guessing_by_name_gets_wrong():
    assert watch("val_iou", "auto", (Call("iou"),), STANDARD) == Watch("val_iou", "max")


@pytest.mark.parametrize("name", ["EarlyStopping", "ReduceLROnPlateau"])
def test_a_callback_watches_what_it_says_else_the_primary_column(name):
    assert callback_monitor(Call(name, (("monitor", "val_loss"),)), "val_iou", STANDARD) == "val_loss"
    assert callback_monitor(Call(name), "val_iou", STANDARD) == "val_iou"


@pytest.mark.parametrize("name", ["TerminateOnNaN", "NoSuchCallback"])
def test_a_callback_without_a_monitor_watches_nothing(name):
    assert callback_monitor(Call(name), "val_iou", STANDARD) is None


def test_a_callback_whose_row_names_a_column_watches_that_one():
    catalog = STANDARD.with_lines("callback", ('Watcher(monitor: Monitor = "val_loss")',))
    assert callback_monitor(Call("Watcher"), "val_iou", catalog) == "val_loss"
