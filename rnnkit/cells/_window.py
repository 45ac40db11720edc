"""A causal convolution over time, one step at a time or all at once: what QRNN and TDNN share.

An output is y_t = sum_d W_d x_(t-d), d = 0 .. window - 1. The products W_d x_t of all d are computed when x_t comes,
and what later steps will need of them is added up in one state, `ahead`: its block j is what the steps seen so far
contribute to the output j + 1 steps from now (the transposed form of a FIR filter). So a step needs no old inputs.
"""

from typing import Any

from keras import ops

Tensor = Any


def window_step(products: Tensor, ahead: Tensor, bias: Tensor | None, window: int) -> tuple[Tensor, Tensor]:
    """One step.

    Args:
        products: `W_0 x_t, W_1 x_t, ...` side by side, `[batch, window * size]`.
        ahead: What earlier steps contribute to this output and the next ones, `[batch, (window - 1) * size]`.
        bias: Added to the output, `[size]`, or None.
        window: How many inputs an output sees; 2 or more.

    Returns:
        The output `[batch, size]`, and the new `ahead`.
    """
    now, *later = ops.split(products, window, axis=-1)
    due, *rest = ops.split(ahead, window - 1, axis=-1)
    waiting = [new + old for new, old in zip(later, [*rest, ops.zeros_like(due)], strict=True)]
    return _biased(now + due, bias), ops.concatenate(waiting, axis=-1)


def window_sequence(
    kernel: Tensor, inputs: Tensor, ahead: Tensor, bias: Tensor | None, mask: Tensor | None, window: int
) -> tuple[Tensor, Tensor]:
    """All steps at once; hidden ones count for nothing, wherever they stand.

    Args:
        kernel: `W_0, W_1, ...` side by side, `[features, window * size]`.
        inputs: `[time, batch, features]`.
        ahead: As for `window_step`.
        bias: As for `window_step`.
        mask: `[time, batch, 1]`, true where a step counts, or None.
        window: As for `window_step`.

    Returns:
        The outputs `[time, batch, size]`, and the last `ahead`.

    Example:

    >>> import numpy as np
    >>> kernel, inputs = np.ones((1, 2)), np.ones((3, 1, 1))  # each output is x_t + x_(t-1)
    >>> outputs, ahead = window_sequence(kernel, inputs, np.zeros((1, 1)), None, None, window=2)
    >>> np.ravel(outputs).tolist(), np.ravel(ahead).tolist()
    ([1.0, 2.0, 2.0], [1.0])
    """
    length = ops.shape(inputs)[0]
    if mask is None:
        outputs = _convolved(kernel, inputs, ahead, window)
        tail = _spread(_product(inputs[-(window - 1) :], kernel), ahead, window)
        waiting = [tail[j - (window - 1)] for j in range(window - 1)]  # what is due after the last step
        return _biased(outputs, bias), ops.concatenate(waiting, axis=-1)
    # Steps that count move to the front, the convolution runs there, and its outputs move back.
    times = ops.reshape(ops.arange(length, dtype="int32"), (-1, 1, 1))
    order = ops.argsort(ops.where(mask, times, times + length), axis=0)
    products = _product(inputs, kernel)
    shown = ops.where(mask, products, ops.zeros_like(products))
    whole = _spread(ops.take_along_axis(shown, order, axis=0), ahead, window)
    counts = ops.cumsum(ops.cast(mask, "int32"), axis=0)
    outputs = ops.take_along_axis(whole, ops.maximum(counts - 1, 0), axis=0)
    last = [ops.take_along_axis(whole, counts[-1:] + j, axis=0)[0] for j in range(window - 1)]
    return _biased(outputs, bias), ops.concatenate(last, axis=-1)


def _convolved(kernel: Tensor, inputs: Tensor, ahead: Tensor, window: int) -> Tensor:
    """Old inputs beside each input and one matrix product: the inputs are far narrower than the products."""
    length = ops.shape(inputs)[0]
    shifted = [ops.pad(inputs, [[delay, 0], [0, 0], [0, 0]])[:length] for delay in range(window)]
    stacked = ops.concatenate(ops.split(ops.convert_to_tensor(kernel), window, axis=1), axis=0)
    outputs = _product(ops.concatenate(shifted, axis=-1), stacked)
    begun = ops.stack(ops.split(ahead, window - 1, axis=-1), axis=0)
    return ops.concatenate([outputs[: window - 1] + begun[:length], outputs[window - 1 :]], axis=0)


def _product(inputs: Tensor, kernel: Tensor) -> Tensor:
    """`inputs @ kernel` of all steps in one matrix product."""
    shape = ops.shape(inputs)
    flat = ops.matmul(ops.reshape(inputs, (-1, inputs.shape[-1])), kernel)
    return ops.reshape(flat, (shape[0], shape[1], flat.shape[-1]))


def _spread(products: Tensor, ahead: Tensor, window: int) -> Tensor:
    """Every product added where it is due: `[time + window - 1, batch, size]`."""
    length = ops.shape(products)[0]
    begun = ops.stack(ops.split(ahead, window - 1, axis=-1), axis=0)
    whole = ops.pad(begun, [[0, length], [0, 0], [0, 0]])
    for delay, product in enumerate(ops.split(products, window, axis=-1)):
        whole = whole + ops.pad(product, [[delay, window - 1 - delay], [0, 0], [0, 0]])
    return whole


def _biased(output: Tensor, bias: Tensor | None) -> Tensor:
    return output if bias is None else output + bias
