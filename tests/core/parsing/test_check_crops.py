"""Checks of crops: alone, and of a size that can be held."""

from hypothesis import given
from hypothesis import strategies as st

from segcore.parsing.check_crops import canvas_problems, windows_problems
from segcore.tiles import Crops
from segshell.picture_limits import MOST_PIXELS
from tests.record_strategies import config_of

counts = st.integers(1, 16)


@given(counts, st.sampled_from(["resize", "windows"]))
def test_crops_and_windows_exclude_each_other(count, inference):
    found = list(windows_problems(config_of(crops=Crops(count), inference=inference)))
    assert bool(found) == (count > 1 and inference == "windows")


@given(counts, st.integers(1, 512), st.integers(1, 512))
def test_crops_bring_no_image_to_more_pixels_than_an_image_file_may_have(count, rows, columns):
    """Without overlap the canvas is as many windows high and wide as there are crops per side."""
    config = config_of(crops=Crops(count), shape=(32 * rows, 32 * columns, 3))
    pixels = 32 * rows * count * 32 * columns * count
    assert bool(list(canvas_problems(config))) == (count > 1 and pixels > MOST_PIXELS)


def test_overlap_makes_the_canvas_smaller():
    shape = (4096, 4096, 3)
    assert list(canvas_problems(config_of(crops=Crops(3), shape=shape)))
    assert not list(canvas_problems(config_of(crops=Crops(3, 0.5), shape=shape)))
