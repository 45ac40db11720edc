"""From the parameters that a network gives for a step ahead to quantiles, with NumPy alone."""

import functools
import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

#: The quantiles that are answered: the median, and the ends of intervals of 50 %, 80 % and 95 %.
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
#: The number of parameters of each head.
HEADS = {"quantiles": len(LEVELS), "gaussian": 2, "student_t": 3, "negative_binomial": 2, "point": 1}
#: The least of what is positive, and of the degrees of freedom.
LEAST, FREEDOM = 1e-4, 2.0
_NODES = 400
_MOST_COUNTED = 100_000


def levels_of(head: str) -> tuple[float, ...]:
    """The levels of the quantiles that a head gives.

    Example:

    >>> levels_of("point")
    (0.5,)
    """
    return (0.5,) if head == "point" else LEVELS


def quantiles_of(head: str, given: np.ndarray, scale: np.ndarray, levels: Sequence[float] = LEVELS) -> np.ndarray:
    """The quantiles of scaled values, `[..., levels]`, in rising order.

    Args:
        head: One of `HEADS`.
        given: The network's parameters, `[..., parameters]`; unknown heads have as many as `HEADS` says.
        scale: What values were divided by, of the shape `[..., 1]` of one parameter; counts depend on it.
        levels: Those to give, of a distribution.

    Example:

    >>> quantiles_of("gaussian", np.array([[1.0, 0.5413]]), np.ones((1, 1)), (0.5, 0.975)).round(2).tolist()
    [[1.0, 2.96]]
    >>> quantiles_of("quantiles", np.array([[3.0, 1, 2, 4, 5, 6, 7]]), np.ones((1, 1))).tolist()
    [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]
    """
    given = np.asarray(given, np.float64)
    if head in ("quantiles", "point"):
        return np.sort(given, axis=-1)
    if head == "negative_binomial":
        mean = (softplus(given[..., :1]) + LEAST) * scale
        dispersion = softplus(given[..., 1:2]) + LEAST
        return negative_binomial_quantiles(mean[..., 0], dispersion[..., 0], levels) / scale
    place, spread = given[..., :1], softplus(given[..., 1:2]) + LEAST
    if head == "gaussian":
        return place + spread * np.array([NormalDist().inv_cdf(level) for level in levels])
    freedom = FREEDOM + softplus(given[..., 2])
    return place + spread * np.stack([t_quantile(level, freedom) for level in levels], axis=-1)


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + e^x).

    Example:

    >>> softplus(np.array([0.0, 1000.0])).round(4).tolist()
    [0.6931, 1000.0]
    """
    return np.logaddexp(0.0, x)


def t_quantile(level: float, freedom: np.ndarray) -> np.ndarray:
    """The quantile of Student's t, for 2 degrees of freedom and more, to five digits.

    Args:
        level: Between 0 and 1.
        freedom: Degrees of freedom, of any shape.

    Example:

    >>> t_quantile(0.975, np.array([2.0, 10.0])).round(4).tolist()
    [4.3027, 2.2281]
    """
    grid, values = _t_table(max(level, 1 - level))
    return np.sign(level - 0.5) * np.interp(1 / np.maximum(freedom, FREEDOM), grid, values)


@functools.cache
def _t_table(level: float) -> tuple[np.ndarray, np.ndarray]:
    """The quantile at a grid of 1 / degrees of freedom."""
    grid = np.linspace(0.0, 1 / FREEDOM, _NODES)
    values = [NormalDist().inv_cdf(level)]
    for inverse in grid[1:]:
        freedom = 1 / float(inverse)
        constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
        nodes, weights = np.polynomial.legendre.leggauss(40)
        x = values[-1]
        for _ in range(20):  # Newton's method on the integral of the density from 0
            at = x / 2 * (nodes + 1)
            density = np.exp(constant - (freedom + 1) / 2 * np.log1p(at * at / freedom))
            here = math.exp(constant - (freedom + 1) / 2 * math.log1p(x * x / freedom))
            step = (0.5 + x / 2 * float(weights @ density) - level) / here
            x -= step
            if abs(step) < 1e-10:
                break
        values.append(x)
    return grid, np.array(values)


def negative_binomial_quantiles(mean: np.ndarray, dispersion: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """The quantiles of counts whose variance is mean + dispersion mean^2, `[..., levels]`; of large ones nearly.

    Args:
        mean: Above 0, of any shape.
        dispersion: Likewise, of the same shape.
        levels: Between 0 and 1, rising.

    Example:

    >>> negative_binomial_quantiles(np.array([2.0]), np.array([0.5]), (0.1, 0.6, 0.9)).tolist()
    [[0.0, 2.0, 5.0]]
    """
    means, dispersions = mean.ravel(), dispersion.ravel()
    size = 1 / dispersions
    share = means / (means + size)
    chance = np.exp(-size * np.log1p(means * dispersions))
    found = _nearly(means, dispersions, levels)
    exact = (chance > 1e-280) & (found[:, -1] < _MOST_COUNTED)
    left, below, at = np.flatnonzero(exact), np.zeros(len(means)), 0
    found[left] = 0.0
    while len(left):
        below[left] += chance[left]
        found[left] += below[left, None] < np.array(levels)
        chance[left] *= share[left] * (at + size[left]) / (at + 1)
        at += 1
        left = left[(below[left] < levels[-1]) & (at < 2 * _MOST_COUNTED)]
    return found.reshape(*mean.shape, len(levels))


def _nearly(mean: np.ndarray, dispersion: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """By the normal distribution with the skewness (Cornish and Fisher)."""
    deviation = np.sqrt(mean + dispersion * mean**2)[:, None]
    skew = ((1 + 2 * dispersion * mean) / np.sqrt(mean * (1 + dispersion * mean)))[:, None]
    normal = np.array([NormalDist().inv_cdf(level) for level in levels])
    return np.maximum(np.round(mean[:, None] + deviation * (normal + skew * (normal**2 - 1) / 6)), 0.0)
