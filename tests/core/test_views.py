"""The four flips are distinct, do what their names say, and are undone by their inverse."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from segcore.views import FLIPS, IDENTITY, apply, invert

shapes = npst.array_shapes(min_dims=3, max_dims=5, max_side=5)


@settings(deadline=None)
@given(npst.arrays(st.sampled_from([np.uint8, np.float32]), shapes), st.sampled_from(FLIPS))
def test_the_inverse_gives_the_array_back(array, view):
    np.testing.assert_array_equal(invert(view, apply(view, array)), array)
    assert apply(view, array).shape == array.shape


def test_the_four_views_differ_and_the_first_is_the_image_itself():
    image = np.arange(6).reshape(2, 3, 1)
    assert len({apply(view, image).tobytes() for view in FLIPS}) == 4
    assert FLIPS[0] == IDENTITY
    np.testing.assert_array_equal(apply(IDENTITY, image), image)


@pytest.mark.parametrize(("name", "code"), [("left_right", 1), ("up_down", 0), ("both", -1)])
def test_each_flip_is_the_one_that_opencv_calls_so(name, code):
    """OpenCV flips around the vertical axis (1), the horizontal one (0) or both (-1)."""
    image = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    view = next(view for view in FLIPS if view.name == name)
    np.testing.assert_array_equal(apply(view, image), cv2.flip(image, code))
    np.testing.assert_array_equal(apply(view, image[None])[0], cv2.flip(image, code))


def test_an_array_without_channels_is_refused():
    with pytest.raises(ValueError, match="channel axis"):
        apply(FLIPS[1], np.zeros((3, 4)))
