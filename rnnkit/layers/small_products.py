"""Products with constant matrices that keep their precision in a quantised file."""

from typing import Any

import numpy as np
from keras import ops

Tensor = Any
#: The converter makes int8 of a constant with as many numbers as this, and of what it is multiplied with.
_QUANTISED = 1024


def small_products(rows: Tensor, matrix: np.ndarray) -> Tensor:
    """rows @ matrix, in pieces whose constants are too small to be quantised; zeros above and below are left out.

    Why: dynamic-range quantisation rounds both factors of a product to 8 bits. Of a power spectrum, where the loudest
    bin has a million times the energy of the quietest, nothing remains then.

    Args:
        rows: float32 `[rows, features]`.
        matrix: `[features, size]`; a band matrix has few pieces.

    Example:

    >>> small_products(np.ones((1, 3), "float32"), np.array([[1.0, 0], [2, 1], [0, 4]])).numpy().tolist()
    [[3.0, 5.0]]
    """
    made, column = [], 0
    while column < matrix.shape[1]:
        count = 1
        while column + count < matrix.shape[1] and _numbers(matrix[:, column : column + count + 1]) < _QUANTISED:
            count += 1
        made.append(_product(rows, matrix[:, column : column + count]))
        column += count
    return made[0] if len(made) == 1 else ops.concatenate(made, axis=-1)


def exact_product(x: Tensor, factors: np.ndarray) -> Tensor:
    """x * factors, with float32's precision also in a file whose constants are float16.

    Example:

    >>> exact_product(np.array([2.0], "float32"), np.array([0.1])).round(6).tolist()
    [0.2]
    """
    high, low = _halves(factors)
    return x * high + x * low


def exact_difference(x: Tensor, values: np.ndarray) -> Tensor:
    """x - values, with float32's precision also in such a file.

    Example:

    >>> exact_difference(np.array([0.5], "float32"), np.array([0.1])).round(6).tolist()
    [0.4]
    """
    high, low = _halves(values)
    return x - high - low


def _halves(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of float32 that are float16 as they stand, and whose sum is the values."""
    high = values.astype(np.float16)
    return high.astype(np.float32), (values - high).astype(np.float16).astype(np.float32)


def _span(matrix: np.ndarray) -> tuple[int, int]:
    """From the first row that has a number other than 0 to behind the last; one row at least."""
    used = np.flatnonzero(matrix.any(axis=1))
    return (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)


def _numbers(matrix: np.ndarray) -> int:
    first, behind = _span(matrix)
    return (behind - first) * matrix.shape[1]


def _product(rows: Tensor, matrix: np.ndarray) -> Tensor:
    """The product with some columns, which are cut across where they are too long."""
    first, behind = _span(matrix)
    most = (_QUANTISED - 1) // matrix.shape[1]
    parts = [
        ops.matmul(rows[:, at : min(at + most, behind)], matrix[at : min(at + most, behind)].astype(np.float32))
        for at in range(first, behind, most)
    ]
    return parts[0] if len(parts) == 1 else sum(parts[1:], parts[0])
