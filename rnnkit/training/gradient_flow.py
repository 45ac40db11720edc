"""Measure how much gradient reaches each time step of each recurrent layer: whether it vanishes or explodes."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from rnnkit.cells import _own
from rnnkit.errors import RnnkitError
from rnnkit.layers.deep import DeepCell
from rnnkit.layers.probe import Trace, probing
from rnnkit.layers.recurrent import Recurrent
from rnnkit.training.flow_verdict import Flow
from rnnkit.training.stepping import recurrent_layers, require_tensorflow, step_back

Tensor = Any


def measure(model: Any, inputs: Any, targets: Any, sample_weight: Any = None) -> list[Flow]:
    """The gradient of the compiled loss that reaches the states of every recurrent layer, in both directions.

    The network runs as it predicts, without dropout. `truncate` is not applied: it is what would flow without it. The
    states of a stateful layer begin at zero for this and are then as they were.

    Args:
        model: Compiled and built.
        inputs: As the model takes them, one batch.
        targets: As its loss takes them.
        sample_weight: As its loss takes it.

    Returns:
        One result for each layer and direction, in the order they run.

    Raises:
        RnnkitError: For a model that is not compiled or has no `Recurrent` layer, and without TensorFlow.

    Example:

    >>> from rnnkit.cells import SimpleRNN
    >>> x = keras.Input((20, 1))
    >>> halving = SimpleRNN(4, activation="linear", recurrent_initializer=keras.initializers.Identity(0.5))
    >>> model = keras.Model(x, halving(x))
    >>> model.compile(loss="mse")
    >>> flow, = measure(model, np.ones((2, 20, 1)), np.ones((2, 4)))
    >>> print(flow.verdict, round(flow.factor, 3))
    vanishing 0.5

    Reference:
        Bengio, Simard & Frasconi, Learning Long-Term Dependencies with Gradient Descent is Difficult, IEEE TNN 5(2),
        1994; Pascanu, Mikolov & Bengio, On the Difficulty of Training Recurrent Neural Networks, ICML 2013.
    """
    require_tensorflow("Measuring the gradient flow")
    import tensorflow as tf

    if getattr(model, "loss", None) is None:
        raise RnnkitError("The model has no loss, so there is no gradient to measure. Call model.compile(loss=...).")
    layers = recurrent_layers(model)
    if not layers:
        raise RnnkitError(f"{model.name} has no recurrent layer of rnnkit, so no gradient flows through time in it.")
    kept = [(state, np.copy(keras.ops.convert_to_numpy(state))) for layer in layers for state in layer.states]
    for layer in layers:
        layer.reset_state()
    with tf.GradientTape(watch_accessed_variables=False) as tape, probing(tape.watch) as probes:
        outputs = model(inputs, training=False)
        loss = model.compute_loss(x=inputs, y=targets, y_pred=outputs, sample_weight=sample_weight, training=False)
    for state, value in kept:
        state.assign(value)
    reaching = tape.gradient(loss, [trace.probe for trace in probes.traces], unconnected_gradients="zero")
    places = {id(cell): place for layer in layers for cell, place in _places(layer)}
    elsewhere = {"layer": "recurrent", "index": 1, "direction": "forward", "pooling": "sequence"}  # in no known layer
    return [
        _flow(trace, gradient, places.get(id(trace.cell), elsewhere))
        for trace, gradient in zip(probes.traces, reaching, strict=True)
    ]


def _places(layer: Recurrent) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Each cell of a layer with its position for `Flow`."""
    for index in range(layer.layers):
        last = index == layer.layers - 1 and not layer.return_sequences
        for direction, cell in zip(("forward", "backward"), layer.directions(index), strict=False):
            pooling = layer.pooling if last else "sequence"
            yield cell, {"layer": layer.name, "index": index + 1, "direction": direction, "pooling": pooling}


def _flow(trace: Trace, gradient: Tensor, place: dict[str, Any]) -> Flow:
    """One run's norms, row by row counted back from the last step that was shown."""
    shown = None if trace.mask is None else np.asarray(trace.mask)[..., 0]
    gradient = np.asarray(gradient, np.float64)
    norms = np.linalg.norm(gradient, axis=-1)  # [time, batch]
    passed = np.linalg.norm(np.asarray(step_back(trace, gradient.astype(np.float32)), np.float64), axis=-1)
    counted = (norms > 0) & np.isfinite(norms) & np.isfinite(passed)
    if shown is not None:
        counted &= shown
    shares = passed[counted] / norms[counted]
    back, lengths = counted_back(norms, shown, trace.reverse)
    known = np.arange(len(back))[:, None] < lengths
    rows = known.sum(axis=1)
    means = np.where(known, back, 0).sum(axis=1) / np.maximum(rows, 1)
    long = lengths >= (np.median(lengths[lengths > 0]) if lengths.any() else 1)
    far = int(lengths[long].min()) if long.any() else 0
    return Flow(
        **place,
        cell=_key(trace.cell),
        norms=means[rows > 0],
        rows=rows[rows > 0],
        same_rows=back[:far, long].mean(axis=1) if far else np.zeros(1),
        handed_on=float(np.median(shares)) if shares.size else float("nan"),
    )


def counted_back(norms: np.ndarray, shown: np.ndarray | None, reverse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Each row from its last shown step back to its first, hidden steps left out.

    Args:
        norms: `[time, batch]`.
        shown: `[time, batch]`, false where a step is hidden, or None.
        reverse: Whether the last step run is the first in time.

    Returns:
        `[time, batch]`, 0 behind a row's first step, and how many steps of each row were shown, `[batch]`.

    Example:

    >>> back, lengths = counted_back(np.array([[1.0], [2.0], [3.0]]), np.array([[True], [False], [True]]), False)
    >>> back[:, 0].tolist(), lengths.tolist()
    ([3.0, 1.0, 0.0], [2])
    """
    shown = np.ones(norms.shape, bool) if shown is None else shown
    if not reverse:
        norms, shown = norms[::-1], shown[::-1]
    order = np.argsort(~shown, axis=0, kind="stable")
    lengths = shown.sum(axis=0)
    back = np.take_along_axis(norms, order, axis=0)
    return np.where(np.arange(len(back))[:, None] < lengths, back, 0.0), lengths


def _key(cell: Any) -> str:
    """The cell's key: that of a registered cell, or the name of its file in the zoo."""
    inner = type(cell.cell if isinstance(cell, DeepCell) else cell)
    registered = [key for key, cell_class in _own.classes.items() if cell_class is inner]
    return registered[0] if registered else inner.__module__.rpartition(".")[2]
