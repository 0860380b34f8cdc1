"""Counts are those of scikit-learn's confusion matrix and merge like sums."""

import numpy as np
import pytest
from attrs import astuple
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.metrics import multilabel_confusion_matrix

from segcore.scores import Counts, count, of_classes, total

quick = settings(deadline=None, max_examples=60)
numbers = st.lists(st.tuples(*[st.integers(0, 10**12)] * 4), min_size=2, max_size=2)
counts_of_two = st.one_of(st.just(Counts()), numbers.map(lambda rows: Counts(*zip(*rows, strict=True))))


@st.composite
def pairs(draw):
    """One image's truth and probabilities, (h, w, c)."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(2, 3)))
    truth = draw(npst.arrays(st.sampled_from([np.bool_, np.uint8]), shape))
    return truth, draw(npst.arrays(np.float32, shape, elements=st.floats(0, 1, width=32)))


@quick
@given(pairs(), st.sampled_from([0.25, 0.5, 0.75]))
def test_counts_are_the_confusion_matrix_of_each_class(pair, threshold):
    truth, probability = pair
    classes = truth.shape[2]
    matrices = multilabel_confusion_matrix(
        (truth != 0).reshape(-1, classes).astype(int),
        (probability > threshold).reshape(-1, classes).astype(int),
    )
    tn, fp, fn, tp = (matrices[:, row, column].tolist() for row in (0, 1) for column in (0, 1))
    assert count(truth, probability, threshold) == Counts(tp, fp, fn, tn)


def test_a_probability_equal_to_the_threshold_is_not_predicted():
    truth = np.ones((1, 2, 1), dtype=bool)
    for threshold in (0.5, 0.3):
        probability = np.full((1, 2, 1), threshold, dtype=np.float32)
        assert count(truth, probability, np.float64(threshold)).fn == (2,)


@quick
@given(counts_of_two, counts_of_two, counts_of_two)
def test_merge_is_associative_and_commutative_with_an_identity(left, middle, right):
    assert left.merge(middle).merge(right) == left.merge(middle.merge(right)) == total([right, left, middle])
    assert left.merge(middle) == middle.merge(left)
    assert left.merge(Counts()) == Counts().merge(left) == left


@quick
@given(pairs(), st.data())
def test_pixels_that_do_not_count_are_as_if_they_were_cut_out(pair, data):
    truth, probability = pair
    counted = data.draw(npst.arrays(np.bool_, truth.shape[:2]))
    rest = count(truth[counted][:, None], probability[counted][:, None])
    assert count(truth, probability, 0.5, counted) == rest


@quick
@given(pairs(), st.data())
def test_counts_of_two_parts_merge_to_those_of_the_whole(pair, data):
    truth, probability = pair
    cut = data.draw(st.integers(0, truth.shape[0]))
    parts = [count(truth[part], probability[part]) for part in (slice(0, cut), slice(cut, None))]
    assert total(parts) == count(truth, probability)


def test_counts_are_values_that_hash_whatever_integers_they_were_made_of():
    made = Counts(np.array([1]), np.array([2], dtype=np.uint8), [3], (4,))
    assert (made, hash(made)) == (Counts((1,), (2,), (3,), (4,)), hash(Counts((1,), (2,), (3,), (4,))))
    assert all(type(number) is int for part in astuple(made) for number in part)
    assert total([]) == Counts()


def test_one_hot_maps_of_any_dtype_count_alike():
    truth = np.eye(3, dtype=np.uint8)[None]
    for dtype in (bool, np.uint8, np.float32):
        assert count(truth, truth.astype(dtype)) == Counts((1,) * 3, (0,) * 3, (0,) * 3, (2,) * 3)


def test_nan_is_refused():
    probability = np.zeros((2, 2, 1), dtype=np.float32)
    probability[1, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        count(np.zeros((2, 2, 1), dtype=bool), probability)


@pytest.mark.parametrize("shapes", [((2, 2), (2, 2)), ((2, 2, 1), (2, 2, 2)), ((1, 2, 1), (2, 2, 1))])
def test_shapes_that_do_not_fit_are_refused_and_never_broadcast(shapes):
    with pytest.raises(ValueError, match=r"\(h, w, c\)"):
        count(np.zeros(shapes[0], dtype=bool), np.zeros(shapes[1]))


def test_a_soft_truth_and_a_threshold_that_is_no_number_are_refused():
    with pytest.raises(TypeError, match="float64"):
        count(np.zeros((2, 2, 1)), np.zeros((2, 2, 1)))
    with pytest.raises(ValueError, match="threshold"):
        count(np.zeros((2, 2, 1), dtype=bool), np.zeros((2, 2, 1)), float("nan"))


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="one number per class"):
        Counts((1,), (1, 2), (1,), (1,))
    with pytest.raises(ValueError, match="negative"):
        Counts((1,), (-1,), (1,), (1,))
    with pytest.raises(ValueError, match="1 and of 2 classes"):
        Counts(*[(1,)] * 4).merge(Counts(*[(1, 1)] * 4))
    with pytest.raises(TypeError):
        Counts((1.5,), (1,), (1,), (1,))


@given(
    npst.arrays(
        np.int64, st.tuples(st.integers(0, 3), st.integers(1, 3), st.just(4)), elements=st.integers(0, 2**62)
    )
)
def test_any_counts_are_those_of_one_class_each_in_their_order(numbers):
    rows = [row.tolist() for row in numbers.reshape(-1, 4)]
    assert [list(row) for row in zip(*astuple(of_classes(numbers)), strict=True)] == rows
