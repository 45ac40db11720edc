"""The fused TFLite op for an LSTM over a whole sequence, the smallest form."""

import uuid
from collections.abc import Sequence
from typing import Any

from rnnkit.errors import RnnkitError

Tensor = Any


def fused_lstm(
    cell: Any, inputs: Tensor, states: Sequence[Tensor], mask: Tensor | None, reverse: bool
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Run an LSTM cell over a sequence in a function that the TFLite converter turns into one
    `UNIDIRECTIONAL_SEQUENCE_LSTM`.

    Set as a cell's `sequence_form`. The op keeps its state between calls, so the caller must run
    `reset_all_variables()` before each one. It supports no mask.

    Args:
        cell: A built `LSTMCell` with the default activations.
        inputs: `[time, batch, features]`.
        states: h and c, `[batch, units]`.
        mask: Must be None.
        reverse: Whether to run from the end to the start.

    Returns:
        The outputs, `[time, batch, units]`, and the last h only: the op does not return c.

    Raises:
        RnnkitError: When there is a mask.
    """
    import tensorflow as tf

    if mask is not None:
        raise RnnkitError("The fused LSTM op supports no mask. Build the network without one and feed unpadded rows.")

    attributes = {
        "api_implements": f"lstm_{uuid.uuid4()}",
        "api_preferred_device": "CPU",
        "time_major": False,
        "go_backwards": False,
    }

    def lstm(x: Tensor, h: Tensor, c: Tensor, kernel: Tensor, recurrent_kernel: Tensor, bias: Tensor) -> Any:
        def step(old: Any, x: Tensor) -> Any:
            gates = tf.matmul(x, kernel) + tf.matmul(old[0], recurrent_kernel) + bias
            i, f, g, o = tf.split(gates, 4, axis=-1)
            new = tf.sigmoid(f) * old[1] + tf.sigmoid(i) * tf.tanh(g)
            return tf.sigmoid(o) * tf.tanh(new), new

        hidden, memory = tf.scan(step, tf.transpose(x, (1, 0, 2)), initializer=(h, c))
        return hidden[-1], tf.transpose(hidden, (1, 0, 2)), hidden[-1], memory[-1], tf.constant(1.0)

    function = tf.function(lstm, autograph=False, experimental_attributes=attributes)
    batch_first = tf.transpose(inputs, (1, 0, 2))
    if reverse:
        batch_first = tf.reverse(batch_first, [1])
    kernel, recurrent = cell.kernel + 0.0, cell.recurrent_kernel + 0.0  # values: the pattern matches no variables
    bias = cell.bias + 0.0 if cell.bias is not None else tf.zeros((4 * cell.units,))
    sequence = function(batch_first, states[0], states[1], kernel, recurrent, bias)[1]  # the op's only result
    outputs = tf.transpose(sequence, (1, 0, 2))
    return (tf.reverse(outputs, [0]) if reverse else outputs), (outputs[-1],)


def use_fused(recurrent: Any) -> None:
    """Make a `Recurrent` layer of LSTM cells compute with the fused op.

    Args:
        recurrent: A built `Recurrent` layer; starts at zero states whatever it is given.

    Raises:
        RnnkitError: When its cell is not a plain LSTM, the only one with a fused op in TFLite; or when it returns or
            carries its states, which the op does not expose.

    Example:

    >>> from rnnkit.cells import LSTM
    >>> layer = LSTM(8)
    >>> use_fused(layer)
    >>> layer.cell.sequence_form.__name__
    'fused_lstm'
    """
    import keras

    from rnnkit.cells.lstm import LSTMCell
    from rnnkit.layers.deep import DeepCell

    if recurrent.initial_state == "learned":
        raise RnnkitError(
            "The fused LSTM op starts with zero states, and this layer has learned ones. "
            "Use --strategy loop or --strategy unroll."
        )
    if recurrent.return_state or recurrent.stateful:
        raise RnnkitError(
            "The fused LSTM op does not expose its states, and this layer has return_state or stateful. "
            "Use --strategy loop or --strategy unroll."
        )
    for cell in recurrent.cells:
        if isinstance(cell, DeepCell):
            raise RnnkitError(
                "The fused LSTM op has no room for input_layers, transition_layers or output_layers. "
                "Use --strategy loop or --strategy unroll."
            )
        plain = cell.activation is keras.activations.tanh and cell.recurrent_activation is keras.activations.sigmoid
        if type(cell) is not LSTMCell or not plain or cell.zoneout:
            raise RnnkitError(
                f"TFLite has a fused op for plain LSTM only, and this cell is {type(cell).__name__}"
                f"{'' if plain and not cell.zoneout else ' with other activations or zoneout'}. "
                "Use --strategy loop or --strategy unroll."
            )
        cell.sequence_form = fused_lstm
