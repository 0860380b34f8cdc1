"""Holes are filled and objects removed as SciPy's components and scikit-image say; sizes in pixels or as shares."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage
from skimage.morphology import remove_small_holes, remove_small_objects

from segcore.post_processing import (
    UNTUNED,
    PostProcessing,
    holes_filled,
    masks_after,
    pixels_of,
    processed,
    without_objects,
    words,
)

quick = settings(deadline=None, max_examples=40)
masks = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(
    lambda shape: npst.arrays(np.bool_, shape, elements=st.booleans(), fill=st.booleans())
)
sizes = st.integers(0, 20)
rules = st.builds(
    PostProcessing,
    st.floats(0, 1),
    st.sampled_from([0.0, 1.0, 2.5, 4.0, 9.0]),
    st.sampled_from([0.0, 2.0, 5.0]),
    st.just("pixels"),
)


def areas(labels):
    return ndimage.sum_labels(np.ones(labels.shape), labels, np.arange(labels.max() + 1))


@quick
@given(masks, sizes)
def test_objects_are_removed_as_scipy_and_scikit_image_remove_them(mask, smallest):
    found = without_objects(mask, smallest)
    labels, _ = ndimage.label(mask, np.ones((3, 3)))
    kept = areas(labels) >= smallest
    kept[0] = False
    np.testing.assert_array_equal(found, kept[labels])
    # Its size is the largest that is removed.
    theirs = remove_small_objects(mask, max_size=smallest - 1, connectivity=2) if smallest else mask
    np.testing.assert_array_equal(found, theirs)


@quick
@given(masks, sizes)
def test_holes_are_filled_as_scipy_and_scikit_image_fill_them(mask, smallest):
    """A hole is enclosed: scikit-image, for which it need not be, is shown the mask in a wide margin."""
    found = holes_filled(mask, smallest)
    labels, _ = ndimage.label(~mask)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    filled = (areas(labels) < smallest) & ~np.isin(np.arange(labels.max() + 1), edge)
    filled[0] = False
    np.testing.assert_array_equal(found, mask | filled[labels])
    wide = np.pad(mask, smallest + 1)
    theirs = remove_small_holes(wide, max_size=smallest - 1, connectivity=1) if smallest else wide
    inner = slice(smallest + 1, -smallest - 1)
    np.testing.assert_array_equal(found, theirs[inner, inner])


@quick
@given(masks)
def test_all_holes_are_those_that_scipy_fills(mask):
    np.testing.assert_array_equal(holes_filled(mask, mask.size + 1), ndimage.binary_fill_holes(mask))


@quick
@given(masks, rules)
def test_done_twice_is_done_once(mask, rule):
    once = processed(mask, rule)
    np.testing.assert_array_equal(processed(once, rule), once)


@quick
@given(masks)
def test_the_untuned_rule_changes_nothing(mask):
    np.testing.assert_array_equal(processed(mask, UNTUNED), mask)


def test_holes_are_filled_before_small_objects_are_removed():
    """A ring of eight pixels is an object of nine, once its hole is filled."""
    ring = np.pad(np.ones((3, 3), np.bool_), 2)
    ring[3, 3] = False
    rule = PostProcessing(object_size=9, hole_size=2, unit="pixels")
    assert processed(ring, rule).sum() == 9
    assert not processed(ring, PostProcessing(object_size=9, unit="pixels")).any()


@quick
@given(npst.arrays(np.float32, (6, 7, 2), elements=st.floats(0, 1, width=32)), rules, rules)
def test_every_class_has_a_rule_of_its_own(probability, first, second):
    found = masks_after(probability, (first, second))
    for number, rule in enumerate((first, second)):
        np.testing.assert_array_equal(
            found[number], processed(probability[..., number] > rule.threshold, rule)
        )
    with pytest.raises(ValueError, match="2 classes need"):
        masks_after(probability, (first,))


@quick
@given(st.integers(0, 10_000), st.integers(1, 3000), st.integers(1, 3000))
def test_a_share_is_the_fewest_pixels_that_are_not_smaller(parts, height, width):
    """Of shares in ten-thousandths, by whole numbers."""
    assert pixels_of(parts / 10_000, "share", (height, width)) == -(-parts * height * width // 10_000)
    assert pixels_of(parts + 0.5, "pixels", (height, width)) == parts + 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"threshold": 1.1},
        {"threshold": math.nan},
        {"object_size": -1.0},
        {"hole_size": math.inf},
        {"unit": "cm"},
    ],
)
def test_what_is_no_rule_is_refused(arguments):
    with pytest.raises(ValueError, match=next(iter(arguments))):
        PostProcessing(**arguments)


def test_words_tell_what_is_done_and_leave_out_what_is_not():
    assert words(UNTUNED) == "threshold 0.5"
    told = words(PostProcessing(0.35, 0.0002, 0.01))
    assert (
        told
        == "threshold 0.35, objects below 0.020% of the image removed, holes below 1.000% of the image filled"
    )
    assert "32 pixels" in words(PostProcessing(0.5, 32, unit="pixels"))
