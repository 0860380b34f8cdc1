"""Which epoch is kept: the first best one in the metric's own direction; NaN never wins."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segcore.history import is_better, kept_epoch
from segcore.monitors import Watch

watches = st.sampled_from([Watch("val_iou", "max"), Watch("val_loss", "min")])
scores = st.floats(allow_nan=True, allow_infinity=True) | st.sampled_from([0.0, 0.5, 1.0, math.nan])
histories = st.lists(scores, max_size=20).map(tuple)


@given(histories, watches)
def test_the_kept_epoch_is_numpys_first_extreme_among_the_numbers(values, watch):
    kept = kept_epoch(values, watch)
    if all(math.isnan(value) for value in values):
        assert kept is None
    else:
        best = np.nanmax(values) if watch.mode == "max" else np.nanmin(values)
        assert kept == values.index(best)


@given(histories, scores, watches)
def test_a_later_epoch_replaces_the_kept_one_exactly_where_it_is_better(values, value, watch):
    before = kept_epoch(values, watch)
    best = None if before is None else values[before]
    wanted = len(values) if is_better(value, best, watch) else before
    assert kept_epoch((*values, value), watch) == wanted


@given(scores, scores, watches)
def test_of_two_values_at_most_one_is_better_than_the_other(one, other, watch):
    assert not (is_better(one, other, watch) and is_better(other, one, watch))
    assert not is_better(one, one, watch)


@given(scores, watches)
def test_nan_never_wins_and_never_stays_the_best(value, watch):
    assert not is_better(math.nan, value, watch)
    assert not is_better(math.nan, None, watch)
    assert is_better(value, math.nan, watch) == (not math.isnan(value))
    assert is_better(value, None, watch) == (not math.isnan(value))


def test_no_epochs_keep_nothing():
    assert kept_epoch((), Watch("val_iou", "max")) is None
