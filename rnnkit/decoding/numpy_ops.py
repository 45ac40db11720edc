"""The functions of `keras.ops` that decoding needs, in numpy, so that a phone runs the same code."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Tensor = Any

arange, where, concatenate, reshape = np.arange, np.where, np.concatenate, np.reshape
equal, less, not_equal, logical_and, logical_not, logical_or = (
    np.equal,
    np.less,
    np.not_equal,
    np.logical_and,
    np.logical_not,
    np.logical_or,
)
expand_dims, squeeze, stack, take, take_along_axis = np.expand_dims, np.squeeze, np.stack, np.take, np.take_along_axis
any, all, cumsum, max, sum = np.any, np.all, np.cumsum, np.max, np.sum
exp, log, maximum, minimum, repeat = np.exp, np.log, np.maximum, np.minimum, np.repeat
zeros, full, zeros_like = np.zeros, np.full, np.zeros_like


def shape(x: Tensor) -> tuple[int, ...]:
    """The sizes of the axes."""
    return np.shape(x)


def cast(x: Tensor, dtype: str) -> np.ndarray:
    """x in another dtype."""
    return np.asarray(x).astype(dtype)


def logsumexp(x: Tensor, axis: int, keepdims: bool = False) -> np.ndarray:
    """log(sum(exp(x))) over an axis.

    Example:

    >>> round(float(logsumexp(np.zeros((1, 4)), -1)[0]), 4)
    1.3863
    """
    highest = np.max(x, axis=axis, keepdims=True)
    highest = np.where(np.isfinite(highest), highest, 0)
    total = np.log(np.sum(np.exp(x - highest), axis=axis, keepdims=True)) + highest
    return total if keepdims else np.squeeze(total, axis)


def top_k(x: Tensor, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k largest of the last axis, descending, and where they stand; of equal ones the first.

    Example:

    >>> [found.tolist() for found in top_k(np.array([[3.0, 9.0, 3.0]]), 2)]
    [[[9.0, 3.0]], [[1, 0]]]
    """
    x = np.asarray(x)
    places = np.argsort(-x, axis=-1, kind="stable")[..., :k] if k > 8 or x.shape[-1] < 64 else _few_largest(x, k)
    return np.take_along_axis(x, places, axis=-1), places.astype(np.int32)


def _few_largest(x: np.ndarray, k: int) -> np.ndarray:
    """One pass for each: a sort of thousands of words at every step would cost more than the network."""
    left, places = np.array(x), []
    for _ in range(k):
        place = np.argmax(left, axis=-1, keepdims=True)
        np.put_along_axis(left, place, -np.inf, axis=-1)
        places.append(place)
    return np.concatenate(places, axis=-1)


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Sequence[Tensor]) -> Any:
    """Apply `body` as long as `cond` holds."""
    values = tuple(loop_vars)
    while cond(*values):
        values = tuple(body(*values))
    return values
