"""The loop over time in a file for a phone, where each turn of a loop copies all that it carries.

A loop that fills a tensor of all steps' outputs copies that tensor twice a turn, so its cost grows with the square of
the length. Here a turn writes the outputs of its steps at once; and where sequences are long, an inner loop fills a
small block, which an outer loop copies into the whole (`benchmarks/tflite_latency.py` has the figures).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Tensor = Any
Carry = tuple[Tensor, ...]

#: Steps in a block of the outer loop.
_BLOCK = 64
#: Up to here one loop is faster than two.
_SHORT = 256
_LONGEST: ContextVar[tuple[int | None] | None] = ContextVar("rnnkit_longest", default=None)


@contextmanager
def on_device(longest: int | None) -> Iterator[None]:
    """A context in which loops over time are traced for the TFLite converter; nothing else runs their operators.

    Args:
        longest: The most steps that a sequence has; None where that is open.

    Example:

    >>> with on_device(100):
    ...     is_for_device()
    True
    """
    token = _LONGEST.set((longest,))
    try:
        yield
    finally:
        _LONGEST.reset(token)


def is_for_device() -> bool:
    """Whether loops are traced for the TFLite converter.

    Example:

    >>> is_for_device()
    False
    """
    return _LONGEST.get() is not None


def device_loop(
    step: Callable[[Carry, Sequence[Tensor]], tuple[Carry, Tensor]],
    carry: Carry,
    inputs: Sequence[Tensor],
    *,
    reverse: bool,
    block: int,
) -> tuple[Carry, Tensor]:
    """`time_loop` that returns the outputs of all steps, for the TFLite converter.

    Args:
        step: `(carry, inputs at t) -> (carry, output at t)`; an output has the shape and type of the first carried
            tensor.
        carry: What is carried, a flat tuple of tensors of known shapes.
        inputs: Tensors `[time, batch, ...]`, read together.
        reverse: Runs from the last time step to the first; outputs stand where their inputs stood.
        block: Steps written out for each turn of a loop.

    Returns:
        The last carry, and the outputs `[time, batch, ...]`.
    """
    import tensorflow as tf

    known = inputs[0].shape[0]
    length = tf.shape(inputs[0])[0] if known is None else known
    batch, *width = carry[0].shape
    rest = length % block
    whole = length - rest
    given = _LONGEST.get()
    longest = known or (given and given[0])

    def loop(steps: int, time: Tensor, end: Tensor, carry: Carry, made: Tensor, origin: Tensor) -> Any:
        """From one time to another; `made` begins with the outputs of the step `origin`."""

        def turn(time: Tensor, carry: Carry, made: Tensor) -> tuple[Tensor, Carry, Tensor]:
            outputs = []
            for ahead in range(steps):
                t = length - 1 - time - ahead if reverse else time + ahead
                carry, output = step(carry, [tf.gather(column, t) for column in inputs])
                outputs.append(output)
            return time + steps, carry, _put(made, tf.concat(outputs, axis=0), (time - origin) * batch)

        return _while(turn, time, end, carry, made)

    def outer_turn(time: Tensor, carry: Carry, made: Tensor) -> tuple[Tensor, Carry, Tensor]:
        room = _room(carry[0], size, carry[0])
        after, carry, rows = loop(block, time, tf.minimum(time + size, whole), carry, room, time)
        return after, carry, _put(made, rows, time * batch)

    begin, remains = tf.constant(0), block > 1 and (known is None or rest > 0)
    if longest is not None and longest <= _SHORT:
        made = _room(carry[0], tf.maximum(length, block) if known is None else max(length, block), inputs[0])
        time, carry, made = loop(block, begin, whole, carry, made, 0)
        if remains:
            _, carry, made = loop(1, time, length, carry, made, 0)
    else:
        size = max(_BLOCK // block, 1) * block
        blocks = ((whole if known else tf.maximum(whole, 1)) + size - 1) // size  # one at least, or it takes no shape
        room = _room(carry[0], blocks * size + block, inputs[0])
        time, carry, made = _while(outer_turn, begin, whole, carry, room)
        if remains:
            _, carry, rows = loop(1, time, length, carry, _room(carry[0], block, inputs[0]), whole)
            made = _put(made, rows, whole * batch)
    outputs = tf.reshape(made[: length * batch], (-1 if known is None else known, batch, *width))
    return carry, tf.reverse(outputs, axis=[0]) if reverse else outputs


def _while(turn: Callable[..., Any], time: Tensor, end: Tensor, carry: Carry, made: Tensor) -> Any:
    import tensorflow as tf

    shapes = (tf.TensorShape(()), tuple(tensor.shape for tensor in carry), made.shape)
    return tf.while_loop(lambda time, *_: time < end, turn, (time, carry, made), shape_invariants=shapes)


def _room(like: Tensor, steps: Tensor, any_of: Tensor) -> Tensor:
    """A tensor for the outputs of `steps` steps, all written later. Until then it holds a value of `any_of`,
    since a constant would be stored in the file."""
    import tensorflow as tf

    batch, *width = like.shape
    return tf.fill((steps * batch, *width), tf.cast(tf.reshape(any_of, (-1,))[0], like.dtype))


def _put(made: Tensor, rows: Tensor, row: Tensor) -> Tensor:
    """The rows written into `made` from a row on, by one DYNAMIC_UPDATE_SLICE."""
    import tensorflow as tf
    from tensorflow.compiler.tf2xla.python import xla

    written = xla.dynamic_update_slice(made, rows, tf.stack([row, *[0] * (len(made.shape) - 1)]))
    written.set_shape(made.shape)
    return written
