"""TFLite files of a single recurrent layer: one step at a time, or a whole sequence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError, did_you_mean
from rnnkit.export.convert import convert
from rnnkit.export.flatbuffer import non_builtin
from rnnkit.export.micro.contract import Calls
from rnnkit.export.micro.products import quantize_products
from rnnkit.export.padded import over_real_steps
from rnnkit.export.servable import Input, Servable
from rnnkit.files.disk import scratch
from rnnkit.layers.cell import RecurrentCell
from rnnkit.layers.device_loop import on_device
from rnnkit.layers.recurrent import OPTIONS, Recurrent
from rnnkit.layers.stack import step_stack
from rnnkit.lite.streaming import INPUT, OUTPUT, SIGNATURE

Tensor = Any
QUANTIZATIONS = ("none", "float16", "dynamic", "int8")
STRATEGIES = ("unroll", "padded", "loop")


def export_step(
    recurrent: Recurrent | RecurrentCell,
    features: int,
    quantize: str = "none",
    rows: Sequence[np.ndarray] | None = None,
) -> bytes:
    """Export one time step as a `.tflite` file with its states as inputs and outputs, for
    `rnnkit.lite.streaming.Streaming`.

    Why: sound, sensors and typed text arrive one step at a time, and a phone should not recompute the past each time.

    The signature "step" takes `x` [1, features] and the states, and returns `y`, the last layer's output at this step
    (whatever the layer's `pooling`), and the new states. States have the cell's names, such as `h` and `c`; in a
    stack `layer0_h`, `layer0_c`, `layer1_h` and so on.

    A stream starts with zero states. For a layer with learned initial states, zeros stand for the learned ones: the
    file's states are differences from them.

    Args:
        recurrent: A built layer of one direction, or a built cell.
        features: Width of the input.
        quantize: "none", "float16", "dynamic", or "int8" (the products with weights; what goes in and comes out stays
            float32), which microcontrollers run as well: `rnnkit.export.micro.write_micro`.
        rows: For int8: real sequences to calibrate on, `[time, features]` each.

    Raises:
        RnnkitError: For a layer that runs backwards or in both directions (its output depends on future steps), for
            one that has no weights yet, for int8 without rows, or when the converter fails.

    Example:

    >>> from rnnkit.cells import LSTM
    >>> from rnnkit.lite.streaming import Streaming
    >>> layer = LSTM(8)
    >>> layer.build((None, None, 3))
    >>> stream = Streaming(export_step(layer, 3))  # doctest: +SKIP
    >>> stream.step([0.1, 0.2, 0.3]).shape  # doctest: +SKIP
    (1, 8)
    """
    import tensorflow as tf

    _known("quantize", quantize, QUANTIZATIONS)
    sequences = _checked(rows, features, quantize)
    layer = _float32_copy(recurrent, features)
    if layer.bidirectional or layer.go_backwards:
        given = "bidirectional" if layer.bidirectional else "go_backwards"
        raise RnnkitError(
            f"A step cannot be exported with {given}=True: it needs future steps. "
            f"Train with {given}=False, or export the whole sequence."
        )
    names = [_state_name(layer, index, name) for index, cell in enumerate(layer.cells) for name in cell.state_names]
    sizes = [size for cell in layer.cells for size in cell.state_size]
    widths = {INPUT: features, **dict(zip(names, sizes, strict=True))}
    specs = {name: tf.TensorSpec((1, width), tf.float32, name=name) for name, width in widths.items()}

    def step(**given: Tensor) -> dict[str, Tensor]:
        output, states = _step(layer, given[INPUT], [given[name] for name in names])
        # A copy, since the output is also a state, and one tensor cannot have two names in a signature.
        return {OUTPUT: tf.identity(output), **dict(zip(names, states, strict=True))}

    module = tf.Module()
    module.kept = [variable.value for variable in layer.variables]
    module.step = tf.function(step, autograph=False)
    with scratch() as folder:
        traced = module.step.get_concrete_function(**specs)
        tf.saved_model.save(module, str(folder), signatures={SIGNATURE: traced})
        return _converted(folder, quantize, [[{INPUT: x[None]} for x in row] for row in sequences])


def export_sequence(
    recurrent: Recurrent,
    features: int,
    length: int | None,
    strategy: str = "unroll",
    quantize: str = "none",
    rows: Sequence[np.ndarray] | None = None,
) -> bytes:
    """Export a whole sequence as a `.tflite` file: `x` [1, length, features] to `y`, the layer's output (no states).

    A padded file takes shorter sequences with NaN behind, in all features of a step, and costs what their real steps
    cost; where the layer returns sequences, `y` is 0 behind these. A real step must hold no NaN, which would count as
    padding.

    Args:
        recurrent: A built layer.
        features: Width of the input.
        length: Number of time steps; None leaves it open, which only "loop" supports.
        strategy: "unroll" (fastest, grows with the length), "padded" (up to the length) or "loop".
        quantize: "none", "float16", "dynamic", or "int8", which needs "unroll".
        rows: For int8: real sequences to calibrate on, `[length, features]` each.

    Raises:
        RnnkitError: For an unknown strategy, a layer that has no weights yet, for int8 in a loop or without rows, or
            when the converter fails.

    Example:

    >>> from rnnkit.cells import GRU
    >>> layer = GRU(8, bidirectional=True)
    >>> layer.build((None, None, 3))
    >>> model = export_sequence(layer, 3, length=20)  # doctest: +SKIP
    """
    _known("strategy", strategy, STRATEGIES)
    _known("quantize", quantize, QUANTIZATIONS)
    if strategy != "loop" and length is None:
        why = "writes every step out" if strategy == "unroll" else "has one shape"
        raise RnnkitError(f"strategy={strategy!r} {why}, so it needs a length. Give one, or use 'loop'.")
    if strategy != "unroll" and quantize == "int8":
        raise RnnkitError("int8 cannot be calibrated within a loop. Use strategy='unroll', or export_step.")
    sequences = _checked(rows, features, quantize)
    if wrong := [row for row in sequences if len(row) != length]:
        raise RnnkitError(
            f"A sequence to calibrate on has {len(wrong[0])} steps; expected {length}, as the file takes."
        )
    layer = _float32_copy(recurrent, features, unroll=strategy == "unroll")
    whole = over_real_steps(layer, by_step=int(length or 0) if layer.return_sequences else 0)
    function = whole if strategy == "padded" else layer
    servable = Servable(
        layer, function, (Input(INPUT, (1, length, features), "float32"),), OUTPUT, fixed_length=length is not None
    )
    with scratch() as folder, on_device(length):
        servable.save(folder)
        return _converted(folder, quantize, [[{INPUT: row[None]}] for row in sequences])


def _step(layer: Recurrent, x: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    """One step through the stack; its states are differences from the initial states."""
    initial = layer.start_states(1)
    output, new = step_stack(layer, x, [state + first for state, first in zip(states, initial, strict=True)])
    return output, [state - first for state, first in zip(new, initial, strict=True)]


def _state_name(layer: Recurrent, index: int, name: str) -> str:
    return name if layer.layers == 1 else f"layer{index}_{name}"


def _float32_copy(recurrent: Recurrent | RecurrentCell, features: int, unroll: bool = False) -> Recurrent:
    """A copy of the layer with the same weights, in float32, for a batch of one, stateless between calls."""
    if not isinstance(recurrent, Recurrent | RecurrentCell):
        raise RnnkitError(f"Expected a Recurrent layer or a RecurrentCell to export, not {recurrent!r}.")
    if not recurrent.built:
        raise RnnkitError(f"{recurrent.name} has no weights yet. Call it once, or build() it, then export it.")
    whole = isinstance(recurrent, Recurrent)
    options = {name: getattr(recurrent, name) for name in OPTIONS} if whole else {}
    options |= {"return_state": False, "stateful": False, "unroll": unroll}
    old = recurrent.cell if whole else recurrent
    layer = Recurrent(type(old).from_config({**old.get_config(), "dtype": "float32"}), **options)
    try:
        layer.build((1, None, features))
        carried = {id(state) for state in getattr(recurrent, "states", ())}  # of a stateful layer
        weights = [weight.numpy() for weight in recurrent.weights if id(weight) not in carried]
        (layer if whole else layer.cell).set_weights(weights)
    except ValueError as error:
        raise RnnkitError(f"The weights of {recurrent.name} do not fit {features} features: {error}") from error
    return layer


def _checked(rows: Sequence[np.ndarray] | None, features: int, quantize: str) -> list[np.ndarray]:
    """The sequences that int8 is calibrated on, float32; none for another quantization."""
    if quantize != "int8":
        return []
    found = [np.asarray(row, np.float32) for row in (() if rows is None else rows)]
    if not found or any(row.ndim != 2 or row.shape[1] != features or not np.isfinite(row).all() for row in found):
        given = [list(row.shape) for row in found[:3]] or "none"
        raise RnnkitError(
            f"int8 calibrates its ranges on real sequences: expected rows, a list of [time, {features}] of finite "
            f"numbers, got {given}."
        )
    return found


def _converted(saved_model: Path, quantize: str, rows: Sequence[Calls]) -> bytes:
    model = convert(saved_model, "none" if quantize == "int8" else quantize, [], INPUT)
    foreign = non_builtin(model)
    if foreign:
        raise RnnkitError(f"The file needs operators that phones lack: {', '.join(foreign)}. Use others in the cell.")
    return quantize_products(model, rows) if quantize == "int8" else model


def _known(name: str, value: str, options: Sequence[str]) -> None:
    if value not in options:
        raise RnnkitError(
            f"Unknown {name} {value!r}; expected one of {', '.join(options)}.{did_you_mean(value, options)}"
        )
