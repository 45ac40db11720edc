"""Orthogonal matrices from skew-symmetric ones."""

from typing import Any

import keras
from keras import ops

Tensor = Any
#: The matrix is divided by 2^10 first, whose series then ends after 6 terms: right for norms up to about 300.
_SQUARINGS = 10
_TERMS = 6


def expm(matrix: Tensor) -> Tensor:
    """The exponential of a square matrix, accurate to the last digits of float32 for norms up to about 300.

    Why: exp(A) = exp(A / 2^s)^(2^s), and the exponential of a small matrix is a short series. What is squared is
    Y = exp(A / 2^s) - I, as (I + Y)^2 - I = 2 Y + Y^2: beside the identity, a small Y would lose its digits, and each
    squaring would double what was lost. Matrix products alone: TFLite has them, and gradients flow through them.

    Args:
        matrix: `[size, size]`; computed in float32 at least.

    Example:

    >>> import numpy as np
    >>> np.asarray(expm(np.array([[0.0, -np.pi], [np.pi, 0.0]], "float32"))).round(4) + 0.0  # half a turn
    array([[-1.,  0.],
           [ 0., -1.]], dtype=float32)

    Reference:
        Moler & Van Loan, Nineteen Dubious Ways to Compute the Exponential of a Matrix, Twenty-Five Years Later, SIAM
        Review 45(1), 2003, method 3.
    """
    given = ops.convert_to_tensor(matrix)
    small = ops.cast(given, keras.backend.result_type(given.dtype, "float32")) / 2**_SQUARINGS
    y = small / _TERMS
    for term in range(_TERMS - 1, 0, -1):  # A (I + A/2 (I + A/3 (...)))
        y = (small + ops.matmul(small, y)) / term
    for _ in range(_SQUARINGS):
        y = 2 * y + ops.matmul(y, y)
    return ops.cast(y + ops.eye(y.shape[0], dtype=y.dtype), given.dtype)


def cayley(matrix: Tensor) -> Tensor:
    """(I + A)^-1 (I - A) of a square matrix A without the eigenvalue -1: orthogonal where A is skew-symmetric.

    Example:

    >>> import numpy as np
    >>> np.asarray(cayley(np.array([[0.0, 1.0], [-1.0, 0.0]], "float32"))).round(4) + 0.0  # a quarter of a turn
    array([[ 0., -1.],
           [ 1.,  0.]], dtype=float32)

    Reference:
        Helfrich, Willmott & Ye, Orthogonal Recurrent Neural Networks with Scaled Cayley Transform, ICML 2018
        (arXiv:1707.09520).
    """
    given = ops.convert_to_tensor(matrix)
    a = ops.cast(given, keras.backend.result_type(given.dtype, "float32"))
    one = ops.eye(a.shape[0], dtype=a.dtype)
    return ops.cast(ops.solve(one + a, one - a), given.dtype)
