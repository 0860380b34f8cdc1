"""Quantiles of Student's t: those of SciPy, for whole and other degrees of freedom."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from segcore.student_t import quantile

LEVELS = st.floats(0.01, 0.9999)
FREEDOM = st.floats(1, 1e6)


@settings(max_examples=50)
@given(LEVELS, st.lists(FREEDOM, max_size=4))
def test_a_quantile_is_that_of_scipy(level, freedom):
    found = quantile(level, np.array(freedom))
    assert found.shape == (len(freedom),)
    np.testing.assert_allclose(found, t.ppf((1 + level) / 2, freedom), rtol=1e-6)


@settings(max_examples=20)
@given(LEVELS)
def test_without_end_of_degrees_it_is_the_normal_one(level):
    normal = NormalDist().inv_cdf((1 + level) / 2)
    assert float(quantile(level, math.inf)) == normal
    assert float(quantile(level, 1e12)) == pytest.approx(normal, rel=1e-6)


def test_a_table_keeps_its_shape():
    freedom = np.array([[1.0, 4.0], [2.5, np.inf]])
    np.testing.assert_allclose(quantile(0.95, freedom)[0], [12.7062047, 2.7764451], rtol=1e-7)
    assert quantile(0.95, freedom).shape == (2, 2)


@pytest.mark.parametrize(("level", "freedom"), [(0, 3), (1, 3), (0.5, 0.9), (0.5, math.nan), (math.nan, 3)])
def test_what_has_no_quantile_is_refused(level, freedom):
    with pytest.raises(ValueError, match=r"level|degrees"):
        quantile(level, freedom)
