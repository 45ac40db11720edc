"""The linear system that keeps the last stretch of a signal as Legendre polynomials."""

import numpy as np


def legendre_window(order: int, theta: float) -> tuple[np.ndarray, np.ndarray]:
    """The matrices of m = A m' + B u for steps of 1, float64 `[order, order]` and `[order]`.

    The state m holds the coefficients of the shifted Legendre polynomials that come nearest to the last `theta` steps
    of u, which is held constant within a step (zero-order hold).

    Args:
        order: How many polynomials.
        theta: Length of the stretch, in steps.

    Example: a signal that has been 1 for the whole stretch is the first polynomial alone.

    >>> a, b = legendre_window(4, 10.0)
    >>> m = np.zeros(4)
    >>> for _ in range(100):
    ...     m = a @ m + b
    >>> np.abs(m.round(6)).tolist()
    [1.0, 0.0, 0.0, 0.0]

    Reference:
        Voelker, Kajic & Eliasmith, Legendre Memory Units, NeurIPS 2019, equations 1 and 2.
    """
    row, column = np.mgrid[:order, :order]
    scale = (2 * np.arange(order) + 1.0)[:, None] / theta
    system = np.zeros((order + 1, order + 1))
    system[:order, :order] = np.where(row < column, -1.0, (-1.0) ** (row - column + 1)) * scale
    system[:order, order] = (-1.0) ** np.arange(order) * scale[:, 0]
    held = _exponential(system)
    return held[:order, :order], held[:order, order]


def _exponential(matrix: np.ndarray) -> np.ndarray:
    """e to a matrix: the series of one that is halved until it is small, squared as often."""
    halvings = max(0, int(np.ceil(np.log2(max(np.abs(matrix).sum(axis=0).max(), 1e-300)))) + 1)
    small, term = matrix / 2.0**halvings, np.eye(len(matrix))
    total = term.copy()
    for power in range(1, 20):  # of a matrix of norm 1/2, the next term is below 1e-24
        term = term @ small / power
        total += term
    for _ in range(halvings):
        total = total @ total
    return total
