"""To the canvas and back: nothing is lost but what a change of size costs."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.tiles import Crops, own_size, resized
from segshell.framing import from_canvas, to_canvas
from tests.shell.pictures import noise

sizes = st.tuples(st.integers(1, 60), st.integers(1, 60))


@given(sizes, st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_an_image_at_its_own_size_comes_back_bit_by_bit(size, window):
    image, frame = noise(*size, 3), own_size(size, window)
    canvas = to_canvas(image, frame)
    assert canvas.shape == (*frame.grid.canvas, 3)
    back = from_canvas(canvas.astype(np.float32), frame, size)
    np.testing.assert_array_equal(back, image)


@pytest.mark.parametrize("size", [(20, 33), (5, 40), (2, 1)])
def test_what_is_added_is_the_reflection_that_opencv_draws(size):
    image, frame = noise(*size, 3), own_size(size, (32, 48))
    (top, left), (below, right) = frame.before, frame.after
    expected = cv2.copyMakeBorder(image, top, below, left, right, cv2.BORDER_REFLECT_101)
    np.testing.assert_array_equal(to_canvas(image, frame), expected)


@given(sizes, st.integers(1, 3), st.floats(0, 0.9))
def test_a_resized_image_is_on_the_canvas_of_its_crops_and_its_map_back_at_its_size(size, count, overlap):
    frame = resized((16, 24), Crops(count, overlap))
    canvas = to_canvas(noise(*size, 3), frame)
    assert canvas.shape == (*frame.grid.canvas, 3)
    level = np.full((*frame.grid.canvas, 2), 0.25, np.float32)
    np.testing.assert_allclose(from_canvas(level, frame, size), np.full((*size, 2), 0.25))
