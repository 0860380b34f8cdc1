"""What is safe while a fold-stage trains: when it is written, and that nothing that is not finite ever is."""

import numpy as np
import pytest

from segcore.history import EpochRow
from segshell import generations
from segshell.saving import Saver, state_bytes
from tests.shell.small import loaded

ROWS = (EpochRow(1, (("val_iou", 0.5),), improved=True),)


@pytest.fixture(scope="module")
def run(trained):
    return trained.prepare().plan.find(0, 0)


@pytest.fixture
def traced(run, engines):
    return engines.get(run)


def saver(run, tmp_path, share=0.05, cost=0.0):
    return Saver(run, tmp_path / "one", share, None, cost)


def test_a_checkpoint_is_due_when_it_takes_its_share_of_what_was_trained(run, tmp_path):
    """0.5 s are 5 % of 10 s: after five epochs of 2 s."""
    one = saver(run, tmp_path, cost=0.5)
    assert [one.after(2.0) for _ in range(5)] == [False, False, False, False, True]
    assert one.every == 5


def test_the_time_since_the_last_one_counts(run, traced, tmp_path):
    one = saver(run, tmp_path, cost=0.5)
    for _ in range(5):
        one.after(2.0)
    one.write(traced, ROWS, {"model": traced.variables()})
    one.cost = 0.5
    assert not one.after(2.0)


def test_before_anything_was_timed_the_size_is_asked(run, traced, tmp_path):
    one = saver(run, tmp_path)
    size = state_bytes(traced)
    assert size == sum(each.numpy().nbytes for each in (*traced.model.variables, *traced.optimizer.variables))
    one.guess(size)
    assert one.cost == pytest.approx(size / 100e6)


def test_writing_is_timed(run, traced, tmp_path):
    one = saver(run, tmp_path)
    one.write(traced, ROWS, {"model": traced.variables()})
    saved = generations.latest(one.where, run.key, print)
    assert 0 < saved.record.seconds == one.cost


def test_the_best_weights_are_those_of_when_they_were_held(run, traced, tmp_path):
    """What is trained afterwards does not reach them, and writing them leaves the model as it is."""
    one = saver(run, tmp_path)
    one.hold(1, traced)
    best = [each.numpy() for each in traced.model.trainable_variables]
    for variable in traced.model.trainable_variables:
        variable.assign_add(variable * 0 + 1)
    now = traced.variables()
    path = one.keep(traced)
    for value, other in zip(loaded(path, run.network), best, strict=True):
        np.testing.assert_array_equal(value, other)
    for value, other in zip(traced.variables(), now, strict=True):
        np.testing.assert_array_equal(value, other)
    assert one.keep(traced) == path, "once is enough"


def test_without_a_good_epoch_there_is_no_file(run, traced, tmp_path):
    assert saver(run, tmp_path).keep(traced) is None


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_never_the_best(run, traced, tmp_path, value):
    """Fault 37: without the look at every weight, one that is no number is kept where the metric does not show it."""
    one, variable = saver(run, tmp_path), traced.model.trainable_variables[0]
    before = variable.numpy()
    damaged = before.copy()
    damaged.flat[0] = value
    variable.assign(damaged)
    try:
        with pytest.raises(FloatingPointError, match="epoch 3"):
            one.hold(3, traced)
    finally:
        variable.assign(before)
    assert one.keep(traced) is None


def test_what_is_written_late_has_the_best_weights_of_its_own_epochs(run, traced, tmp_path):
    """An error after the next epoch has improved on them would else keep weights of an epoch that has no row."""
    one = saver(run, tmp_path)
    one.hold(1, traced)
    one.wait(ROWS, {"model": traced.variables()})
    one.hold(2, traced)
    one.flush(traced)
    assert generations.latest(one.where, run.key, print).record.kept.epoch == 1
