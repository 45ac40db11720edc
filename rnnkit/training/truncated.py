"""Truncated backpropagation through time over long streams: window by window, states carried, gradient not."""

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.layers.weights import stateful_layers
from rnnkit.training.loop import Mean


def windows(window: int, *arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Cut arrays along time, in order; the last window is shorter where the length does not divide.

    Args:
        window: Steps a window.
        *arrays: Each `[rows, time, ...]`, of the same length.

    Example:

    >>> [part[0].tolist() for part in windows(2, np.arange(5)[None])]
    [[[0, 1]], [[2, 3]], [[4]]]
    """
    for start in range(0, arrays[0].shape[1], window):
        yield tuple(array[:, start : start + window] for array in arrays)


def fit_stream(
    model: Any,
    x: np.ndarray,
    y: np.ndarray,
    *,
    window: int,
    epochs: int = 1,
    callbacks: Sequence[Any] = (),
) -> list[dict[str, float]]:
    """Train on sequences too long to unroll whole.

    Each window is one training step that begins with the states in which the window before it ended. No gradient flows
    from a window into the one before, so memory and time of a step do not grow with the length; but what is to be
    remembered longer than a window is only learnt as far as the states happen to carry it. States are set to zero
    before every block of rows and in every epoch.

    Args:
        model: Compiled, with `Recurrent` layers that are `stateful` and `return_sequences`, any cell, and a fixed
            batch size.
        x: `[rows, time, ...]`; the rows are taken in blocks of the model's batch size.
        y: A target for each step, `[rows, time, ...]`.
        window: Steps a window.
        epochs: Passes over all rows.
        callbacks: Keras callbacks.

    Returns:
        The loss and metrics of each epoch, mean over all steps.

    Raises:
        RnnkitError: For a model that carries no states, and for shapes that do not fit.

    Example:

    >>> from rnnkit.cells import GRU
    >>> inputs = keras.Input(batch_shape=(2, None, 1))
    >>> model = keras.Model(inputs, keras.layers.Dense(1)(GRU(4, stateful=True, return_sequences=True)(inputs)))
    >>> model.compile("adam", "mse")
    >>> stream = np.random.default_rng(0).normal(size=(2, 100, 1))
    >>> sorted(fit_stream(model, stream, stream, window=20)[0])
    ['loss']

    Reference:
        Williams & Peng, An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network Trajectories,
        Neural Computation 2(4), 1990.
    """
    batch = _check(model, x, y, window)
    blocks, steps = len(x) // batch, -(-x.shape[1] // window)
    told = keras.callbacks.CallbackList(list(callbacks), model=model, epochs=epochs, steps=blocks * steps)
    model.stop_training = False
    told.on_train_begin()
    history = []
    for epoch in range(epochs):
        told.on_epoch_begin(epoch)
        seen, number = Mean(), 0
        for first in range(0, len(x), batch):
            reset_states(model)
            for part_x, part_y in windows(window, x[first : first + batch], y[first : first + batch]):
                told.on_train_batch_begin(number)
                model.reset_metrics()
                seen.add(model.train_on_batch(part_x, part_y, return_dict=True), part_x.shape[1])
                told.on_train_batch_end(number, seen.figures())
                number += 1
        figures = seen.figures()
        told.on_epoch_end(epoch, figures)
        history.append(figures)
        if model.stop_training:
            break
    reset_states(model)
    told.on_train_end()
    return history


def reset_states(model: Any) -> None:
    """Set the states of all stateful layers to zero: the next call begins a new sequence."""
    for layer in stateful_layers(model):
        layer.reset_state()


def _check(model: Any, x: np.ndarray, y: np.ndarray, window: int) -> int:
    """The model's batch size."""
    if window < 1:
        raise RnnkitError(f"window is {window!r}; expected 1 step or more.")
    if not stateful_layers(model):
        raise RnnkitError(
            "The model carries no states from window to window. Make its recurrent layer with stateful=True, "
            "return_sequences=True and its input with keras.Input(batch_shape=(rows, None, features))."
        )
    batch = model.inputs[0].shape[0]
    if not len(x) or len(x) % batch:
        raise RnnkitError(f"x has {len(x)} rows and the model's batch size is {batch}; expected a multiple of {batch}.")
    if x.shape[:2] != y.shape[:2]:
        raise RnnkitError(f"x is {list(x.shape)} and y {list(y.shape)}; expected [rows, time, ...] of the same two.")
    return batch
