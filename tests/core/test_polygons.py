"""Polygons hold the pixels that pycocotools paints, bit for bit, and bad outlines say what is wrong."""

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from segcore.polygons import FARTHEST, polygon_runs

quick = settings(deadline=None, max_examples=300)
tenths = st.integers(-150, 450).map(lambda number: number / 10)
anywhere = st.floats(-50, 90, allow_nan=False, width=32)
outlines = st.one_of(
    *(st.lists(st.tuples(one, one), min_size=3, max_size=12) for one in (tenths, anywhere)),
    st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), min_size=3, max_size=9),
)


def flat(corners):
    return [float(number) for corner in corners for number in corner]


def painted(outline, shape):
    """Paint the runs down the columns."""
    pixels = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    for start, end in zip(*polygon_runs(outline, shape), strict=True):
        assert not pixels[start:end].any()
        pixels[start:end] = 1
    return pixels.reshape(shape, order="F")


def by_coco(outline, shape):
    coco = pytest.importorskip("pycocotools.mask")
    return coco.decode(coco.frPyObjects([list(outline)], *shape))[..., 0]


@quick
@given(outlines, st.integers(1, 40), st.integers(1, 40))
@example([(3, 3), (3, 3), (9, 3), (9, 9)], 12, 12)
@example([(0, 0), (0, 12), (12, 12), (12, 0)], 12, 12)
@example([(2, 2), (2, 2), (2, 2)], 5, 5)
def test_a_polygon_holds_the_pixels_of_pycocotools(corners, height, width):
    shape = (height, width)
    np.testing.assert_array_equal(painted(flat(corners), shape), by_coco(flat(corners), shape))


@pytest.mark.parametrize("seed", range(6))
def test_a_large_winding_polygon_holds_the_pixels_of_pycocotools(seed):
    outline = (np.random.default_rng(seed).normal(350, 300, 400) * (1, 3)[seed % 2]).tolist()
    np.testing.assert_array_equal(painted(outline, (480, 640)), by_coco(outline, (480, 640)))


@pytest.mark.parametrize("radius", [20.0, 60.3])
def test_a_round_polygon_is_that_of_scikit_image_but_for_its_border(radius):
    """Another rule for pixels on the outline, so the two differ by less than one ring of pixels."""
    angles = np.linspace(0, 2 * math.pi, 90, endpoint=False)
    rows, columns = 80 + radius * np.sin(angles), 90 + radius * np.cos(angles)
    # There the middle of the first pixel is 0, here it is 0.5.
    theirs = polygon2mask((160, 180), np.stack([rows - 0.5, columns - 0.5], axis=1))
    ours = painted(np.stack([columns, rows], axis=1).ravel(), (160, 180))
    assert (ours != theirs).sum() < 2 * math.pi * radius
    assert abs(ours.sum() - math.pi * radius**2) < 2 * radius


def test_a_square_of_whole_pixels_is_these_pixels():
    expected = np.zeros((6, 7), dtype=np.uint8)
    expected[1:4, 2:6] = 1
    np.testing.assert_array_equal(painted([2, 1, 6, 1, 6, 4, 2, 4], (6, 7)), expected)


@quick
@given(outlines, st.integers(0, 8))
def test_where_an_outline_begins_does_not_matter(corners, shift):
    turned = corners[shift % len(corners) :] + corners[: shift % len(corners)]
    again = painted(flat(turned), (30, 30))
    np.testing.assert_array_equal(again, painted(flat(corners), (30, 30)))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0)])
def test_an_image_without_pixels_has_no_runs(shape):
    assert polygon_runs([0, 0, 9, 0, 9, 9], shape)[0].size == 0


@pytest.mark.parametrize(
    ("outline", "told"),
    [
        ([], "0 numbers"),
        ([1, 2, 3, 4], "3 corners"),
        ([1, 2, 3, 4, 5, 6, 7], "7 numbers"),
        ([[1, 2], [3, 4], [5, 6]], "3 corners"),
        ([1, 2, 3, [4], 5, 6], "list of numbers"),
        ([1, 2, 3, "4", 5, 6], "list of numbers"),
        ([1, 2, 3, None, 5, 6], "list of numbers"),
        ([1, 2, 3, 2**80, 5, 6], "list of numbers"),
        ([1, 2, 3, -(2**63), 5, 6], "coordinate -9.2"),
        ([1, 2, 3, math.nan, 5, 6], "coordinate nan"),
        ([1, 2, 3, math.inf, 5, 6], "coordinate inf"),
        ([1, 2, 3, 2 * FARTHEST, 5, 6], "farther than"),
    ],
)
def test_a_bad_outline_says_what_is_wrong(outline, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        polygon_runs(outline, (10, 10))


def test_an_outline_that_would_take_the_memory_of_the_machine_is_refused():
    with pytest.raises(ValueError, match="crosses columns"):
        polygon_runs([0, 0, 10_000, 1] * 2000, (10, 10_000))


def test_a_corner_far_away_costs_no_more_than_the_columns_of_the_image():
    """Walking this outline step by step would take gigabytes."""
    runs = painted([-9e6, -9e6, 9e6, -9e6, 9e6, 9e6, -9e6, 9e6], (8, 9))
    assert runs.all()
