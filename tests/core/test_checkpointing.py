"""When a checkpoint is worth its time, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.checkpointing import (
    Timing,
    differences,
    epochs_between,
    interval_of,
    interval_text,
    is_due,
)

SECONDS = st.floats(1e-3, 1e4)
SHARES = st.floats(1e-3, 1)


@given(SECONDS, SECONDS, SHARES)
def test_the_interval_is_the_first_epoch_at_which_a_checkpoint_is_due(epoch, cost, share):
    """With a rest for the rounding of sums of floats."""
    every = epochs_between(epoch, cost, share)
    assert is_due(every * epoch * (1 + 1e-6), cost, share)
    assert every == 1 or not is_due((every - 1) * epoch * (1 - 1e-6), cost, share)


@given(SECONDS, SECONDS, SHARES)
def test_checkpoints_take_no_more_than_their_share_of_the_time(epoch, cost, share):
    """The definition: n epochs of training against one checkpoint."""
    assert cost <= share * epochs_between(epoch, cost, share) * epoch * (1 + 1e-6)


def test_without_a_share_every_epoch_is_followed_by_one():
    assert is_due(0.0, 1e9, None)
    assert epochs_between(1e-6, 1e9, None) == 1


def test_a_fold_that_was_not_timed_is_taken_to_be_like_another():
    """1 s at 5 % of 4 s: every fifth epoch; 0.1 s of 4 s: every one."""
    timings = (Timing(0, 0, 4.0, 1.0), Timing(0, 1, 4.0, 0.1), Timing(1, 1, 1.0, 1.0))
    assert interval_of(0.05, timings, (1, 0)) == 5
    assert interval_of(0.05, timings, (2, 1)) == 1
    assert interval_of(0.05, timings, (1, 1)) == 20
    assert interval_of(0.05, timings, (0, 2)) is None
    assert interval_of(None, (), (0, 0)) == 1


def test_the_plan_names_the_interval_of_each_stage():
    told = interval_text(0.05, (Timing(0, 0, 4.0, 1.0), Timing(0, 1, 4.0, 0.1)))
    assert "stage 0 after every 5 epochs" in told
    assert "stage 1 after every epoch" in told
    assert "will be timed" in interval_text(0.05, ())
    assert "every epoch" in interval_text(None, ())


def test_versions_that_differ_are_named_with_both_values():
    """Fault 12: without the comparison a training goes on elsewhere with other bits, and nobody hears of it."""
    before = (("threads", "2"), ("keras", "3.15"), ("gone", "1"))
    after = (("threads", "8"), ("keras", "3.15"), ("new", "2"))
    assert differences(before, after) == ("threads 2 -> 8", "gone 1 -> unknown", "new unknown -> 2")
    assert differences(before, before) == ()


@pytest.mark.parametrize(("trained", "due"), [(19.9, False), (20.0, True)])
def test_one_second_is_due_after_twenty_at_five_per_cent(trained, due):
    assert is_due(trained, 1.0, 0.05) is due
