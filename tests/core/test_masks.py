"""Masks that probabilities stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from segcore.masks import counted, decided, masks_of, objects_of, one_hot
from segcore.raw_masks import VOID

PROBABILITIES = arrays(np.float32, (5, 4, 3), elements=st.floats(0, 1, width=32))


@given(arrays(np.uint8, (5, 6, 1), elements=st.integers(0, 2)))
def test_planes_and_ids_are_the_same_truth(ids):
    planes = np.stack([ids[..., 0] == number for number in range(3)], axis=-1).astype(np.uint8)
    np.testing.assert_array_equal(one_hot(ids, 3), planes)
    np.testing.assert_array_equal(one_hot(planes * 254, 3), planes)


@given(arrays(np.uint8, (5, 6, 1), elements=st.sampled_from([0, 1, 2, VOID])))
def test_void_belongs_to_no_class_and_does_not_count(ids):
    void = ids[..., 0] == VOID
    known = counted(ids)
    np.testing.assert_array_equal(one_hot(ids, 3).sum(axis=2), ~void)
    assert (known is None) == (not void.any())
    assert known is None or np.array_equal(known, ~void)
    planes = np.where(void[..., None], np.uint8(VOID), one_hot(ids, 3))
    np.testing.assert_array_equal(one_hot(planes, 3), one_hot(ids, 3))


@given(PROBABILITIES)
def test_classes_that_exclude_each_other_are_decided_by_the_likeliest(probability):
    hot = decided(probability, exclusive=True)
    assert (hot.sum(axis=2) == 1).all()
    np.testing.assert_array_equal((hot * probability).sum(axis=2), probability.max(axis=2))


@given(PROBABILITIES)
def test_classes_of_their_own_keep_their_probabilities(probability):
    assert decided(probability, exclusive=False) is probability


@given(PROBABILITIES)
def test_one_mask_of_exclusive_classes_holds_the_likeliest_id(probability):
    (mask,) = masks_of(probability, 0.5, exclusive=True)
    assert mask.dtype == np.uint8
    for row, column in np.ndindex(5, 4):
        assert probability[row, column, mask[row, column]] == probability[row, column].max()


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.99, 1.0])
def test_a_pixel_is_mask_when_its_probability_exceeds_the_threshold(threshold):
    probability = np.array([[0.0, 0.5, 0.990001, 1.0]], np.float32)[..., None]
    (mask,) = masks_of(probability, threshold, exclusive=False)
    np.testing.assert_array_equal(mask, np.where(probability[..., 0] > threshold, 255, 0))


@given(PROBABILITIES)
def test_classes_of_their_own_have_a_mask_each_and_no_background(probability):
    masks = masks_of(probability, 0.5, exclusive=False)
    np.testing.assert_array_equal(np.stack(masks, axis=-1) == 255, probability > 0.5)
    found = objects_of(masks, 3)
    assert [number for number, _ in found] == [1, 2, 3]
    np.testing.assert_array_equal(np.stack([where for _, where in found], axis=-1), probability > 0.5)


@given(PROBABILITIES)
def test_the_background_of_exclusive_classes_is_no_object(probability):
    found = objects_of(masks_of(probability, 0.5, exclusive=True), 3)
    assert [number for number, _ in found] == [1, 2]
    for number, where in found:
        np.testing.assert_array_equal(where, probability.argmax(axis=2) == number)


def test_a_single_class_is_one_object_without_a_number():
    mask = np.array([[0, 255]], np.uint8)
    ((number, where),) = objects_of((mask,), 1)
    assert number is None
    assert where.tolist() == [[False, True]]
