"""Steps per epoch, the momentum that follows from them, and the plan as a value."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.planning import plan
from segcore.plans import momentum_of, steps_of
from tests import record_strategies as records

PLAN = plan(records.config_of(), records.table_of(12, [0, 1, 5]), records.split_of(12, 3))


@given(st.integers(0, 10**9), st.integers(1, 10**5))
def test_the_steps_hold_all_samples_and_none_is_empty(samples, batch):
    steps = steps_of(samples, batch)
    assert steps * batch >= samples
    assert (steps - 1) * batch < samples or steps == 0


@given(st.integers(1, 10**9))
def test_automatic_momentum_is_one_minus_one_over_the_steps_within_its_bounds(steps):
    found = momentum_of("auto", steps)
    assert 0.9 <= found <= 0.99
    if 10 <= steps <= 100:
        assert found == pytest.approx(1 - 1 / steps)
    else:
        assert found == (0.9 if steps < 10 else 0.99)


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_automatic_momentum_never_falls_with_more_steps(one, other):
    fewer, more = sorted((one, other))
    assert momentum_of("auto", fewer) <= momentum_of("auto", more)


@given(st.floats(0.01, 0.99), st.integers(1, 1000))
def test_a_declared_momentum_is_taken_as_it_is(declared, steps):
    assert momentum_of(declared, steps) == declared


def test_a_plan_without_steps_has_a_momentum_all_the_same():
    assert momentum_of("auto", 0) == 0.9


def test_a_stage_run_hashes_and_is_the_same_after_a_pickle():
    """That is how a fold-stage goes to another process."""
    for run in PLAN.runs:
        again = pickle.loads(pickle.dumps(run))  # noqa: S301 - made in the line before
        assert again == run
        assert hash(again) == hash(run)


def test_a_plan_hashes_and_cannot_be_changed():
    assert hash(PLAN) == hash(pickle.loads(pickle.dumps(PLAN)))  # noqa: S301
    with pytest.raises(AttributeError):
        PLAN.runs = ()
    with pytest.raises(AttributeError):
        PLAN.runs[0].seed = 1


@settings(max_examples=30)
@given(st.integers(0, 4), st.integers(0, 3))
def test_a_run_is_found_by_fold_and_stage(fold, stage):
    found = PLAN.find(fold, stage)
    if fold < 3 and stage < 2:
        assert (found.fold, found.stage, found.name) == (fold, stage, f"{fold}.{stage}")
    else:
        assert found is None
