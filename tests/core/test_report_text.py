"""The csv reads back to the same numbers, JSON is JSON, and the table names what is to be said."""

import csv
import io
import json
import math
import statistics

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.against import Against
from segcore.outcomes import Experiment, FoldResult
from segcore.parsing.experiment import parse
from segcore.report_text import as_data, csv_rows, done_text, lines, marked_state
from segcore.reports import report
from segshell.result_tables import write_rows

TEXT = (
    "architecture: Unet\nbackbone: resnet18\nshape: [32, 32, 3]\nmetrics: [iou]\nfolds_count: 2\n"
    "stages: [{epochs: 9}]\n"
)


def experiment(path, text="", *values, leaks=0):
    folds = tuple(FoldResult(at, 1, 2, (("val_iou", value),), leaks, 20) for at, value in enumerate(values))
    return Experiment(path, parse(TEXT + text), folds=folds, split="0123" if folds else "")


EVERY = (
    experiment("a/config.yaml", "augmentation: {Affine: {rotate: [-9, 9]}}\n", 0.5, 0.7),
    experiment("b/config.yaml", "encoder_weights: 'a,\"b\"'\nstratified: true\n", 0.9, 0.9, leaks=3),
    Experiment("c/config.yaml", None, faults=("no YAML",)),
)


def read_back(rows):
    text = io.StringIO(newline="")
    write_rows(text, rows)
    return list(csv.DictReader(io.StringIO(text.getvalue(), newline="")))


def test_a_csv_reads_back_to_the_values_and_the_exact_numbers():
    first, second, third = read_back(csv_rows(report(EVERY)))
    assert first["path"] == "a/config.yaml"
    assert (first["state"], first["fold_count"], first["folds_planned"]) == ("finished", "2", "2")
    assert float(first["val_iou"]) == 0.6
    assert float(first["val_iou_sd"]) == pytest.approx(statistics.stdev([0.5, 0.7]))
    assert json.loads(first["augmentation.Affine.rotate"]) == [-9.0, 9.0]
    assert (first["stratified"], second["stratified"], third["stratified"]) == ("false", "true", "")
    assert (first["encoder_weights"], second["encoder_weights"]) == ("null", 'a,"b"')
    assert second["leaks"] == "fold 0: 3 of 20; fold 1: 3 of 20"
    assert (second["val_iou"], third["state"], third["remarks"]) == ("", "broken", "no YAML")


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=3))
def test_json_holds_numbers_or_null_and_nothing_else(values):
    data = as_data(report([experiment("a", "", *values)]))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    (one,) = data["experiments"]
    assert [fold["columns"]["val_iou"] for fold in one["folds"]] == [
        x if math.isfinite(x) else None for x in values
    ]


def test_a_value_that_is_not_there_is_left_out_of_json_and_null_is_not():
    data = as_data(report(EVERY))
    by_path = {one["path"]: one["parameters"] for one in data["experiments"]}
    assert by_path["a/config.yaml"]["encoder_weights"] is None
    assert "augmentation.Affine.rotate" not in by_path["b/config.yaml"]
    assert by_path["c/config.yaml"] == {}


def test_the_table_ranks_and_names_leaks_and_faults():
    shown = lines(report(EVERY))
    assert [line.split()[0] for line in shown[1:4]] == ["1", "2", "3"]
    assert "0.6000 ± 0.1414" in shown[1]
    assert "finished, leaks" in "\n".join(shown)
    assert "c/config.yaml: no YAML" in shown
    assert "b/config.yaml: fold 0: 3 of 20; fold 1: 3 of 20" in shown
    assert not any(line != line.rstrip() for line in shown)


def test_differences_to_the_best_stand_in_all_three():
    """A row that is not compared says so by an empty cell, a dash, or by saying nothing."""
    against = {"b/config.yaml": Against(-0.25, -0.5, -0.125, "worse", ("Few images.",))}
    made = report(EVERY, with_leaks=True)
    first, second, third = read_back(csv_rows(made, against))
    told = ("difference_to_best", "interval_low", "interval_high", "verdict")
    by_path = {one["path"]: one for one in (first, second, third)}
    assert [by_path["b/config.yaml"][name] for name in told] == ["-0.25", "-0.5", "-0.125", "worse"]
    assert [by_path["c/config.yaml"][name] for name in told] == [""] * 4
    data = {one["path"]: one.get("against_best") for one in as_data(made, against)["experiments"]}
    assert data["a/config.yaml"] is None
    assert data["b/config.yaml"]["high"] == -0.125
    shown = lines(made, against)
    assert any("-0.2500 [-0.5000, -0.1250] worse" in line for line in shown)
    assert "b/config.yaml: Few images." in shown
    assert not set(told) & set(csv_rows(made)[0])


def test_a_config_that_was_edited_since_is_marked_beside_its_state():
    edited = evolve(EVERY[0], changed=("batch",))
    assert marked_state(edited) == "finished, changed"
    assert marked_state(evolve(edited, folds=())) == "not run"
    assert marked_state(evolve(EVERY[1], changed=("batch",))) == "finished, changed, leaks"
    assert any("finished, changed" in line for line in lines(report([edited])))


def test_folds_of_replicates_are_not_taken_for_folds():
    one = experiment("a/config.yaml", "replicates: 3\n", 0.5, 0.7)
    assert done_text(one) == "2/6 = 2 x 3"
    assert [done_text(other) for other in EVERY] == ["2/2", "2/2", "0/?"]
