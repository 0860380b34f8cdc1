"""COCO counts as runs: the same pixels that decoding paints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.coco_counts import (
    coco_compressed,
    coco_counts,
    coco_decode,
    coco_runs,
    compressed,
    uncompressed,
)
from segcore.run_texts import RleError

quick = settings(deadline=None, max_examples=150)
grids = npst.arrays(np.bool_, st.tuples(st.integers(1, 15), st.integers(1, 15)))


def painted(runs, shape):
    pixels = np.zeros(shape[0] * shape[1], dtype=np.uint8)
    for start, end in zip(*runs, strict=True):
        assert end > start
        pixels[start:end] = 1
    return pixels.reshape(shape, order="F")


@quick
@given(grids)
def test_runs_of_either_form_are_the_mask_of_pycocotools(grid):
    coco = pytest.importorskip("pycocotools.mask")
    theirs = coco.encode(np.asfortranarray(grid, dtype=np.uint8))
    expected = coco.decode(theirs)
    for counts in (coco_counts(grid), coco_compressed(grid), theirs["counts"]):
        np.testing.assert_array_equal(painted(coco_runs(counts, grid.shape), grid.shape), expected)


@quick
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_counts_with_empty_runs_among_them_give_what_decoding_gives(counts):
    """Annotation tools write zeros between runs that touch."""
    shape = (1, sum(counts))
    np.testing.assert_array_equal(painted(coco_runs(counts, shape), shape), coco_decode(counts, shape))


@pytest.mark.parametrize("counts", [[4, 3], "4P", [4, "3"], [13]])
def test_bad_counts_are_refused(counts):
    with pytest.raises(RleError, match="COCO counts"):
        coco_runs(counts, (3, 4))


@quick
@given(st.lists(st.integers(0, 2**59), min_size=1, max_size=9))
def test_compressed_counts_come_back_with_the_place_of_each(counts):
    text = compressed(np.array(counts, dtype=np.int64))
    again, positions = uncompressed(text)
    assert again.tolist() == counts
    starts = [len(compressed(np.array(counts[:k], dtype=np.int64))) for k in range(len(counts))]
    assert positions.tolist() == [*starts, len(text)]
