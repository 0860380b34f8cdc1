"""The plan as people and programs read it: every number of it, and ids where they are asked for."""

import json

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from segcore.config import Stage
from segcore.errors import DataError
from segcore.ledger import Result
from segcore.parsing.experiment import parse
from segcore.plan_text import as_data, id_lines, lines, start_text
from segcore.planning import plan, selected
from segcore.plans import Fresh, FromFile, FromStage
from segcore.starts import KnownWeights
from segcore.tiles import Crops
from segcore.values import Call
from tests import record_strategies as records

TABLE, SPLIT = records.table_of(12, [0, 1, 5]), records.split_of(12, 3)
PLAN = plan(records.config_of(), TABLE, SPLIT)


def rows_of(text):
    """Return the table below the blank line: its head and one list of cells per fold-stage."""
    head, *rows = text[text.index("") + 1 :]
    return head, rows


@pytest.mark.parametrize(
    ("starts", "text"),
    [
        (Fresh(), "initial"),
        (FromStage(1, 2, "key"), "kept of 1.2"),
        (FromFile("/some/folder/a.weights.h5", "digest"), "a.weights.h5"),
    ],
)
def test_where_weights_come_from_is_told_in_words(starts, text):
    assert start_text(starts) == text


def test_the_table_has_a_line_per_fold_stage_with_its_numbers():
    head, rows = rows_of(lines(PLAN))
    for run, row in zip(PLAN.runs, rows, strict=True):
        cells = row.split()
        assert [int(cell) for cell in cells[:7]] == [
            run.fold,
            run.stage,
            len(run.training),
            len(run.training.positives),
            run.training.count,
            run.steps,
            run.settings.epochs,
        ]
        assert float(cells[7]) == run.settings.lr
        assert run.key[:8] in cells
        assert row.endswith("to do")
        assert row.index(run.key[:8]) == head.index("key")


def test_the_head_tells_the_network_its_input_and_the_split():
    text = "\n".join(lines(PLAN)[:3])
    for told in (
        "Unet",
        "resnet18",
        "64x64x3",
        "identity",
        "momentum 0.9",
        "12",
        PLAN.split_digest,
        "seed 0",
    ):
        assert told in text


def test_skipped_stages_and_held_out_samples_are_told():
    skipping = plan(records.config_of(Stage(0), Stage(1)), TABLE, SPLIT)
    assert any("stage 0 has 0 epochs" in line for line in lines(skipping))
    assert not any("skipped" in line for line in lines(PLAN))
    assert any("3 held out" in line for line in lines(evolve(PLAN, held_out=3)))


def test_an_empty_selection_is_told():
    assert lines(selected(PLAN, ())) == ["nothing is planned: no fold-stage is selected"]


def test_leaks_are_told_with_their_number_or_as_unknown():
    fixed = plan(
        records.config_of(Stage(1), Stage(1, initial_weights="weights/best-0.0.weights")), TABLE, SPLIT
    )
    _, rows = rows_of(lines(fixed))
    assert [row.endswith("(leaks: 4 of 4)") for row in rows] == [False, False, False, True, False, True]
    weights = {"a": KnownWeights("/a.h5", "digest")}
    unknown = plan(records.config_of(Stage(1, initial_weights="a")), TABLE, SPLIT, weights)
    assert all(row.endswith("(leaks: unknown of 4)") for row in rows_of(lines(unknown))[1])


def test_what_is_done_is_told_in_the_table_and_in_the_data():
    run = PLAN.runs[0]
    ledger = (Result(run.fold, run.stage, run.key, run.parts, "a", "digest", 1, 3, (), ()),)
    assert [row.split()[-1] for row in rows_of(lines(PLAN, ledger))[1]] == ["done", *["do"] * 5]
    assert [one["status"] for one in as_data(PLAN, ledger)["runs"]] == ["done", *["to do"] * 5]


@settings(max_examples=20)
@given(records.configs(), st.integers(2, 3))
def test_the_data_are_json_and_hold_the_config_itself(config, parts):
    table = records.table_of(12, range(0, 12, 2))
    try:
        found = plan(config, table, records.split_of(12, parts))
    except DataError:
        assume(False)
    data = as_data(found, (), table)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert parse(json.dumps(data["config"])) == config
    assert [one["key"] for one in data["runs"]] == [run.key for run in found.runs]


def test_the_data_name_ids_only_where_a_table_is_given():
    assert all("training_ids" not in one for one in as_data(PLAN)["runs"])
    for run, one in zip(PLAN.runs, as_data(PLAN, (), TABLE)["runs"], strict=True):
        training, validation = (
            [TABLE.ids[row] for row in part]
            for part in (SPLIT.folds[run.fold].training, SPLIT.folds[run.fold].validation)
        )
        assert sorted(one["training_ids"]) == training
        assert set(one["validation_ids"]) <= set(validation)
        assert len(one["validation_ids"]) == one["validation_samples"]


def test_callbacks_are_told_with_what_they_watch_and_in_which_direction():
    stopping = Call("EarlyStopping", (("monitor", "val_iou"),))
    config = records.config_of(callbacks=(stopping, Call("TerminateOnNaN")))
    told = as_data(plan(config, TABLE, SPLIT))["runs"][0]["callbacks"]
    assert told[0]["callback"] == {"EarlyStopping": {"monitor": "val_iou"}}
    assert (told[0]["monitor"], told[0]["mode"]) == ("val_iou", "max")
    assert told[1] == {"callback": "TerminateOnNaN"}


def test_id_lines_list_every_id_of_each_part():
    text = id_lines(PLAN, TABLE)
    assert len(text) == 3 * len(PLAN.runs)
    for run, start in zip(PLAN.runs, range(0, len(text), 3), strict=True):
        positives, negatives = (json.loads(line.partition(": ")[2]) for line in text[start : start + 2])
        assert positives == [TABLE.ids[row] for row in run.training.positives]
        # The pool from which each epoch takes its negatives; where it takes none, none is named.
        assert negatives == [TABLE.ids[row] for row in run.training.negatives if run.training.count]
        assert text[start].startswith(f"{run.name} training positives: ")


def test_what_no_column_shows_is_said_of_the_stage_that_does_it():
    stages = (Stage(1), Stage(1, unfreeze_encoder=True, overrides=(("ema", 0.98), ("max_epoch_size", 2))))
    config = records.config_of(
        stages=stages, freeze_encoder=True, class_weights=(0.5, 8.25), crops=Crops(3, 0.25)
    )
    text = lines(plan(config, TABLE, SPLIT))
    assert [line for line in text if line.startswith("stage")] == [
        "stage 0   3 x 3 crops, overlap 0.25; encoder frozen; class weights 0.5, 8.25 (fold 0)",
        (
            "stage 1   3 x 3 crops, overlap 0.25; class weights 0.5, 8.25 (fold 0); averaged weights, ema 0.98; "
            "at most 2 steps an epoch"
        ),
    ]
    assert not [line for line in lines(PLAN) if line.startswith("stage")]


def test_gpus_that_share_batches_are_told_where_there_are_several():
    for gpus, told in ((1, []), (3, ["stage 0   batches shared by 3 GPUs"])):
        text = lines(plan(records.config_of(Stage(1), gpus=gpus), TABLE, SPLIT))
        assert [line for line in text if line.startswith("stage")] == told


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        (Call("CyclicLR", (("base_lr", 0.02),)), "0.02 CyclicLR"),
        (Call("CyclicLR"), "0.001 CyclicLR"),
        (Call("LRVariator", (("toVal", 0.5),)), "0.125 LRVariator"),
        (Call("LRVariator", (("fromVal", 0.25), ("toVal", 0.5))), "0.25 LRVariator"),
        (Call("TerminateOnNaN"), "0.125"),
    ],
)
def test_the_rate_is_that_of_the_first_step_with_the_name_of_what_moves_it(call, shown):
    config = records.config_of(lr=0.125, callbacks=(call,), stages=(Stage(1),))
    head, rows = rows_of(lines(plan(config, TABLE, SPLIT)))
    start, end = head.index("lr"), head.index("loss")
    assert {row[start:end].strip() for row in rows} == {shown}
