"""What is done, what is left, and why: by key, told by the part that differs."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from segcore.errors import DataError
from segcore.ledger import Leftover, Result, Status, remaining, status, trained_run
from segcore.planning import plan
from segcore.values import Call
from tests import record_strategies as records

TABLE, SPLIT = records.table_of(12, [0, 1, 5]), records.split_of(12, 3)
CONFIG = records.config_of()
PLAN = plan(CONFIG, TABLE, SPLIT)


def result_of(run):
    return Result(run.fold, run.stage, run.key, run.parts, "config.yaml", "digest", 1, 3, (), ())


ALL = tuple(result_of(run) for run in PLAN.runs)


@given(st.sets(st.sampled_from(range(len(ALL)))), st.randoms(use_true_random=False))
def test_what_is_left_is_what_has_no_result_in_the_order_of_the_plan(done, shuffler):
    ledger = tuple(shuffler.sample([ALL[at] for at in done], len(done)))
    assert remaining(PLAN, ledger) == tuple(run for at, run in enumerate(PLAN.runs) if at not in done)


def test_a_result_under_its_key_is_done_and_a_missing_one_is_to_do():
    assert status(PLAN.runs[0], ALL) == Status(is_done=True, reason="done")
    assert status(PLAN.runs[0], ()) == Status(is_done=False, reason="to do")


def test_the_result_of_another_fold_stage_does_not_count():
    assert status(PLAN.runs[0], ALL[1:]).reason == "to do"


def test_an_interrupted_training_is_told_with_the_epoch_that_comes_next():
    run = PLAN.runs[0]
    left = (Leftover(run.fold, run.stage, run.key, 6), Leftover(run.fold, run.stage, "another", 9))
    assert status(run, (), left) == Status(is_done=False, reason="resume at epoch 7")
    assert status(run, ALL, left).is_done, "what is done is done"


def test_of_an_edited_stage_both_is_told_what_changed_and_where_it_stands():
    stages = (CONFIG.stages[0], evolve(CONFIG.stages[1], overrides=(("lr", 0.5),)))
    run = plan(evolve(CONFIG, stages=stages), TABLE, SPLIT).runs[1]
    left = (Leftover(run.fold, run.stage, run.key, 2),)
    assert status(run, ALL, left).reason == "resume at epoch 3: lr changed (0.0001 -> 0.5)"


def test_a_result_that_was_set_aside_comes_back_rather_than_being_trained():
    run = PLAN.runs[0]
    left = (Leftover(run.fold, run.stage, run.key, 6), Leftover(run.fold, run.stage, run.key, None))
    assert status(run, (), left).reason == "set aside, comes back"


def reasons(config, table=TABLE):
    return [status(run, ALL).reason for run in plan(config, table, SPLIT).runs]


def test_a_changed_rate_is_told_with_both_values():
    stages = (CONFIG.stages[0], evolve(CONFIG.stages[1], overrides=(("lr", 0.5),)))
    assert reasons(evolve(CONFIG, stages=stages)) == ["done", "to do: lr changed (0.0001 -> 0.5)"] * 3


def test_of_an_edited_experiment_only_the_later_stages_are_left():
    stages = (CONFIG.stages[0], evolve(CONFIG.stages[1], epochs=4))
    left = remaining(plan(evolve(CONFIG, stages=stages), TABLE, SPLIT), ALL)
    assert [run.name for run in left] == ["0.1", "1.1", "2.1"]


def test_a_stage_whose_predecessor_changed_says_that_it_starts_from_other_weights():
    stages = (evolve(CONFIG.stages[0], epochs=9), CONFIG.stages[1])
    first, second = reasons(evolve(CONFIG, stages=stages))[:2]
    assert first == "to do: epochs changed (3 -> 9)"
    assert second == "to do: what it starts from changed"


def test_a_stage_that_changed_itself_tells_that_and_not_its_predecessor():
    stages = (evolve(CONFIG.stages[0], epochs=9), evolve(CONFIG.stages[1], epochs=5))
    assert reasons(evolve(CONFIG, stages=stages))[1] == "to do: epochs changed (2 -> 5)"


def test_many_changes_are_told_by_three_and_a_number():
    told = reasons(evolve(CONFIG, lr=0.5, batch=3, clipnorm=1.0, clipvalue=1.0, seed=3))[0]
    assert told.count("changed") == 3
    assert told.endswith(" and 2 more")


def test_a_digest_is_not_shown():
    told = reasons(CONFIG, evolve(TABLE, fingerprints=("x", *TABLE.fingerprints[1:])))[0]
    assert told in {"to do: training samples changed", "to do: validation samples changed"}


def test_a_long_value_is_shown_shortened():
    callbacks = (Call("EarlyStopping", (("monitor", "val_loss"), ("patience", 4))),)
    told = reasons(evolve(CONFIG, callbacks=callbacks))[0]
    assert told.startswith("to do: callbacks changed (")
    assert "..." in told
    assert len(told) < 250


def test_only_a_run_that_is_trained_as_planned_is_given_for_scoring():
    run = PLAN.runs[0]
    assert trained_run(PLAN, ALL, run.fold, run.stage) == run
    with pytest.raises(DataError, match=r"is not trained with this config and data\. Run it first"):
        trained_run(PLAN, (), run.fold, run.stage)
    with pytest.raises(DataError, match="not in the plan"):
        trained_run(PLAN, ALL, 99, 0)


def test_a_result_knows_what_was_watched_and_its_value_at_the_kept_epoch():
    run = PLAN.runs[0]
    column = run.settings.watch.column
    result = evolve(ALL[0], kept=(("loss", 2.0), (column, 0.25)))
    assert result.watch == run.settings.watch
    assert result.value == 0.25
