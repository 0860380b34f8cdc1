"""Runs, counts and components agree with SciPy, with pycocotools and with pixels counted one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from segcore.components import (
    as_mask,
    as_pixels,
    column_counts,
    component_runs,
    linked,
    painted,
    spread,
    union,
)
from segcore.rle import RleError, coco_compressed, coco_counts, coco_decode
from segcore.run_edges import column_edges
from tests.strategies import reachable

quick = settings(deadline=None, max_examples=150)
grids = npst.arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 20)))


def labels_from(runs, shape):
    """Paint the number of each run's component, from 1, down the columns."""
    flat = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for start, end, component in zip(*runs, strict=True):
        assert not flat[start:end].any()
        flat[start:end] = component + 1
    return flat.reshape(shape, order="F")


def assert_components(grid):
    """Compare with SciPy, which numbers the transposed mask by first pixel down our columns."""
    expected = ndimage.label(grid.T, structure=np.ones((3, 3)))[0].T
    np.testing.assert_array_equal(labels_from(component_runs(grid), grid.shape), expected)


@quick
@given(grids)
def test_components_are_those_of_scipy_with_the_eight_neighbours(grid):
    assert_components(grid)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.41, 0.6])
def test_components_of_large_noise_are_those_of_scipy(share):
    """Near the percolation threshold (0.41) components are large and winding."""
    assert_components(np.random.default_rng(5).random((150, 170)) < share)


def test_a_spiral_is_one_component():
    """The arms of a spiral meet only at its centre: labels must travel its whole length."""
    grid, row, column, length = np.zeros((61, 61), dtype=bool), 30, 30, 0
    for turn in range(28):
        length += 2 * (turn % 2 == 0)
        down, right = ((0, 1), (1, 0), (0, -1), (-1, 0))[turn % 4]
        for _ in range(length):
            grid[row, column] = True
            row, column = row + down, column + right
    assert_components(grid)
    assert component_runs(grid).components.max() == 0


def test_pixels_at_opposite_ends_of_neighbouring_columns_do_not_touch():
    """They are neighbours in the column-major text, not in the image."""
    grid = np.zeros((4, 2), dtype=bool)
    grid[3, 0] = grid[0, 1] = True
    assert component_runs(grid).components.tolist() == [0, 1]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (5, 5)])
def test_an_empty_mask_has_no_components(shape):
    assert component_runs(np.zeros(shape, dtype=bool)).starts.size == 0


@quick
@given(grids, st.sampled_from("CF"))
def test_edges_are_where_neighbours_in_the_column_major_mask_differ(grid, order):
    padded = [False, *grid.ravel(order="F").tolist(), False]
    expected = [place for place in range(len(padded) - 1) if padded[place] != padded[place + 1]]
    assert column_edges(np.asarray(grid, order=order)).tolist() == expected


@quick
@given(grids)
def test_counts_paint_the_mask_that_they_were_taken_from(grid):
    counts = column_counts(grid)
    np.testing.assert_array_equal(painted(counts, grid.shape, "F"), grid)
    assert (counts[1:] > 0).all()


@quick
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)), max_size=8))
def test_a_union_covers_the_same_pixels_ascending_and_apart(pairs):
    starts = np.array([start for start, _ in pairs], dtype=np.int64)
    ends = starts + np.array([length for _, length in pairs], dtype=np.int64)
    lower, upper = union(starts, ends)
    covered = {pixel for start, length in pairs for pixel in range(start, start + length)}
    assert [pixel for low, high in zip(lower, upper, strict=True) for pixel in range(low, high)] == sorted(
        covered
    )


@quick
@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 5)), max_size=9))
def test_spread_lists_each_range_in_turn(pairs):
    firsts = np.array([first for first, _ in pairs], dtype=np.int64)
    counts = np.array([count for _, count in pairs], dtype=np.int64)
    expected = [first + step for first, count in pairs for step in range(count)]
    assert spread(firsts, counts).tolist() == expected


def test_any_value_but_zero_is_mask():
    assert as_mask(np.array([[0.0, -0.5, np.nan]])).tolist() == [[False, True, True]]
    assert as_mask(np.array([[0, 256]], dtype=np.int16)).tolist() == [[False, True]]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([0, 1, 2, 255], np.uint8, [0, 1, 1, 1]),
        ([0, 1, -1, -128], np.int8, [0, 1, 1, 1]),
        ([0, 256, 65280, 1], np.uint16, [0, 1, 1, 1]),
        ([0.0, -0.0, np.nan, 0.1], np.float32, [0, 0, 1, 1]),
        ([0, 1j, 0, 0], np.complex64, [0, 1, 0, 0]),
        ([False, True, False, True], np.bool_, [0, 1, 0, 1]),
        ([0, 0, 0, 0], np.uint8, [0, 0, 0, 0]),
        ([0, 0, 0, 0], np.float64, [0, 0, 0, 0]),
    ],
)
def test_pixels_are_1_wherever_a_mask_is_not_0(order, values, kind, expected):
    mask = np.asarray(np.array(values, dtype=kind).reshape(2, 2), order=order)
    for given_mask in (mask, mask[:, :, None], np.repeat(mask, 2, axis=1)[:, ::2], mask[::-1][::-1]):
        pixels, filled = as_pixels(given_mask)
        assert pixels.dtype == np.uint8
        assert pixels.tolist() == np.reshape(expected, (2, 2)).tolist()
        assert filled is any(expected)


def test_booleans_whose_bytes_are_neither_0_nor_1_are_read_as_numpy_reads_them():
    """Bytes of a file seen as booleans hold such values."""
    mask = np.array([[0, 7, 255]], dtype=np.uint8).view(np.bool_)
    assert as_pixels(mask)[0].tolist() == [[0, 1, 1]]


def test_texts_are_no_mask():
    for read in (as_mask, as_pixels):
        with pytest.raises(TypeError, match="decode"):
            read(np.array([["1 2"]]))


def coco_mask(mask):
    """Return the mask as pycocotools wants it."""
    return np.asfortranarray(mask.astype(np.uint8))


@quick
@given(grids, st.sampled_from("CF"))
def test_coco_counts_are_those_of_pycocotools_both_ways(grid, order):
    coco = pytest.importorskip("pycocotools.mask")
    mask, (height, width) = np.asarray(grid, order=order), grid.shape
    theirs = coco.encode(coco_mask(mask))["counts"]
    assert coco_compressed(mask) == theirs.decode()
    listed = coco.frPyObjects({"size": [height, width], "counts": list(coco_counts(mask))}, height, width)
    assert listed["counts"] == theirs
    for counts in (theirs, theirs.decode(), coco_counts(mask), list(coco_counts(mask))):
        np.testing.assert_array_equal(coco_decode(counts, mask.shape), mask)


@pytest.mark.parametrize("shape", [(900, 1100), (1, 70000), (0, 3)])
@pytest.mark.parametrize("place", [None, 0, 555, -1])
def test_coco_text_of_long_runs_is_that_of_pycocotools(shape, place):
    """Long runs and falling counts need several characters and negative differences."""
    coco = pytest.importorskip("pycocotools.mask")
    mask = np.zeros(shape, dtype=np.uint8)
    if mask.size and place is not None:
        mask.reshape(-1)[place] = 1
        mask[:, 40:60] = 1
    theirs = coco.encode(coco_mask(mask))["counts"]
    assert coco_compressed(mask) == theirs.decode()
    np.testing.assert_array_equal(coco_decode(theirs, shape), mask)


@pytest.mark.parametrize(
    ("counts", "position"),
    [
        ([4, 3], 2),
        ([4, 9], 1),
        ([4, -1, 9], 1),
        ([4, True, 7], 1),
        ([4, 2.0, 6], 1),
        ([12, 2**70], 1),
        ([], 0),
        ("", 0),
        ("4 8", 1),
        ("4P", 1),
        ("44" + "P" * 12 + "0", 2),
        ("<1", 1),
        ("4O", 1),
        ("4é", 1),
        (b"4\xff", 1),
    ],
)
def test_bad_coco_counts_raise_with_the_entry_or_character(counts, position):
    with pytest.raises(RleError) as caught:
        coco_decode(counts, (3, 4))
    assert caught.value.position == position


@quick
@given(st.text(alphabet=st.characters(min_codepoint=44, max_codepoint=115), max_size=8))
def test_any_coco_text_decodes_like_pycocotools_or_raises_within_itself(text):
    coco = pytest.importorskip("pycocotools.mask")
    try:
        mask = coco_decode(text, (2, 3))
    except RleError as error:
        position = error.position
    else:
        position = 0
        np.testing.assert_array_equal(mask, coco.decode({"size": [2, 3], "counts": text.encode()}))
    assert 0 <= position <= len(text)


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 25))
    position = st.integers(0, size - 1)
    return size, draw(st.lists(st.tuples(position, position), max_size=40))


@quick
@given(graphs(), st.integers(0, 40))
def test_links_lead_to_the_lowest_position_however_they_are_dealt(graph, cut):
    size, pairs = graph
    roots = np.arange(size)
    for block in (pairs[:cut], pairs[cut:]):
        roots = linked(roots, *np.array(block, dtype=np.int64).reshape(-1, 2).T)
    assert roots.tolist() == reachable(size, pairs)
