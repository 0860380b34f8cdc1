"""Changes and edges are those of the obvious comparison, on every road and at the borders between roads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.run_edges import changes, column_edges

quick = settings(deadline=None, max_examples=100)


def obvious_edges(mask, gap):
    """Write background around and between the columns, and compare each pixel with the one in front of it."""
    padded = np.pad(mask.astype(np.int8), ((0, gap), (0, 0)))
    return np.flatnonzero(np.diff(padded.ravel(order="F"), prepend=0, append=0)).tolist()


def laid_out(mask, layout):
    """Return the mask in another memory order, or as a view with gaps."""
    if layout == "gaps":
        wide = np.ones((2 * mask.shape[0], 3 * mask.shape[1]), dtype=mask.dtype)
        wide[::2, ::3] = mask
        return wide[::2, ::3]
    return np.asarray(mask, order=layout)


layouts = st.sampled_from(["C", "F", "gaps"])


@quick
@given(npst.arrays(np.bool_, st.integers(1, 200)), st.data())
def test_changes_are_where_a_pixel_and_the_one_a_step_further_differ(flat, data):
    """Sizes and steps of every remainder by eight, the words that are compared, and steps as long as the whole."""
    step = data.draw(st.integers(1, flat.size))
    expected = [place for place in range(flat.size - step) if flat[place] != flat[place + step]]
    assert changes(flat.view(np.uint8), step).tolist() == expected


@quick
@given(
    npst.arrays(np.bool_, st.tuples(st.integers(0, 12), st.integers(0, 12))), layouts, st.sampled_from([0, 1])
)
def test_edges_of_small_masks(mask, layout, gap):
    assert column_edges(laid_out(mask, layout), gap).tolist() == obvious_edges(mask, gap)


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.tuples(st.integers(1, 300), st.integers(90, 300)),
        st.tuples(st.integers(1, 3), st.integers(9_990, 20_010)),
        st.tuples(st.integers(9_990, 20_010), st.integers(1, 3)),
    ),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0.0, 0.001, 0.1, 0.5, 0.999, 1.0]),
    layouts,
    st.sampled_from([0, 1]),
)
def test_edges_of_masks_around_the_size_from_which_rows_are_compared(shape, seed, share, layout, gap):
    """Widths of every remainder by eight, single rows and columns, nothing, everything and any share set."""
    mask = np.random.default_rng(seed).random(shape) < share
    assert column_edges(laid_out(mask, layout), gap).tolist() == obvious_edges(mask, gap)


@pytest.mark.parametrize("width", range(200, 209))
@pytest.mark.parametrize("layout", ["C", "F"])
def test_alternate_pixels_and_full_columns_wrap_as_they_should(width, layout):
    rows, columns = np.indices((101, width))
    for mask in ((rows + columns) % 2 == 0, columns % 3 > 0, rows % 2 == 0, rows >= 0):
        for gap in (0, 1):
            assert column_edges(laid_out(mask, layout), gap).tolist() == obvious_edges(mask, gap)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_seam_between_columns_is_an_edge_where_it_changes_and_nowhere_else(order):
    """The last pixel of a column and the first of the next are neighbours in the text."""
    mask = np.zeros((150, 150), dtype=np.uint8, order=order)
    mask[-1, 3] = mask[0, 4] = mask[-1, 8] = mask[0, 12] = mask[-1, -1] = mask[0, 0] = 1
    assert column_edges(mask).tolist() == obvious_edges(mask, 0)
    assert column_edges(mask, 1).tolist() == obvious_edges(mask, 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_mask_is_read_and_not_written(order):
    mask = np.asarray(np.random.default_rng(3).random((160, 161)) < 0.3, order=order)
    before = mask.copy()
    mask.flags.writeable = False
    column_edges(mask)
    np.testing.assert_array_equal(mask, before)


@pytest.mark.parametrize("shape", [(733, 731), (1025, 513), (600, 1024)])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5])
def test_edges_of_masks_of_more_than_one_block_of_pixels(shape, share):
    mask = np.random.default_rng(11).random(shape) < share
    mask[2**19 // shape[1] - 2 : 2**19 // shape[1] + 3 : 2, ::3] ^= True
    assert column_edges(mask).tolist() == obvious_edges(mask, 0)


def test_changes_do_not_depend_on_where_the_mask_begins_in_memory():
    """Words that are not aligned take another road."""
    wide = (np.random.default_rng(12).random(5_000) < 0.1).astype(np.uint8)
    for begin in range(9):
        part = wide[begin : begin + 4_000]
        for step in (1, 7, 8, 64):
            assert changes(part, step).tolist() == np.flatnonzero(part[step:] != part[:-step]).tolist()
