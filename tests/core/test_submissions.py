"""Rows of a run-length csv decode to the masks that they were written from, in each style."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import ndimage

from segcore.masks import masks_of
from segcore.rle import rle_decode
from segcore.submissions import STYLES, header, rows

quick = settings(deadline=None, max_examples=100)
SHAPE = (6, 5)
planes = npst.arrays(np.bool_, (*SHAPE, 3))


def decoded(texts):
    return [rle_decode(text, SHAPE) for text in texts]


@quick
@given(npst.arrays(np.bool_, SHAPE))
def test_one_class_is_a_row_per_image_or_per_object(grid):
    masks = (np.where(grid, np.uint8(255), np.uint8(0)),)
    ((name, text),) = rows("a.b", masks, 1)
    assert name == "a.b"
    np.testing.assert_array_equal(rle_decode(text, SHAPE), grid)
    names, texts = zip(*rows("a.b", masks, 1, "object"), strict=True)
    assert set(names) == {"a.b"}
    assert len(texts) == max(1, ndimage.label(grid, np.ones((3, 3)))[1])
    np.testing.assert_array_equal(np.sum(decoded(texts), axis=0), grid)


@quick
@given(planes, st.sampled_from(STYLES))
def test_classes_of_their_own_have_rows_that_are_numbered_from_one(grid, style):
    masks = masks_of(grid.astype(np.float32), 0.5, exclusive=False)
    written = rows("x", masks, 3, style)
    for number in (1, 2, 3):
        texts = [text for name, text in written if name == f"x_{number}"]
        np.testing.assert_array_equal(np.sum(decoded(texts), axis=0), grid[..., number - 1])
    assert {name for name, _ in written} == {"x_1", "x_2", "x_3"}
    assert style == "object" or len(written) == 3


@quick
@given(npst.arrays(np.uint8, SHAPE, elements=st.integers(0, 2)))
def test_the_background_of_exclusive_classes_has_no_row(ids):
    written = rows("x", (ids,), 3, "class")
    assert [name for name, _ in written] == ["x_1", "x_2"]
    for number, (_, text) in enumerate(written, start=1):
        np.testing.assert_array_equal(rle_decode(text, SHAPE), ids == number)


def test_the_class_stands_in_the_name_even_of_a_single_class_where_the_style_asks_for_it():
    assert rows("x.jpg", (np.zeros(SHAPE, np.uint8),), 1, "class") == (("x.jpg_1", ""),)
    assert header("class") == ("ImageId_ClassId", "EncodedPixels")
    assert {header("image"), header("object")} == {("ImageId", "EncodedPixels")}


def test_an_unknown_style_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="object"):
        rows("x", (), 1, "objects")
