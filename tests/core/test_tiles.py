"""Windows cover every pixel and overlap enough; what is cut into them is blended back as it was."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal.windows import gaussian as scipy_gaussian

from segcore.epochs import epoch_order
from segcore.tiles import (
    Crops,
    Framing,
    addresses,
    blend,
    canvas_of,
    cut,
    cut_scaled,
    gaussian,
    grid,
    own_size,
    resized,
    uniform,
)
from segcore.values import Indices

sides = st.integers(1, 12)
overlaps = st.floats(0, 0.95)
crops = st.builds(Crops, st.integers(1, 5), overlaps)


@st.composite
def grids(draw):
    """Draw a grid of small windows on a canvas that holds them."""
    window = draw(st.tuples(sides, sides))
    canvas = tuple(side + draw(st.integers(0, 40)) for side in window)
    return grid(canvas, window, draw(overlaps))


def canvas_map(one, channels=2):
    """Return a map of noise in [0, 1] of a grid's canvas."""
    return np.random.default_rng(len(one)).random((*one.canvas, channels), dtype=np.float32)


@given(grids())
def test_every_pixel_is_covered_and_no_window_leaves_the_canvas(one):
    covered = np.zeros((*one.canvas, 1), int)
    for number in range(len(one)):
        part = cut(covered, one, number)
        assert part.shape[:2] == one.window
        part += 1
    assert covered.min() >= 1


@given(st.tuples(sides, sides), st.integers(0, 40), overlaps)
def test_neighbours_overlap_enough_and_are_spaced_equally(window, more, overlap):
    """But for windows that are too small to overlap more: they move by one pixel at least."""
    one = grid((window[0] + more, window[1]), window, overlap)
    steps = [after - before for before, after in pairwise(one.tops)]
    assert one.tops[0] == one.lefts[0] == 0
    assert one.tops[-1] + window[0] == one.canvas[0]
    assert one.lefts == (0,)
    if steps:
        assert max(steps) - min(steps) <= 1
        assert max(steps) == 1 or window[0] - max(steps) >= overlap * window[0] - 1e-6


@given(st.tuples(sides, sides), st.integers(1, 40), overlaps)
def test_there_are_no_more_windows_than_needed(window, more, overlap):
    """One row of windows less, spread over the same canvas, would overlap less than was asked for."""
    one = grid((window[0] + more, window[1]), window, overlap)
    gaps = len(one.tops) - 2
    if gaps:
        assert window[0] - more / gaps < overlap * window[0] + 1


@given(st.tuples(sides, sides), crops)
def test_the_canvas_of_crops_holds_exactly_so_many_windows(window, given_crops):
    frame = resized(window, given_crops)
    assert len(frame.grid.tops) == len(frame.grid.lefts) == given_crops.count
    assert len(frame.grid) == given_crops.windows
    assert frame.size == frame.grid.canvas == canvas_of(window, given_crops)


@pytest.mark.parametrize(
    ("given_crops", "canvas"),
    [
        (Crops(), (320, 64)),
        (Crops(3), (960, 192)),
        (Crops(3, 0.25), (800, 160)),
        (Crops(2, 0.5), (480, 96)),
        (Crops(2, 0.1), (608, 121)),  # 64 pixels overlap by 7, since 6.4 would be less than a tenth
    ],
)
def test_a_canvas_is_as_large_as_one_computes_by_hand(given_crops, canvas):
    assert canvas_of((320, 64), given_crops) == canvas


@given(grids(), st.booleans())
def test_what_is_cut_into_windows_blends_back_to_itself(one, is_uniform):
    given_map = canvas_map(one)
    maps = (cut(given_map, one, number) for number in range(len(one)))
    np.testing.assert_allclose(blend(maps, one, is_uniform=is_uniform), given_map, rtol=1e-5, atol=1e-6)


@given(st.tuples(sides, sides), st.integers(1, 4))
def test_windows_that_do_not_overlap_are_put_together_bit_by_bit(window, count):
    one = resized(window, Crops(count)).grid
    given_map = canvas_map(one)
    blended = blend([cut(given_map, one, number) for number in range(len(one))], one)
    assert blended.dtype == np.float32
    np.testing.assert_array_equal(blended, given_map)


@given(grids(), st.data())
def test_a_blend_is_the_weighted_mean_of_textbooks(one, data):
    """The oracle adds up weights and weighted maps over the whole canvas in double precision."""
    is_uniform = data.draw(st.booleans())
    profile = uniform if is_uniform else gaussian
    weights = np.outer(*(profile(side) for side in one.window))[..., None]
    random = np.random.default_rng(data.draw(st.integers(0, 9)))
    maps = [random.random((*one.window, 1), dtype=np.float32) for _ in range(len(one))]
    above, below = np.zeros((*one.canvas, 1)), np.zeros((*one.canvas, 1))
    for number, each in enumerate(maps):
        part, total = cut(above, one, number), cut(below, one, number)
        part += weights * each
        total += weights
    np.testing.assert_allclose(blend(maps, one, is_uniform=is_uniform), above / below, rtol=1e-4, atol=1e-5)


@given(grids())
def test_a_blend_stays_between_what_it_was_given(one):
    random = np.random.default_rng(0)
    maps = [random.random((*one.window, 1), dtype=np.float32) for _ in range(len(one))]
    blended = blend(maps, one)
    assert min(map(np.min, maps)) - 1e-6 <= blended.min() <= blended.max() <= max(map(np.max, maps)) + 1e-6


@pytest.mark.parametrize("count", [0, 3, 5])
def test_too_few_or_too_many_maps_are_refused(count):
    one = grid((8, 8), (4, 4))
    with pytest.raises(ValueError, match="4 maps"):
        blend([np.zeros((4, 4, 1), np.float32)] * count, one)


def test_a_map_of_another_size_is_refused():
    with pytest.raises(ValueError, match="1 maps"):
        blend([np.zeros((4, 3, 1), np.float32)], grid((4, 4), (4, 4)))


@given(st.integers(1, 64))
def test_the_weight_is_scipys_gaussian_with_an_eighth_of_the_side_and_a_floor(side):
    np.testing.assert_allclose(gaussian(side), np.maximum(scipy_gaussian(side, side / 8), 1e-3))


def test_a_canvas_that_is_too_small_and_a_share_that_is_none_are_refused():
    with pytest.raises(ValueError, match="does not hold"):
        grid((3, 9), (4, 4))
    for overlap in (1.0, -0.1, float("nan")):
        with pytest.raises(ValueError, match="share"):
            grid((9, 9), (4, 4), overlap)
        with pytest.raises(ValueError, match="share"):
            canvas_of((4, 4), Crops(2, overlap))


@given(st.tuples(st.integers(1, 60), st.integers(1, 60)), st.tuples(sides, sides))
def test_an_image_at_its_own_size_is_padded_to_the_window_on_both_sides_and_never_cut(size, window):
    frame = own_size(size, window)
    assert frame.size == size
    for axis in (0, 1):
        before, after = frame.before[axis], frame.after[axis]
        assert size[axis] + before + after == frame.grid.canvas[axis] == max(size[axis], window[axis])
        assert 0 <= after - before <= 1


def test_framing_is_one_of_the_two():
    assert Framing().frame((50, 60), (32, 32)) == resized((32, 32), Crops())
    assert Framing(Crops(2)).frame((50, 60), (32, 32)) == resized((32, 32), Crops(2))
    assert Framing(at_own_size=True).frame((50, 60), (32, 32)) == own_size((50, 60), (32, 32))
    with pytest.raises(ValueError, match="exclude"):
        Framing(Crops(2), at_own_size=True)


@given(st.tuples(st.integers(1, 60), st.integers(1, 60)), st.tuples(sides, sides), st.integers(1, 5))
def test_windows_of_an_image_of_another_size_show_each_of_its_pixels(size, window, count):
    """Without overlap each pixel is shown once where the image is at least as large as there are windows."""
    one = resized(window, Crops(count)).grid
    shown = np.zeros((*size, 1), int)
    for number in range(len(one)):
        part = cut_scaled(shown, one, number)
        assert part.size
        part += 1
    assert shown.min() >= 1
    if min(size) >= count:
        assert shown.max() == 1


@given(st.tuples(sides, sides), crops)
def test_on_an_image_of_the_canvass_size_both_cuts_are_one(window, given_crops):
    one = resized(window, given_crops).grid
    image = canvas_map(one)
    for number in range(len(one)):
        np.testing.assert_array_equal(cut_scaled(image, one, number), cut(image, one, number))


@given(st.lists(st.integers(0, 1000), max_size=20), st.integers(1, 16))
def test_addresses_name_each_window_of_each_row_once_and_lead_back(rows, windows):
    found = list(addresses(Indices(rows), windows))
    assert [divmod(address, windows) for address in found] == [
        (row, number) for row in rows for number in range(windows)
    ]


@given(st.sets(st.integers(0, 99), min_size=2, max_size=30), st.integers(1, 9), st.integers(0, 5), st.data())
def test_an_epoch_shows_every_window_of_the_images_that_it_takes(rows, windows, epoch, data):
    """Negatives are chosen as images: all windows of one are shown, or none; and images are mixed."""
    ordered = sorted(rows)
    count = data.draw(st.integers(0, len(ordered) // 2))
    positives, negatives = Indices(ordered[::2]), Indices(ordered[1::2])
    place = (positives, negatives, count, 7, 0, 1, epoch)
    images, order = epoch_order(*place), epoch_order(*place, windows)
    assert sorted(order) == sorted(addresses(images, windows))
    assert epoch_order(*place, 1) == images


def test_windows_of_an_image_do_not_follow_each_other():
    """Else a batch would hold one image."""
    order = epoch_order(Indices(range(50)), Indices(), 0, 7, 0, 0, 0, 4)
    assert len({address // 4 for address in list(order)[:16]}) > 8
