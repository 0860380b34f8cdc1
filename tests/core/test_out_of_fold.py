"""Out-of-fold records: their counts are those of `segcore.scores`, their masks are the prediction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from segcore.masks import decided, one_hot
from segcore.out_of_fold import OutOfFold, record, stacked, thresholds_of
from segcore.raw_masks import VOID
from segcore.rle import rle_decode
from segcore.scores import GRID, count
from segcore.values import Integers

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@st.composite
def pictures(draw, *, exclusive):
    """Draw a truth (h,w,m) with or without void, and probabilities (h,w,c), some of them at a threshold exactly."""
    classes = draw(st.integers(2, 4)) if exclusive else draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = draw(sizes)
    truth = random.integers(0, classes, (*size, 1)) if exclusive else random.integers(0, 2, (*size, classes))
    truth = truth.astype(np.uint8)
    if draw(st.booleans()):
        truth[random.random(size) < 0.3] = VOID
    probability = random.random((*size, classes)).astype(np.float32)
    probability[random.random(probability.shape) < 0.3] = draw(st.sampled_from(GRID))
    return truth, probability


def of(images, *, exclusive):
    """Return the record of some images."""
    found = [record(*one, exclusive=exclusive) for one in images]
    ids = tuple(map(str, range(len(images))))
    masks = tuple(one.masks for one in found)
    given = ids, ids
    levels = thresholds_of(exclusive=exclusive)
    return OutOfFold("k", "w", 0, 0, "s", 0, exclusive, levels, (), *given, masks=masks, **stacked(found))


@given(pictures(exclusive=False))
def test_counts_at_each_threshold_are_those_of_scores(picture):
    truth, probability = picture
    made = of([picture], exclusive=False)
    valid = ~(truth == VOID).any(axis=2)
    for level in GRID:
        expected = count(one_hot(truth, probability.shape[2]), probability, level, valid)
        assert made.counts(level) == (expected,)


@given(pictures(exclusive=True))
def test_exclusive_classes_are_counted_by_the_likeliest(picture):
    truth, probability = picture
    made, classes = of([picture], exclusive=True), probability.shape[2]
    valid = ~(truth == VOID).any(axis=2)
    claimed = decided(probability, exclusive=True)
    assert made.counts() == (count(one_hot(truth, classes), claimed, 0.5, valid),)
    expected = np.zeros((classes, classes), int)
    if valid.any():
        expected = confusion_matrix(truth[valid, 0], probability.argmax(axis=2)[valid], labels=range(classes))
    np.testing.assert_array_equal(made.confusion.array[0], expected)


@given(pictures(exclusive=False) | pictures(exclusive=True))
def test_masks_are_the_prediction_at_a_half(picture):
    truth, probability = picture
    exclusive = truth.shape[2] == 1 < probability.shape[2]
    made = of([picture, picture], exclusive=exclusive)
    planes = decided(probability, exclusive=exclusive) > 0.5
    for number, text in enumerate(made.masks[1]):
        found = rle_decode(text, tuple(made.sizes.array[1]))
        np.testing.assert_array_equal(found != 0, planes[..., number])


def test_a_record_knows_its_classes_and_refuses_a_threshold_that_was_not_counted():
    image = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2, 3), np.float32)
    made = of([image], exclusive=False)
    assert made.class_count == 3
    assert hash(made) == hash(of([image], exclusive=False))
    with pytest.raises(ValueError, match=r"threshold 0\.42"):
        made.at(0.42)


def test_no_image_is_no_record():
    with pytest.raises(ValueError, match="no image"):
        stacked([])


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6))
def test_integers_are_equal_by_shape_and_value(numbers):
    one = Integers(np.array(numbers, np.int64))
    assert one == Integers(numbers)
    assert hash(one) == hash(Integers(numbers))
    assert (one == Integers(np.array([numbers], np.int64))) is False
    with pytest.raises(ValueError, match="read-only"):
        one.array[...] = 0


@pytest.mark.parametrize("wrong", [[1.5], [2**70], ["1"]])
def test_integers_refuse_what_is_no_whole_number(wrong):
    with pytest.raises(ValueError, match="whole numbers"):
        Integers(wrong)
