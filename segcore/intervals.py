"""How uncertain a difference is that was measured in the folds of one cross-validation, whose training sets overlap.

With k folds a fold's difference is modelled as mu + I + T + S: I is what the images that happen to be scored do to it
(variance a), T what its training set does (variance b), S what the seeds of training do (variance e). I and S are new
in every fold. T is a sum over the k - 1 parts that are trained on, of which two folds share k - 2, so that::

    variance of the mean         (a + (k - 1) b + e) / k
    expected variance of folds   a + b / (k - 1) + e

The more b matters, the more the second hides of the first: no estimate of the variance of a mean from one
cross-validation is unbiased (Bengio and Grandvalet, 2004, "No unbiased estimator of the variance of k-fold
cross-validation", JMLR 5:1089). Something about b has to be assumed, and each of these functions says what.
"""

import math

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from segcore.student_t import quantile

LEVEL = 0.95
TRAINING_WEIGHT = 2.0  # what training sets are assumed to add to the variance of the mean, in what images do


@frozen
class Interval:
    """Where a value lies at a level of confidence.

    Attributes
    ----------
    low, high
        Its ends, in the units of the value.
    error
        Standard error of the value.
    freedom
        Degrees of freedom of the t distribution; infinity for the normal one.
    level
        How often such intervals hold the value, above 0 and below 1.

    """

    low: float
    high: float
    error: float
    freedom: float
    level: float = LEVEL

    @property
    def holds_zero(self) -> bool:
        """Whether no difference is among what the interval allows."""
        return self.low <= 0 <= self.high


@frozen(eq=False)
class Errors:
    """Standard errors and degrees of freedom, float64 of one shape (…); `interval` makes intervals of them."""

    error: NDArray[np.float64]
    freedom: NDArray[np.float64]

    def half_width(self, level: float = LEVEL) -> NDArray[np.float64]:
        """Return half of the width of the intervals, float64 (…)."""
        return quantile(level, self.freedom) * self.error


def interval(value: float, errors: Errors, level: float = LEVEL) -> Interval:
    """Return the interval around one value; its standard error and degrees of freedom are single numbers."""
    half = float(errors.half_width(level))
    return Interval(value - half, value + half, float(errors.error), float(errors.freedom), level)


def _spread(differences: NDArray[np.float64], folds: int | None) -> tuple[NDArray[np.float64], int, int]:
    """Return the variance between folds (…), how many there are, and how many the data were divided into."""
    given = int(differences.shape[-1]) if differences.ndim else 0
    planned = given if folds is None else folds
    if not 2 <= given <= planned:
        raise ValueError(f"an interval needs 2 folds or more, of {planned} folds, got {given}")
    return np.asarray(differences.var(axis=-1, ddof=1)), given, planned


def uncorrected(differences: NDArray[np.float64]) -> Errors:
    """Return Student's error of a mean of independent folds: too small, since it assumes b = 0; for comparison only.

    Parameters
    ----------
    differences
        Of k folds, float64 (…,k), k >= 2.

    Raises
    ------
    ValueError
        With fewer than two folds.

    """
    between, given, _ = _spread(differences, None)
    return Errors(np.sqrt(between / given), np.full(between.shape, given - 1.0))


def nadeau_bengio(differences: NDArray[np.float64], folds: int | None = None) -> Errors:
    """Return the corrected resampled t-test's error: s**2 (1/k + n_test/n_train), with k - 1 degrees of freedom.

    It assumes that any two folds correlate by n_test/n, whatever the cause, and knows nothing of the images. Source:
    Nadeau and Bengio, 2003, "Inference for the generalization error", Machine Learning 52:239,
    https://doi.org/10.1023/A:1024068626366.

    Parameters
    ----------
    differences
        Of k folds, float64 (…,k), k >= 2.
    folds
        Into how many the data were divided, where some are missing; by default k.

    Raises
    ------
    ValueError
        With fewer than two folds, or more than there are.

    """
    between, given, planned = _spread(differences, folds)
    error = np.sqrt(between * (1 / given + 1 / (planned - 1)))
    return Errors(error, np.full(between.shape, given - 1.0))


def overlapping(
    differences: NDArray[np.float64],
    image_variance: float | NDArray[np.float64],
    seed_variance: float | NDArray[np.float64] = 0.0,
    folds: int | None = None,
    image_freedom: float = math.inf,
) -> Errors:
    """Return the error of the mean over folds, with the images' part as the images tell it.

    What images do, a/k, is known from how they differ within folds. All else is taken from the variance s**2 between
    folds, by a factor c that makes the sum right on average where training sets add `TRAINING_WEIGHT` times as much
    to the variance of the mean as images do, b = 2 a / (k - 1): the variance is a/k + c s**2. Its degrees of freedom
    follow from those of both parts (Satterthwaite, 1946, "An approximate distribution of estimates of variance
    components", Biometrics Bulletin 2:110, https://doi.org/10.2307/3002019).

    By simulation (``python -m tests.benchmarks.coverage``) a 95 % interval of five folds covers 92 to 98 % for b from
    0.25 a to 0.7 a; below it covers more and is up to 1.8 times as wide as it had to be, above it covers less.

    Parameters
    ----------
    differences
        Of k folds, float64 (…,k), k >= 2; each a mean over replicates where there are several.
    image_variance
        The variance a of a fold's difference that comes from its images, (…), from 0.
    seed_variance
        The variance e of a fold's difference that comes from the seeds of training, (…), from 0; 0 where it is not
        known, which leaves it in s**2 and makes the interval wider. No more of it is believed than s**2, of which it
        is a part: what few replicates tell is noisy, and too large an e would make the interval too short.
    folds
        Into how many the data were divided, where some are missing; by default k.
    image_freedom
        Degrees of freedom of `image_variance`: images, or groups of them, less one for each fold; at least 1.

    Raises
    ------
    ValueError
        With fewer than two folds, more than there are, a negative variance, or no degree of freedom.

    """
    between, given, planned = _spread(differences, folds)
    a, e = np.broadcast_arrays(np.asarray(image_variance, float), np.asarray(seed_variance, float))
    if not bool((a >= 0).all() and (e >= 0).all()):
        raise ValueError(f"variances are 0 or more, got {image_variance} and {seed_variance}")
    if not image_freedom >= 1:
        raise ValueError(f"degrees of freedom are 1 or more, got {image_freedom}")
    e = np.minimum(e, between)
    b = TRAINING_WEIGHT * a / (planned - 1)
    shared = (planned - 2) / (planned - 1)  # the correlation of two folds' training sets
    others = (b * (1 + (given - 1) * shared) + e) / given
    expected = a + b * (1 - shared) + e
    plain = nadeau_bengio(differences, folds)
    # Where images tell of no variance at all, what is left is the correction that knows nothing of them: seeds alone,
    # however small, would make it Student's.
    is_known = a > 0
    factor = np.divide(others, expected, out=np.full(between.shape, math.nan), where=is_known)
    rest = np.where(is_known, factor * between, plain.error**2)
    total = a / given + rest
    share = np.divide(rest, total, out=np.ones(between.shape), where=total > 0)
    inverse = share**2 / (given - 1) + (1 - share) ** 2 / image_freedom
    freedom = np.divide(1, inverse, out=np.full(between.shape, math.inf), where=inverse > 0)
    return Errors(np.sqrt(total), freedom)
