"""Hidden time steps moved behind those that count, so that what runs over time need not know of them."""

from typing import Any

from keras import ops

Tensor = Any


def shown_first(mask: Tensor) -> tuple[Tensor, Tensor]:
    """Where to take each step from so that those that count stand first, in their order; and how to move them back.

    Args:
        mask: `[time, batch, 1]`, true where a step counts.

    Returns:
        Two `[time, batch, 1]` for `take_along_axis`. The first moves the steps that count to the front. The second, of
        what was computed there, takes for each step that of the last step up to it that counts (the first's, where
        there is none yet).

    Example:

    >>> import numpy as np
    >>> order, back = shown_first(np.array([False, True, False, True]).reshape(4, 1, 1))
    >>> np.ravel(order).tolist(), np.ravel(back).tolist()
    ([1, 3, 0, 2], [0, 0, 0, 1])
    """
    length = ops.shape(mask)[0]
    times = ops.reshape(ops.arange(length, dtype="int32"), (-1, 1, 1))
    order = ops.argsort(ops.where(mask, times, times + length), axis=0)
    counts = ops.cumsum(ops.cast(mask, "int32"), axis=0)
    return order, ops.maximum(counts - 1, 0)
