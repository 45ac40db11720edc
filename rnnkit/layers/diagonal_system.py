"""A diagonal linear system that is the same at all steps: all its outputs at once, as one long convolution."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.linear_recurrence import Number, times
from rnnkit.layers.shown_first import shown_first

Tensor = Any


def diagonal_system(
    exponent: Number, weights: Number, inputs: Tensor, initial: Number, mask: Tensor | None
) -> tuple[Tensor, Number]:
    """All y_t = 2 Re(sum_n w_n s_(t,n)) of s_t = exp(z) * s_(t-1) + u_t, where every unit has a row of N states.

    The states themselves, N times as many numbers as the inputs, are made for the last step alone.

    Args:
        exponent: z, real and imaginary part, `[units, N]` each.
        weights: w, real and imaginary part, `[units, N]` each.
        inputs: u, `[time, batch, units]`.
        initial: s before the first step, real and imaginary part, `[batch, units * N]` each.
        mask: `[time, batch, 1]`, true where a step counts, or None.

    Returns:
        y, `[time, batch, units]` (without meaning at hidden steps), and s after the last step.

    Example:

    >>> import numpy as np
    >>> halving, one = ((np.log([[0.5]]), np.zeros((1, 1))), (np.ones((1, 1)), np.zeros((1, 1))))
    >>> y, (real, _) = diagonal_system(halving, one, np.ones((3, 1, 1)), (np.zeros((1, 1)), np.zeros((1, 1))), None)
    >>> np.ravel(y).round(3).tolist(), np.ravel(real).round(3).tolist()
    ([2.0, 3.0, 3.5], [1.75])

    Reference:
        Gu, Goel & Re, Efficiently Modeling Long Sequences with Structured State Spaces, ICLR 2022 (arXiv:2111.00396),
        section 2.4.
    """
    given = ops.convert_to_tensor(inputs).dtype
    wide = keras.backend.result_type(given, "float32")  # there are no Fourier transforms of half precision
    shown = ops.cast(inputs, wide)
    length, back = ops.shape(shown)[0], None
    newest_first, steps = ops.flip(shown, axis=0), ops.cast(length, wide)
    if mask is not None:
        shown = ops.where(mask, shown, ops.zeros_like(shown))
        order, back = shown_first(mask)
        turned, _ = shown_first(ops.flip(mask, axis=0))
        newest_first = ops.take_along_axis(ops.flip(shown, axis=0), turned, axis=0)
        shown = ops.take_along_axis(shown, order, axis=0)
        steps = ops.expand_dims(ops.sum(ops.cast(mask, wide), axis=0), -1)  # [batch, 1, 1]
    z, w = (tuple(ops.cast(part, wide) for part in number) for number in (exponent, weights))
    first = tuple(ops.reshape(ops.cast(part, wide), (-1, *z[0].shape)) for part in initial)
    power = _exp(z, ops.reshape(ops.cast(ops.arange(length), wide), (-1, 1, 1)))  # exp(z t), [time, units, N]
    y = long_convolution(shown, 2 * _real_sum(w, power))
    from_first = times(times(w, _exp(z, 1.0)), power)
    y = y + 2 * (
        ops.einsum("tun,bun->tbu", from_first[0], first[0]) - ops.einsum("tun,bun->tbu", from_first[1], first[1])
    )
    last = tuple(
        kept + ops.einsum("tun,tbu->bun", part, newest_first)
        for kept, part in zip(times(_exp(z, steps), first), power, strict=True)
    )
    if back is not None:
        y = ops.take_along_axis(y, back, axis=0)
    return ops.cast(y, given), tuple(
        ops.cast(ops.reshape(part, ops.shape(old)), given) for part, old in zip(last, initial, strict=True)
    )


def long_convolution(inputs: Tensor, kernel: Tensor) -> Tensor:
    """y_t = sum_k kernel_k * inputs_(t-k), unit by unit, by Fourier transforms.

    Args:
        inputs: `[time, batch, units]`, in float32 or wider.
        kernel: `[time, units]`.

    Returns:
        `[time, batch, units]`.

    Example:

    >>> import numpy as np
    >>> y = long_convolution(np.ones((3, 1, 1), "float32"), np.array([[1.0], [2.0], [0.0]], "float32"))
    >>> np.ravel(y).round(3).tolist()
    [1.0, 3.0, 3.0]
    """
    length = ops.shape(inputs)[0]
    x = ops.pad(ops.transpose(inputs, (1, 2, 0)), [[0, 0], [0, 0], [0, length]])  # twice as long: none comes round
    k = ops.pad(ops.transpose(kernel), [[0, 0], [0, length]])
    whole = ops.irfft(times(ops.rfft(x), ops.rfft(k)))
    return ops.transpose(whole[..., :length], (2, 0, 1))


def _exp(z: Number, steps: Tensor) -> Number:
    size, angle = ops.exp(z[0] * steps), z[1] * steps
    return size * ops.cos(angle), size * ops.sin(angle)


def _real_sum(a: Number, b: Number) -> Tensor:
    """The real part of the sum of a * b over the last axis."""
    return ops.sum(a[0] * b[0] - a[1] * b[1], axis=-1)
