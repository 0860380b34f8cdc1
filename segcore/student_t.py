"""Quantiles of Student's t for any degrees of freedom, whole or not, with no more than NumPy."""

import math
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_STEPS: Final = 60  # Newton's method; it takes 5 for most, and 30 for a tail as heavy as that of one degree


def quantile(level: float, freedom: float | NDArray[Any]) -> NDArray[np.float64]:
    """Return how many standard errors a two-sided interval reaches, float64 of the shape of `freedom`.

    With t = sqrt(v) tan(x) the integral of the density up to t becomes that of cos(x)**(v - 1), which has no tail and
    is integrated by Gauss and Legendre's rule (Abramowitz and Stegun, 1964, "Handbook of Mathematical Functions",
    26.7.1 and 25.4.29). The distribution is concave above 0, so Newton's method from the normal quantile, which lies
    below, never steps too far. Seven digits are right.

    Parameters
    ----------
    level
        The share of the distribution between minus and plus the result, above 0 and at most 0.9999.
    freedom
        Degrees of freedom, from 1; infinity for the normal distribution.

    Raises
    ------
    ValueError
        When the level or the degrees of freedom are out of their range.

    """
    if not 0 < level <= 0.9999:
        raise ValueError(f"the level of an interval lies above 0 and at most at 0.9999, got {level}")
    given = np.asarray(freedom, np.float64)
    if not bool((given >= 1).all()):
        raise ValueError(f"degrees of freedom are 1 or more, got {freedom}")
    normal = NormalDist().inv_cdf((1 + level) / 2)
    # Beyond ten million the quantile is the normal one to seven digits, and gamma functions would lose more.
    v = np.minimum(given, 1e7)[..., None]
    nodes, weights = np.polynomial.legendre.leggauss(64)
    logs = [math.lgamma((one + 1) / 2) - math.lgamma(one / 2) for one in v.ravel().tolist()]
    scale = 2 * np.exp(np.reshape(logs, v.shape)) / math.sqrt(math.pi)
    found = np.full(v.shape, normal)
    for _ in range(_STEPS):
        end = np.arctan(found / np.sqrt(v))
        inside = ((weights * np.cos(end * (nodes + 1) / 2) ** (v - 1)).sum(axis=-1, keepdims=True)) * end / 2
        density = scale / np.sqrt(v) * np.cos(end) ** (v + 1)
        step = (level - scale * inside) / density
        found = found + step
        if float(np.abs(step / found).max(initial=0.0)) < 1e-13:
            break
    return np.where(np.isinf(given), normal, found[..., 0])
