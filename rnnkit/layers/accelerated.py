"""Kernels of an accelerator in place of the loop over time: a cell's Keras layer, which runs cuDNN's on a GPU."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell

Tensor = Any
_PORTABLE = ContextVar("rnnkit_portable", default=False)


@contextmanager
def portable() -> Iterator[None]:
    """A context in which cells run step by step, so that a graph traced on a GPU also runs without one.

    Example:

    >>> with portable():
    ...     is_portable()
    True
    """
    token = _PORTABLE.set(True)
    try:
        yield
    finally:
        _PORTABLE.reset(token)


def is_portable() -> bool:
    """Whether cells run step by step, for any machine.

    Example:

    >>> is_portable()
    False
    """
    return _PORTABLE.get()


def dropped_inputs(cell: RecurrentCell, inputs: Tensor, training: bool) -> Tensor:
    """A sequence with input dropout, `[time, batch, features]`.

    Example:

    >>> from rnnkit.cells import GRUCell
    >>> dropped_inputs(GRUCell(4, dropout=0.5), 1, training=False)
    1
    """
    return cell.drop_inputs(inputs, shared=cell.variational) if training and cell.dropout else inputs


def on_accelerator() -> bool:
    """Whether a GPU or TPU runs the computation.

    Example:

    >>> with portable():
    ...     on_accelerator()
    False
    """
    if is_portable():
        return False
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.list_physical_devices("GPU"))
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() != "cpu"
    return False


def accelerated(
    cell: RecurrentCell,
    inputs: Tensor,
    states: Sequence[Tensor],
    mask: Tensor | None,
    reverse: bool,
    training: bool,
    by_steps: Callable[[], tuple[Tensor, tuple[Tensor, ...]]],
) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """The cell's Keras layer on a GPU (cuDNN), or None if there is none or it would compute something else. Sequences
    that cuDNN refuses run `by_steps`.

    Example:

    >>> accelerated(None, None, (), None, False, False, tuple) is None  # no cell, no Keras layer
    True
    """
    plain = (
        getattr(cell, "keras_layer", None) is not None
        and cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
        and not cell.zoneout
        and not (training and cell.recurrent_dropout)
    )
    if not plain or not on_accelerator():
        return None
    if mask is None:
        return keras_sequence(cell, inputs, states, mask, reverse, training)
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    # cuDNN knows the ends of sequences, not a mask: it refuses a hidden step before a shown one and a row without any.
    only_ends = tf.reduce_all(mask[0]) & tf.reduce_all(mask[:-1] | ~mask[1:])

    return tf.cond(only_ends, lambda: keras_sequence(cell, inputs, states, mask, reverse, training), by_steps)


def keras_sequence(
    cell: Any, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, reverse: bool, training: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run the Keras layer of the same mathematics with the cell's weights.

    At hidden steps its outputs have no meaning: cuDNN leaves 0 there, Keras's loop repeats the last output.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LSTMCell
    >>> cell = LSTMCell(4)
    >>> cell.build((None, 3))
    >>> outputs, states = keras_sequence(cell, np.ones((5, 2, 3), "float32"),
    ...     cell.get_initial_state(2), None, reverse=False, training=False)
    >>> tuple(outputs.shape), len(states)
    ((5, 2, 4), 2)
    """
    layer, weights = cell.keras_layer(
        return_sequences=True, return_state=True, go_backwards=reverse, dtype=cell.dtype_policy
    )
    inputs = ops.transpose(dropped_inputs(cell, inputs, training), (1, 0, 2))
    layer.build(inputs.shape)
    (outputs, *last), _ = layer.stateless_call(
        [weight.value if isinstance(weight, keras.Variable) else weight for weight in weights],
        [variable.value for variable in layer.non_trainable_variables],
        inputs,
        initial_state=list(states),
        mask=None if mask is None else ops.transpose(ops.squeeze(mask, -1)),
    )
    outputs = ops.transpose(outputs, (1, 0, 2))
    return (ops.flip(outputs, axis=0) if reverse else outputs), tuple(last)
