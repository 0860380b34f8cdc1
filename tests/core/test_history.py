"""Which epoch is kept: the first best one in the metric's own direction; what is not finite never wins."""

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
def test_the_kept_epoch_is_numpys_first_extreme_among_the_finite_numbers(values, watch):
    kept = kept_epoch(values, watch)
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        assert kept is None
    else:
        assert kept == values.index(np.max(finite) if watch.mode == "max" else np.min(finite))


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
def test_nan_and_infinity_never_win_and_never_stay_the_best(value, watch):
    """Fault 38: without the question of `segcore.history.is_better` for a finite value NaN is kept as best."""
    for wrong in (math.nan, math.inf, -math.inf):
        assert not is_better(wrong, value, watch)
        assert not is_better(wrong, None, watch)
        assert is_better(value, wrong, watch) == math.isfinite(value)
    assert is_better(value, None, watch) == math.isfinite(value)


@given(scores, scores, scores, watches)
def test_better_is_a_strict_order_and_so_is_not_better(one, other, third, watch):
    """Fault 38: without a strict weak order the epoch that is kept depends on which came before."""
    if is_better(one, other, watch) and is_better(other, third, watch):
        assert is_better(one, third, watch)
    if not is_better(one, other, watch) and not is_better(other, third, watch):
        assert not is_better(one, third, watch)


def test_no_epochs_keep_nothing():
    assert kept_epoch((), Watch("val_iou", "max")) is None
