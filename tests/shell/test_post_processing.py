"""OpenCV's holes and objects are those of the definition; counts of many rules are those of one after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore import post_processing as definition
from segcore.post_processing import PostProcessing
from segcore.scores import count
from segshell.post_processing import counts_after, masks_after, processed

quick = settings(deadline=None, max_examples=40)
shapes = st.tuples(st.integers(1, 14), st.integers(1, 14))
masks = shapes.flatmap(lambda shape: npst.arrays(np.bool_, shape, elements=st.booleans(), fill=st.booleans()))
rules = st.builds(
    PostProcessing,
    st.sampled_from([0.2, 0.5, 0.8]),
    st.sampled_from([0.0, 1.0, 2.5, 4.0, 9.0]),
    st.sampled_from([0.0, 1.0, 2.0, 5.0, 200.0]),
    st.just("pixels"),
) | st.builds(
    PostProcessing, st.just(0.5), st.sampled_from([0.0, 0.02, 0.3]), st.sampled_from([0.0, 0.05]), st.just("share")
)  # fmt: skip


@quick
@given(masks, rules)
def test_a_mask_becomes_what_the_definition_says(mask, rule):
    np.testing.assert_array_equal(processed(mask, rule), definition.processed(mask, rule))


def test_large_smooth_masks_become_what_the_definition_says():
    random = np.random.default_rng(2)
    for number in range(6):
        probability = random.random((90, 70)) * 0.6 + random.random((9, 7)).repeat(10, 0).repeat(10, 1) * 0.4
        rule = PostProcessing(0.5, 0.001 * number, 0.002 * number)
        np.testing.assert_array_equal(
            processed(probability > 0.5, rule), definition.processed(probability > 0.5, rule)
        )


@quick
@given(
    shapes.flatmap(
        lambda shape: st.tuples(
            npst.arrays(np.bool_, shape),
            npst.arrays(np.float32, shape, elements=st.sampled_from([0.1, 0.3, 0.6, 0.9])),
            st.none() | npst.arrays(np.bool_, shape),
        )
    ),
    st.lists(rules, min_size=1, max_size=12),
)
def test_counts_under_many_rules_are_those_of_each_mask_alone(image, many):
    """In any order of the rules, with what does not count part of an object all the same."""
    truth, probability, counted = image
    found = counts_after(truth, probability, counted, many)
    for row, rule in zip(found, many, strict=True):
        mask = definition.processed(probability > rule.threshold, rule)
        expected = count(truth[..., None], mask[..., None].astype(np.float32), 0.5, counted)
        assert row.tolist() == [expected.tp[0], expected.fp[0], expected.fn[0], expected.tn[0]]


def test_masks_of_several_classes_are_0_and_255():
    probability = np.random.default_rng(0).random((20, 30, 2)).astype(np.float32)
    both = (PostProcessing(0.6, 3, unit="pixels"), PostProcessing(0.3))
    found = masks_after(probability, both)
    for mask, expected in zip(found, definition.masks_after(probability, both), strict=True):
        assert mask.dtype == np.uint8
        assert set(np.unique(mask)) == {0, 255}
        np.testing.assert_array_equal(mask > 0, expected)
    with pytest.raises(ValueError, match="2 classes"):
        masks_after(probability, both[:1])
