"""The shared part of learning through time: a model's recurrent layers, and one backward step for all steps.

TensorFlow only, because the gradient of a gradient is taken here.
"""

from typing import Any

import keras
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.layers.probe import Trace, split_states
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.weights import all_layers

Tensor = Any


def require_tensorflow(what: str) -> None:
    """Refuse any other Keras backend.

    Args:
        what: What needs TensorFlow, as the beginning of a sentence.

    Raises:
        RnnkitError: Under JAX or another backend.

    Example:

    >>> require_tensorflow("Measuring the gradient flow")
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise RnnkitError(f"{what} needs Keras on TensorFlow, not on {backend}. Set KERAS_BACKEND=tensorflow.")


def recurrent_layers(model: Any) -> list[Recurrent]:
    """Every `Recurrent` of a model, in the model's order."""
    return [layer for layer in all_layers(model) if isinstance(layer, Recurrent)]


def step_back(trace: Trace, reaching: Tensor) -> Tensor:
    """The gradient that each step passes to the step before it, and no other.

    In the letters of Pascanu et al.: dC/dx_{k+1} dx_{k+1}/dx_k for every k. All steps are done at once, as one batch:
    each is one step of the cell from the states it began with.

    Args:
        trace: A cell's run.
        reaching: The gradient dC/dx_{k+1} that reaches the states after each step, `[time, batch, all sizes]`.

    Returns:
        `[time, batch, all sizes]`, in the dtype of the weights; at each step what goes to the states before it.

    Example:

    >>> import numpy as np
    >>> import tensorflow as tf
    >>> from rnnkit.cells import SimpleRNN
    >>> from rnnkit.layers.probe import probing
    >>> layer = SimpleRNN(2, activation="linear", recurrent_initializer=keras.initializers.Identity(0.5))
    >>> with probing(lambda probe: None) as probes:
    ...     outputs = layer(np.ones((1, 3, 4), "float32"))
    >>> np.asarray(step_back(probes.traces[0], tf.ones((3, 1, 2))))[0].tolist()
    [[0.5, 0.5]]
    """
    import tensorflow as tf

    shape = tf.shape(trace.before)
    dtype = trace.cell.variable_dtype  # in full precision, also where the cell computes in half
    three = (trace.projected, trace.before, reaching)
    projected, before, gradient = (tf.cast(tf.reshape(each, (-1, each.shape[-1])), dtype) for each in three)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(before)
        after = ops.concatenate(trace.cell.step(projected, *split_states(trace.cell, before)), axis=-1)
    passed = tape.gradient(after, before, output_gradients=gradient, unconnected_gradients="zero")
    return tf.reshape(passed, shape)
