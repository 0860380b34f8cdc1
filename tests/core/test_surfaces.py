"""Boundary bands are those of erosion, surfaces those of a distance transform; void has no border."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from segcore.surfaces import band_width, border, boundary_band, near, surface_agreement

quick = settings(deadline=None, max_examples=40)
SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))


def arrays(shape):
    return npst.arrays(np.bool_, shape, elements=st.booleans(), fill=st.booleans())


pairs = SHAPES.flatmap(lambda shape: st.tuples(arrays(shape), arrays(shape)))
tolerances = st.sampled_from([0.0, 0.9, 1.0, math.sqrt(2), 1.5, 2.0, 3.0, 5.0, 40.0])


@quick
@given(SHAPES.flatmap(arrays), st.integers(1, 14))
def test_the_band_is_what_erosion_takes_away(mask, width):
    """By SciPy in steps of 3 x 3, and by OpenCV with a zero border, as in the code of Boundary IoU."""
    eroded = ndimage.binary_erosion(mask, np.ones((3, 3)), iterations=width, border_value=0)
    found = boundary_band(mask, width)
    np.testing.assert_array_equal(found, mask & ~eroded)
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=width)[1:-1, 1:-1]
    np.testing.assert_array_equal(found, (mask.astype(np.uint8) - inner) > 0)


@quick
@given(SHAPES.flatmap(arrays))
def test_the_border_is_what_one_erosion_by_a_cross_takes_away(mask):
    np.testing.assert_array_equal(border(mask), mask & ~ndimage.binary_erosion(mask, border_value=0))


def reference(truth, predicted, tolerance):
    """Return the agreement by SciPy's borders and distances, squared, so that no root is compared."""
    first, second = (one & ~ndimage.binary_erosion(one) for one in (truth, predicted))
    agreed = 0
    for one, other in ((first, second), (second, first)):
        if one.any() and other.any():
            places = ndimage.distance_transform_edt(~other, return_distances=False, return_indices=True)
            apart = ((places - np.indices(one.shape)) ** 2).sum(axis=0)
            agreed += int((apart[one] <= tolerance**2).sum())
    return agreed, int(first.sum() + second.sum())


@quick
@given(pairs, tolerances)
def test_surfaces_agree_as_the_distance_transform_says(pair, tolerance):
    assert surface_agreement(*pair, tolerance) == reference(*pair, tolerance)
    assert surface_agreement(*pair[::-1], tolerance) == reference(*pair, tolerance)


@quick
@given(pairs, tolerances)
def test_near_is_what_every_pair_of_points_says(pair, tolerance):
    points, others = (np.argwhere(one) for one in pair)
    apart = ((points[:, None] - others[None]) ** 2).sum(axis=2)
    assert near(*pair, tolerance) == int((apart <= tolerance**2).any(axis=1).sum())


@quick
@given(pairs, st.data())
def test_what_does_not_count_decides_nothing(pair, data):
    """Whatever stands in void pixels, of the truth or of the prediction, the counts are the same."""
    counted = data.draw(arrays(pair[0].shape))
    changed = [np.where(counted, one, data.draw(arrays(one.shape))) for one in pair]
    assert surface_agreement(*changed, 1.0, counted) == surface_agreement(*pair, 1.0, counted)


def test_no_border_runs_along_void():
    """An object that ends where void begins has a border on its other sides alone."""
    mask, counted = np.zeros((6, 6), np.bool_), np.ones((6, 6), np.bool_)
    mask[1:5, 1:3], counted[:, 3:] = True, False
    assert surface_agreement(mask, mask, 0.0, counted) == (12, 12)
    assert surface_agreement(mask, mask, 0.0) == (16, 16)


def test_the_band_of_the_paper_is_two_percent_of_the_diagonal():
    """An image of COCO, 480 x 640, has a diagonal of 800 pixels."""
    assert band_width((480, 640)) == 16
    assert band_width((3, 4)) == 1
    assert band_width((480, 640), 0.01) == 8


@pytest.mark.parametrize("share", [0.0, -1.0, math.nan, math.inf])
def test_a_band_without_width_is_refused(share):
    with pytest.raises(ValueError, match="share of the diagonal"):
        band_width((4, 4), share)


@pytest.mark.parametrize("tolerance", [-0.5, math.nan, math.inf])
def test_a_tolerance_that_is_no_distance_is_refused(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        surface_agreement(np.ones((2, 2), np.bool_), np.ones((2, 2), np.bool_), tolerance)
