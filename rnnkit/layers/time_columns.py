"""Times at the end of a cell's input: they pass by every layer, and no dropout meets them."""

from typing import Any

from keras import ops

from rnnkit.layers.shown_first import shown_first

Tensor = Any


def split_times(inputs: Tensor, columns: int) -> tuple[Tensor, Tensor | None]:
    """Inputs `[..., features + columns]` as the features and the times; None for no columns.

    Example:

    >>> import numpy as np
    >>> features, times = split_times(np.array([[1.0, 2.0, 0.5]]), 1)
    >>> features.tolist(), times.tolist()
    ([[1.0, 2.0]], [[0.5]])
    """
    return (inputs[..., :-columns], inputs[..., -columns:]) if columns else (inputs, None)


def with_times(features: Tensor, times: Tensor | None) -> Tensor:
    """Features with times behind them; the reverse of `split_times`.

    Example:

    >>> import numpy as np
    >>> np.asarray(with_times(np.array([[1.0, 2.0]]), np.array([[0.5]]))).tolist()
    [[1.0, 2.0, 0.5]]
    """
    return features if times is None else ops.concatenate([features, ops.cast(times, features.dtype)], axis=-1)


def backward_times(times: Tensor | None, mask: Tensor | None) -> Tensor | None:
    """The time between a step and the one that runs before it, for a layer that runs from the end to the start.

    Why: running backwards, the step before is the next one in the data, so its time counts. The last step, which runs
    first, gets the time of the first, which has no step before it either.

    Args:
        times: The time since the step before, `[time, batch, columns]`, or None.
        mask: `[time, batch, 1]`, true where a step counts, or None. At others the result has no meaning.

    Example:

    >>> import numpy as np
    >>> np.ravel(backward_times(np.array([0.0, 3.0, 5.0]).reshape(3, 1, 1), None)).tolist()
    [3.0, 5.0, 0.0]
    """
    if times is None:
        return None
    if mask is None:
        return ops.concatenate([times[1:], times[:1]], axis=0)
    order, _ = shown_first(mask)
    counts = ops.cumsum(ops.cast(mask, "int32"), axis=0)
    later = ops.where(counts < counts[-1:], counts, ops.zeros_like(counts))
    return ops.take_along_axis(times, ops.take_along_axis(order, later, axis=0), axis=0)
