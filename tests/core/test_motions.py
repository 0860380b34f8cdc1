"""Moves of a frame: the sizes and places that NumPy's slices and pads, and imgaug's own rules, say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.matrices import IDENTITY, compose, shift
from segcore.motions import Motion, Moved, begun, joined, looks_outside, moves_of, resized, started
from segcore.moves import Affine, CropAndPad, Flip, Quarter
from segshell.imgaug_compatibility import load

sizes = st.tuples(st.integers(1, 30), st.integers(1, 30))
side = st.integers(-40, 20)


@given(sizes, st.tuples(side, side, side, side))
def test_a_crop_leaves_a_pixel_as_imgaug_does(size, sides):
    cut = [max(-one, 0) for one in sides]
    top, right, bottom, left = load().size._crop_prevent_zero_size(*size, *cut)
    padded = [max(one, 0) for one in sides]
    height = size[0] - top - bottom + padded[0] + padded[2]
    width = size[1] - left - right + padded[1] + padded[3]
    found = moves_of(CropAndPad(sides, keep_size=False), size)
    if any((top, right, bottom, left, *padded)):
        assert found == [Moved(shift(padded[3] - left, padded[0] - top), (height, width))]
    else:
        assert found == []


@given(sizes, st.tuples(*[st.sampled_from((-0.1, 0, 0.25, 0.05))] * 4))
def test_shares_are_rounded_to_pixels(size, shares):
    in_pixels = tuple(np.round(np.multiply(shares, (*size, *size))).astype(int).tolist())
    assert moves_of(CropAndPad(shares, is_share=True), size) == moves_of(CropAndPad(in_pixels), size)


@given(sizes, st.integers(1, 3), st.booleans())
def test_a_turn_has_the_size_of_numpys_and_is_brought_back_where_it_should(size, turns, keep_size):
    found = moves_of(Quarter(turns, keep_size), size)
    assert found[turns - 1].size == np.rot90(np.zeros(size), turns).shape
    assert (found[-1].size == size) == (keep_size or turns == 2 or size[0] == size[1])


def test_what_does_not_move_is_no_move():
    assert (
        moves_of(Affine(), (4, 5))
        == moves_of(CropAndPad((0, 0, 0, 0)), (4, 5))
        == resized((4, 5), (4, 5))
        == []
    )


def test_a_move_keeps_its_manner():
    (found,) = moves_of(Affine(rotate=9, order=3, fill=(1, 2, 3), border="wrap"), (4, 5))
    assert found[2:] == (3, (1, 2, 3), "wrap", False)


@given(sizes, st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 30), st.integers(1, 30))
def test_a_shift_looks_outside_where_the_frames_do_not_lie_in_each_other(size, x, y, height, width):
    inside = x <= 0 and y <= 0 and height <= size[0] + y and width <= size[1] + x
    assert looks_outside(Moved(shift(x, y), (height, width)), size) != inside


def test_what_cannot_be_undone_may_show_anything():
    assert looks_outside(Moved((1.0, 2.0, 0.0, 2.0, 4.0, 0.0), (4, 5)), (4, 5))


@given(
    sizes,
    st.lists(st.sampled_from((Flip("horizontal"), Quarter(1), Quarter(1, keep_size=False))), max_size=5),
)
def test_turns_flips_and_resizes_stay_whole(size, steps):
    motion = begun(size)
    assert motion == Motion((0, 0, *size), size, IDENTITY)
    for step in steps:
        for moved in moves_of(step, motion.size):
            motion = joined(motion, moved)
    assert motion.is_whole
    assert motion.part == (0, 0, *size)


def test_crops_of_whole_pixels_narrow_the_part():
    motion = begun((10, 12))
    for step in (
        CropAndPad((-1, -2, 0, -3), keep_size=False),
        Flip("horizontal"),
        CropAndPad((0, 0, 0, -2), keep_size=False),
    ):
        for moved in moves_of(step, motion.size):
            motion = joined(motion, moved)
    assert (motion.part, motion.size, motion.is_whole) == ((1, 3, 9, 5), (9, 5), True)


def test_what_is_outside_is_said_by_the_move_that_shows_it_first():
    out = Moved(shift(2, 0), (4, 5), 1, (7, 7, 7))
    motion = started(begun((4, 5)), out)
    assert (motion.shows_outside, motion.fill, motion.is_whole) == (True, (7, 7, 7), False)
    narrower = joined(motion, Moved(shift(-1, 0), (4, 4), None, (9, 9, 9)))
    assert narrower == motion._replace(matrix=compose(motion.matrix, shift(-1, 0)), size=(4, 4))


@pytest.mark.parametrize(
    ("second", "fits"),
    [
        (Moved(shift(-3, 0), (4, 5), 1), False),
        (Moved(shift(-1, 0), (4, 4), 0), False),
        (Moved(shift(-1, 0), (4, 4), None), True),
    ],
)
def test_moves_are_joined_unless_they_show_or_interpolate_otherwise(second, fits):
    motion = started(begun((4, 5)), Moved(shift(2, 0), (4, 5), 1))
    assert (joined(motion, second) is not None) == fits
