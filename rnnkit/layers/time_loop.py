"""The loop over time, once for every backend: step by step or unrolled."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from rnnkit.layers.device_loop import device_loop, is_for_device

Tensor = Any
Carry = tuple[Tensor, ...]
#: Maps the carried tensors and this step's inputs to the new carried tensors and this step's output.
Step = Callable[[Carry, Sequence[Tensor]], tuple[Carry, Tensor]]


def time_loop(
    step: Step,
    carry: Carry,
    inputs: Sequence[Tensor],
    *,
    reverse: bool,
    collect: bool,
    unroll: bool | int,
    bounded: bool = False,
) -> tuple[Carry, Any]:
    """Apply `step` at every time step and carry its state along.

    Args:
        step: `(carry, inputs at t) -> (carry, output at t)`.
        carry: What is carried, a flat tuple of tensors that keep their shapes.
        inputs: Tensors `[time, batch, ...]`, read together.
        reverse: Runs from the last time step to the first; outputs stand where their inputs stood.
        collect: Whether to return the outputs of all steps.
        unroll: True writes the steps out one after another (needs a known number of steps) instead of looping; a
            number is how many of them each turn of the loop writes out.
        bounded: Whether to tell TensorFlow the number of turns, without which XLA (`jit_compile=True`) makes no
            gradient. A model for a phone is smaller without.

    Returns:
        The last carry, and the outputs `[time, batch, ...]` or None.
    """
    if unroll is True and inputs[0].shape[0] != 0:  # of no steps the loop alone knows the shape of the outputs
        return _unrolled(step, carry, inputs, reverse, collect)
    block = max(int(unroll), 1)
    if collect and is_for_device() and carry[0].shape.is_fully_defined():
        return device_loop(step, carry, inputs, reverse=reverse, block=block)
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_loop(step, carry, inputs, reverse, collect, block, bounded)
    return _scan(step, carry, inputs, reverse, collect, block)


def _unrolled(step: Step, carry: Carry, inputs: Sequence[Tensor], reverse: bool, collect: bool) -> tuple[Carry, Any]:
    length = inputs[0].shape[0]
    if length is None:
        raise ValueError("unroll=True needs a known number of time steps, but the input's time axis is None.")
    columns = [ops.unstack(tensor, num=length, axis=0) for tensor in inputs]
    outputs: list[Tensor] = [None] * length
    for t in reversed(range(length)) if reverse else range(length):
        carry, outputs[t] = step(carry, [column[t] for column in columns])
    return carry, ops.stack(outputs, axis=0) if collect else None


def _tensorflow_loop(
    step: Step, carry: Carry, inputs: Sequence[Tensor], reverse: bool, collect: bool, block: int, bounded: bool
) -> tuple[Carry, Any]:
    import tensorflow as tf

    length = tf.shape(inputs[0])[0]
    columns = [
        tf.TensorArray(tensor.dtype, size=length, element_shape=tensor.shape[1:]).unstack(tensor) for tensor in inputs
    ]
    outputs = (
        tf.TensorArray(carry[0].dtype, size=length, element_shape=carry[0].shape)
        if collect
        else tf.zeros((), dtype="int32")
    )

    def turn(time: Tensor, carry: Carry, outputs: Any, steps: int) -> tuple[Tensor, Carry, Any]:
        for ahead in range(steps):
            t = length - 1 - time - ahead if reverse else time + ahead
            carry, output = step(carry, [column.read(t) for column in columns])
            outputs = outputs.write(t, output) if collect else outputs
        return time + steps, carry, outputs

    def loop(time: Tensor, carry: Carry, outputs: Any, steps: int) -> tuple[Tensor, Carry, Any]:
        return tf.while_loop(
            lambda time, *_: time <= length - steps,
            lambda time, carry, outputs: turn(time, carry, outputs, steps),
            (time, carry, outputs),
            parallel_iterations=32,
            maximum_iterations=(length - time) // steps if bounded else None,
        )

    time, carry, outputs = loop(tf.constant(0), carry, outputs, block)
    known = inputs[0].shape[0]
    if block > 1 and (known is None or known % block):
        _, carry, outputs = loop(time, carry, outputs, 1)  # what a last, shorter block would hold
    if not collect:
        return carry, None
    stacked = outputs.stack()
    stacked.set_shape([inputs[0].shape[0], *carry[0].shape])
    return carry, stacked


def _scan(
    step: Step, carry: Carry, inputs: Sequence[Tensor], reverse: bool, collect: bool, block: int
) -> tuple[Carry, Any]:
    def body(carry: Carry, at: Sequence[Tensor]) -> tuple[Carry, Tensor]:
        carry, output = step(carry, at)
        return carry, output if collect else None

    return ops.scan(body, carry, tuple(inputs), reverse=reverse, unroll=block)
