"""Resampling matrices against interpolation and means as NumPy and the definition give them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.resampling import average, bilinear

sizes = st.integers(1, 40)


@given(sizes, sizes, st.booleans())
def test_each_row_is_a_mean_of_neighbours(source, target, aligned):
    for matrix in (bilinear(source, target, aligned=aligned), average(source, target)):
        assert (matrix.shape, matrix.dtype) == ((target, source), np.float32)
        assert matrix.min() >= 0
        np.testing.assert_allclose(matrix.sum(axis=1), 1, rtol=1e-5)


@given(sizes)
def test_the_same_size_changes_nothing(size):
    for matrix in (bilinear(size, size), bilinear(size, size, aligned=True), average(size, size)):
        np.testing.assert_allclose(matrix, np.eye(size), atol=1e-5)


@given(sizes, sizes)
def test_aligned_corners_interpolate_between_the_end_points(source, target):
    values = np.random.default_rng(source).normal(size=source)
    places = np.linspace(0, source - 1, target)
    expected = np.interp(places, np.arange(source), values)
    np.testing.assert_allclose(bilinear(source, target, aligned=True) @ values, expected, atol=1e-4)


@given(sizes, sizes)
def test_half_pixel_centres_interpolate_between_centres(source, target):
    values = np.random.default_rng(source).normal(size=source)
    centres = (np.arange(target) + 0.5) / target
    expected = np.interp(centres, (np.arange(source) + 0.5) / source, values)
    np.testing.assert_allclose(bilinear(source, target) @ values, expected, atol=1e-4)


@given(sizes, sizes)
def test_an_average_is_the_mean_of_every_value_its_share_of_the_axis_touches(source, target):
    values = np.random.default_rng(source).normal(size=source)
    expected = [
        np.mean([values[k] for k in range(source) if k * target < (i + 1) * source and (k + 1) * target > i * source])
        for i in range(target)
    ]  # fmt: skip
    np.testing.assert_allclose(average(source, target) @ values, expected, atol=1e-5)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
def test_a_size_of_nothing_is_an_error(sizes):
    for matrix in (bilinear, average):
        with pytest.raises(ValueError, match="1 or more"):
            matrix(*sizes)
