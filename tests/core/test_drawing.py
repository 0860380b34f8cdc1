"""Objects laid over each other: unions of one class, small before large, what is known before a crowd."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.drawing import Outlined, contested, drawn
from segcore.raw_masks import VOID
from segcore.run_edges import column_edges

quick = settings(deadline=None, max_examples=150)
SHAPE = (5, 7)
layers = st.lists(st.tuples(st.integers(1, 3), npst.arrays(np.bool_, SHAPE), st.booleans()), max_size=5)


def outlined(number, grid, is_void=False, order="F"):
    edges = column_edges(np.asfortranarray(grid if order == "F" else grid.T))
    return Outlined(number, edges[::2], edges[1::2], is_void)


@quick
@given(layers, st.sampled_from("FC"))
def test_planes_hold_the_union_of_their_objects_and_void_where_only_a_crowd_is(given_layers, order):
    mask = drawn(
        [outlined(*one, order=order) for one in given_layers], SHAPE, 3, exclusive=False, order=order
    )
    assert (mask.dtype, mask.shape, mask.flags.c_contiguous) == (np.uint8, (*SHAPE, 3), True)
    none = np.zeros(SHAPE, dtype=bool)
    for number in (1, 2, 3):
        known = np.any([none, *(grid for n, grid, void in given_layers if n == number and not void)], axis=0)
        crowd = np.any([none, *(grid for n, grid, void in given_layers if n == number and void)], axis=0)
        expected = np.where(known, 1, np.where(crowd, VOID, 0))
        np.testing.assert_array_equal(mask[..., number - 1], expected)


@quick
@given(layers)
def test_one_class_unites_all_numbers(given_layers):
    grids = [grid for _, grid, _ in given_layers]
    mask = drawn([outlined(n, grid) for n, grid, _ in given_layers], SHAPE, 1, exclusive=False)
    np.testing.assert_array_equal(mask[..., 0], np.any([np.zeros(SHAPE, dtype=bool), *grids], axis=0))


@quick
@given(layers)
def test_ids_show_the_smallest_object_over_each_pixel(given_layers):
    mask = drawn([outlined(*one) for one in given_layers], SHAPE, 4, exclusive=True)
    assert mask.shape == (*SHAPE, 1)
    for row, column in np.ndindex(SHAPE):
        here = [(grid.sum(), n) for n, grid, void in given_layers if grid[row, column] and not void]
        crowd = any(grid[row, column] for _, grid, void in given_layers if void)
        smallest = {number for area, number in here if area == min(here)[0]}
        assert mask[row, column, 0] in (smallest or {VOID if crowd else 0})


def test_of_equal_objects_the_later_one_is_on_top():
    left, right = np.zeros((2, *SHAPE), dtype=bool)
    left[0, :3] = right[0, 2:5] = True
    for first, second in (((1, left), (2, right)), ((2, right), (1, left))):
        mask = drawn([outlined(*first), outlined(*second)], SHAPE, 3, exclusive=True)
        assert mask[0, 2, 0] == second[0]


@quick
@given(layers)
def test_contested_are_the_first_two_classes_that_share_pixels(given_layers):
    planes = np.zeros((4, *SHAPE), dtype=bool)
    for number, grid, _ in given_layers:
        planes[number] |= grid
    pairs = [(a, b, int((planes[a] & planes[b]).sum())) for a in (1, 2, 3) for b in range(a + 1, 4)]
    shared = [pair for pair in pairs if pair[2]]
    assert contested([outlined(*one) for one in given_layers]) == (shared[0] if shared else None)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_an_image_without_pixels_has_an_empty_mask(shape):
    assert drawn([], shape, 2, exclusive=False).shape == (*shape, 2)
