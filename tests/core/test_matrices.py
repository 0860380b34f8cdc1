"""Maps of the plane: an algebra, and the maps that NumPy's own reordering and imgaug's own matrices say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.matrices import (
    IDENTITY,
    affine,
    compose,
    extent,
    flip,
    inverse,
    is_within,
    quarter,
    resize,
    shift,
)
from segcore.moves import Affine
from segshell.imgaug_compatibility import load

sizes = st.tuples(st.integers(1, 40), st.integers(1, 40))
factors = st.floats(0.2, 3)
affines = st.builds(
    Affine,
    scale=st.tuples(factors, factors),
    translate=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5)),
    is_share=st.booleans(),
    rotate=st.floats(-400, 400),
    shear=st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
)
maps = st.builds(affine, affines, sizes) | st.builds(shift, st.floats(-9, 9), st.floats(-9, 9))


def at(matrix, points):
    a, b, c, d, e, f = matrix
    return np.stack([a * points[0] + b * points[1] + c, d * points[0] + e * points[1] + f])


POINTS = np.random.default_rng(0).uniform(-20, 20, (2, 7))


@given(maps, maps)
def test_a_composed_map_is_one_after_the_other(first, second):
    np.testing.assert_allclose(at(compose(first, second), POINTS), at(second, at(first, POINTS)), atol=1e-6)


@given(maps)
def test_an_inverse_undoes_a_map_and_the_identity_does_nothing(matrix):
    np.testing.assert_allclose(at(inverse(matrix), at(matrix, POINTS)), POINTS, atol=1e-6)
    assert compose(matrix, IDENTITY) == pytest.approx(matrix)
    assert compose(IDENTITY, matrix) == pytest.approx(matrix)


def test_what_makes_a_line_of_the_plane_cannot_be_undone():
    with pytest.raises(ZeroDivisionError):
        inverse((1, 2, 0, 2, 4, 0))


def moved(pixels, matrix, size):
    """Return pixels where a map that hits whole pixels brings them."""
    rows, columns = np.indices(pixels.shape)
    x, y = np.round(at(matrix, np.stack([columns.ravel(), rows.ravel()]))).astype(int)
    target = np.full(size, -1)
    target[y, x] = pixels.ravel()
    return target


@given(sizes)
def test_flips_and_turns_are_those_of_numpy(size):
    pixels = np.arange(size[0] * size[1]).reshape(size)
    np.testing.assert_array_equal(moved(pixels, flip("horizontal", size), size), pixels[:, ::-1])
    np.testing.assert_array_equal(moved(pixels, flip("vertical", size), size), pixels[::-1])
    np.testing.assert_array_equal(moved(pixels, quarter(size), size[::-1]), np.rot90(pixels, -1))


def corners(size):
    return np.array([(x, y) for x in (-0.5, size[1] - 0.5) for y in (-0.5, size[0] - 0.5)]).T


@given(sizes, sizes)
def test_a_resize_brings_edges_to_edges(size, wanted):
    np.testing.assert_allclose(at(resize(size, wanted), corners(size)), corners(wanted), atol=1e-9)


@given(maps, sizes)
def test_an_extent_is_as_far_as_the_corners_reach(matrix, size):
    x, y = at(matrix, corners(size))
    assert extent(matrix, size) == pytest.approx((x.min(), x.max(), y.min(), y.max()), abs=1e-6)


@given(maps, sizes, sizes)
def test_a_frame_is_within_another_where_its_corners_are(matrix, size, frame):
    (x, y), (right, low) = at(matrix, corners(size)), (frame[1] - 0.5, frame[0] - 0.5)
    furthest = max(-0.5 - x.min(), -0.5 - y.min(), x.max() - right, y.max() - low)
    for tolerance in (1e-6, 3):
        if abs(furthest - tolerance) > 1e-7:
            assert is_within(matrix, size, frame, tolerance) == (furthest < tolerance)


def test_a_frame_is_within_itself_and_not_when_it_is_shifted():
    assert is_within(IDENTITY, (4, 5), (4, 5))
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        assert not is_within(shift(x, y), (4, 5), (4, 5))


@given(affines, st.tuples(st.integers(5, 300), st.integers(5, 300)))
def test_an_affine_is_the_matrix_of_imgaug(move, size):
    samples = load().geometric._AffineSamplingResult(
        scale=tuple(np.array([one]) for one in move.scale),
        translate=tuple(np.array([one]) for one in move.translate),
        translate_mode="percent" if move.is_share else "px",
        rotate=np.array([move.rotate]),
        shear=tuple(np.array([one]) for one in move.shear),
    )
    theirs = samples.to_matrix(0, (*size, 3), (*size, 3), False)[0].params[:2].ravel()
    found = affine(move, size)
    off = np.abs(theirs - IDENTITY).sum() / 9
    np.testing.assert_allclose(
        found, IDENTITY if off < 0.9e-4 else theirs, atol=2e-3 if off < 1.1e-4 else 5e-4
    )


def test_what_hardly_moves_does_not_move():
    assert affine(Affine(rotate=360, translate=(1e-4, 0)), (9, 9)) == IDENTITY
    assert affine(Affine(translate=(1, 0)), (9, 9)) == (1, 0, 1, 0, 1, 0)


def test_a_turn_goes_clockwise_about_the_centre():
    x, y = at(affine(Affine(rotate=90), (5, 5)), np.array([[4.0], [2.0]]))[:, 0]
    assert (x, y) == pytest.approx((2, 4)), "what is right of the centre comes below it"
    assert math.isclose(np.linalg.det(np.reshape(affine(Affine(rotate=33), (5, 9)), (2, 3))[:, :2]), 1)
