"""h_t = a_t * h_(t-1) + b_t for all time steps at once, in place of the loop over time; and the same with max and +."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from rnnkit.layers.time_loop import time_loop

Tensor = Any
#: One tensor for real numbers, two for complex ones: real and imaginary part.
Number = tuple[Tensor, ...]
#: Steps in a block. Blocks run side by side, so T steps take 2 * BLOCK + T / BLOCK turns.
BLOCK = 32
#: The same for sequences that are known to be long: of 1,000 steps, training takes three quarters of the time.
_LONG, _LONG_BLOCK = 512, 64


def linear_recurrence(decay: Number, increment: Number, initial: Number) -> Number:
    """All states of h_t = decay_t * h_(t-1) + increment_t, for real or complex numbers.

    The steps are cut into blocks that run side by side, first from 0 to learn what each block adds, then, once the
    states between the blocks are known, from those. That is twice the arithmetic of the plain loop in a small part of
    its turns. The gradient is a linear recurrence that runs backwards, so training keeps nothing but the states. On
    JAX, whose compiled loop turns at almost no cost, it is the plain loop.

    Args:
        decay: `[time, batch, units]` each, or `[time, 1, units]` where it is the same for all rows.
        increment: `[time, batch, units]` each.
        initial: h before the first step, `[batch, units]` each.

    Returns:
        The states, `[time, batch, units]` each.

    Example:

    >>> import numpy as np
    >>> (h,) = linear_recurrence((np.full((3, 1, 1), 0.5),), (np.ones((3, 1, 1)),), (np.zeros((1, 1)),))
    >>> np.ravel(h).tolist()
    [1.0, 1.5, 1.75]

    Reference:
        Blelloch, Prefix Sums and Their Applications, 1990, section 1.3 (first within blocks, then between them);
        Martin & Cundy, Parallelizing Linear Recurrent Neural Nets Over Sequence Length, ICLR 2018
        (arXiv:1709.04057), for the gradient.
    """
    parts = len(decay)
    inputs = [ops.convert_to_tensor(tensor) for tensor in (*decay, *increment, *initial)]

    @ops.custom_gradient
    def states_of(*given: Tensor) -> tuple[Any, Any]:
        decay, increment, initial = given[:parts], given[parts : 2 * parts], given[2 * parts :]
        states = _run(decay, increment, initial, reverse=False)

        def gradient(*upstream: Tensor, **_: Any) -> list[Tensor]:
            """g_t + conj(a_(t+1)) * total_(t+1): the gradient of h_t, from the next step and from outside."""
            if isinstance(upstream[0], tuple | list):  # JAX hands both parts over as one tuple, TensorFlow as two
                upstream = tuple(upstream[0])
            turned = _conjugate(decay)
            after = tuple(ops.concatenate([a[1:], ops.ones_like(a[:1])], axis=0) for a in turned)
            total = _run(after, upstream, tuple(ops.zeros_like(h) for h in initial), reverse=True)
            before = tuple(
                ops.concatenate([ops.expand_dims(h0, 0), h[:-1]], axis=0) for h0, h in zip(initial, states, strict=True)
            )
            to_decay = times(total, _conjugate(before))
            if decay[0].shape[1] == 1 and increment[0].shape[1] != 1:
                to_decay = tuple(ops.sum(tensor, axis=1, keepdims=True) for tensor in to_decay)
            to_initial = times(tuple(a[0] for a in turned), tuple(t[0] for t in total))
            return [*to_decay, *total, *to_initial]

        return (states[0] if parts == 1 else states), gradient

    found = states_of(*inputs)
    return (found,) if parts == 1 else tuple(found)


def running_maximum(decay: Tensor, value: Tensor, initial: Tensor) -> Tensor:
    """All m of m_t = max(m_(t-1) + decay_t, value_t), as constants: no gradient flows through them.

    Why: sums of exponentials stay in range when each is divided by the largest so far. With max in place of + and + in
    place of *, that is a linear recurrence, and runs as one.

    Args:
        decay: `[time, batch, units]`.
        value: `[time, batch, units]`.
        initial: m before the first step, `[batch, units]`; far below all values for none.

    Example:

    >>> import numpy as np
    >>> m = running_maximum(np.full((3, 1, 1), -1.0), np.array([[[2.0]], [[0.0]], [[5.0]]]), np.full((1, 1), -1e30))
    >>> np.ravel(m).tolist()
    [2.0, 1.0, 5.0]

    Reference:
        Blelloch, Prefix Sums and Their Applications, 1990, section 1.4: any two associative operations will do of which
        one distributes over the other.
    """
    dtype = ops.convert_to_tensor(value).dtype
    wide = keras.backend.result_type(dtype, "float32")  # a sum of decays leaves the range of float16
    given = [(ops.stop_gradient(ops.cast(tensor, wide)),) for tensor in (decay, value, initial)]
    (found,) = _run(*given, reverse=False, algebra=_MAX_PLUS)
    return ops.stop_gradient(ops.cast(found, dtype))


def full_precision(a: Number) -> Number:
    """a in float32 at least: bfloat16 has no number between 0.996 and 1, and loses small increments of a large state.

    Example:

    >>> (wide,) = full_precision((ops.ones(1, dtype="bfloat16"),))
    >>> keras.backend.standardize_dtype(wide.dtype)
    'float32'
    """
    return tuple(ops.cast(part, keras.backend.result_type(part.dtype, "float32")) for part in a)


def one_step(decay: Number, state: Number, increment: Number) -> Number:
    """decay * state + increment, real or complex.

    Example:

    >>> one_step((0.0, 1.0), (2.0, 0.0), (1.0, 0.0))  # i * 2 + 1
    (1.0, 2.0)
    """
    return _plus(times(decay, state), increment)


def times(a: Number, b: Number) -> Number:
    """a * b, real or complex.

    Example:

    >>> times((0.0, 1.0), (0.0, 1.0))  # i * i
    (-1.0, 0.0)
    """
    if len(a) == 1:
        return (a[0] * b[0],)
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def _plus(a: Number, b: Number) -> Number:
    return tuple(one + other for one, other in zip(a, b, strict=True))


def _conjugate(a: Number) -> Number:
    return a if len(a) == 1 else (a[0], -a[1])


@dataclass(frozen=True)
class _Algebra:
    """What times and plus mean in a recurrence, and the numbers that change nothing in them."""

    times: Callable[[Number, Number], Number]
    plus: Callable[[Number, Number], Number]
    one: float
    zero: float


_USUAL = _Algebra(times, _plus, one=1.0, zero=0.0)
_MAX_PLUS = _Algebra(_plus, lambda a, b: (ops.maximum(a[0], b[0]),), one=0.0, zero=-1e30)


def _run(decay: Number, increment: Number, initial: Number, *, reverse: bool, algebra: _Algebra = _USUAL) -> Number:
    """The recurrence, forwards or backwards, in the way that is fastest on this backend."""
    if keras.backend.backend() != "jax":
        return _blocks(decay, increment, initial, reverse=reverse, algebra=algebra)

    def step(h: Number, at: tuple[Number, Number]) -> tuple[Number, Number]:
        h = algebra.plus(algebra.times(at[0], h), at[1])
        return h, h

    # A third of the blocks' time and a tenth of their time to compile, a quarter of `associative_scan`'s (on a CPU).
    return ops.scan(step, initial, (decay, increment), reverse=reverse)[1]


def _blocks(decay: Number, increment: Number, initial: Number, *, reverse: bool, algebra: _Algebra) -> Number:
    """The recurrence, forwards or backwards, block by block."""
    multiply, plus = algebra.times, algebra.plus
    length = ops.shape(increment[0])[0]
    block = _block(length) if isinstance(length, int) else BLOCK
    rest = -length % block
    cut_decay = [_cut(tensor, block, rest, algebra.one) for tensor in decay]
    cut_increment = [_cut(tensor, block, rest, algebra.zero) for tensor in increment]
    order = list(reversed(range(block))) if reverse else list(range(block))

    def at(k: int) -> tuple[Number, Number]:
        return tuple(t[:, k] for t in cut_decay), tuple(t[:, k] for t in cut_increment)

    product, added = at(order[0])  # what a block makes of a state h: product * h + added
    for k in order[1:]:
        a, b = at(k)
        product, added = multiply(a, product), plus(multiply(a, added), b)

    parts = len(initial)

    def cross(carry: tuple[Tensor, ...], block_of: Sequence[Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
        """From the state before a block, parts side by side, to the one after it; gives the one before."""
        h = tuple(ops.split(carry[0], parts, axis=-1))
        after = plus(multiply(tuple(block_of[:parts]), h), tuple(block_of[parts:]))
        return (ops.concatenate(after, axis=-1),), carry[0]

    joined = (ops.concatenate(initial, axis=-1),)
    _, starts = time_loop(cross, joined, [*product, *added], reverse=reverse, collect=True, unroll=False)
    h: Number = tuple(ops.split(starts, parts, axis=-1))  # [blocks, batch, units]
    states: list[Any] = [None] * block
    for k in order:
        a, b = at(k)
        h = states[k] = plus(multiply(a, h), b)
    return tuple(_joined([state[part] for state in states], length) for part in range(parts))


def _block(length: int) -> int:
    """About as many steps as a block is to have, and a divisor of the length where there is one near: no filling up."""
    if length <= BLOCK:
        return length
    block = BLOCK if length < _LONG else _LONG_BLOCK
    return next((size for size in range(block + block // 2, block // 2, -1) if length % size == 0), block)


def _cut(tensor: Tensor, block: int, rest: Any, fill: float) -> Tensor:
    """`[time, batch, units]` to `[blocks, block, batch, units]`, filled up at the end."""
    if not isinstance(rest, int) or rest:
        tensor = ops.pad(tensor, [[0, rest], [0, 0], [0, 0]], constant_values=fill)
    shape = ops.shape(tensor)
    return ops.reshape(tensor, (-1, block, shape[1], shape[2]))


def _joined(states: list[Tensor], length: Any) -> Tensor:
    """Undo `_cut`."""
    stacked = ops.stack(states, axis=1)
    shape = ops.shape(stacked)
    return ops.reshape(stacked, (-1, shape[2], shape[3]))[:length]
