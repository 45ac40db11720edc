"""Points 2 and 3: one step, applied over and over, is the definition, and every faster form equals it."""

from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.layers.accelerated import keras_sequence, portable
from rnnkit.layers.deep import takes_transition
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.run_cell import run_cell, scan_sequence
from rnnkit.testing.require import require, require_equal
from rnnkit.testing.subject import TIME, Subject, named

WITHIN = 1e-5
DEFINITION = "step(project(x), *states), applied over and over, is the definition; mend the other form."


def by_steps(subject: Subject) -> None:
    """The layer, unrolled and not, backwards, and Keras's own RNN, all against single steps."""
    layer = subject.layer(return_sequences=True, return_state=True)
    inputs, states = subject.inputs(), subject.states(layer)
    outputs, last = _steps(layer, inputs, states)
    require_equal("The first new state", outputs[:, -1], last[0], 0.0, "step() returns the output first.")
    for what, unroll in {"loop": False, "unroll=True": True}.items():
        again = subject.layer(like=layer, return_sequences=True, return_state=True, unroll=unroll)
        got, *got_last = again(inputs, initial_state=states)
        require_equal(f"Outputs, {what}", got, outputs, WITHIN, DEFINITION)
        for name, mine, theirs in zip(layer.cell.state_names, got_last, last, strict=True):
            require_equal(f"Last state {name}, {what}", mine, theirs, WITHIN, DEFINITION)
    backwards = subject.layer(like=layer, return_sequences=True, go_backwards=True)(inputs, initial_state=states)
    reverse, _ = _steps(layer, _turned(inputs, layer.cell.time_columns), states)
    require_equal("go_backwards=True", backwards, reverse, WITHIN, DEFINITION)
    theirs = keras.layers.RNN(layer.cell, return_sequences=True)(inputs, initial_state=states)
    require_equal("keras.layers.RNN(cell)", theirs, outputs, WITHIN, DEFINITION)


def deep(subject: Subject) -> None:
    """With layers before the cell, between its steps and after it, from learned states on, and with a deep output."""
    for depths in (depths_of(subject), dict[str, Any](output_layers=2)):
        layer = subject.layer(**depths, return_sequences=True, initial_state="learned")
        inputs = subject.inputs()
        outputs, _ = _steps(layer, inputs, layer.start_states(len(inputs)))
        require_equal(f"Deep in the ways {', '.join(depths)}", layer(inputs), outputs, WITHIN, DEFINITION)


def depths_of(subject: Subject) -> dict[str, Any]:
    """Every kind of depth that the cell can have, at once."""
    transition = int(takes_transition(subject.cell_class))
    return {"input_layers": 1, "transition_layers": transition, "output_layers": 1, "residual": True}


def other_forms(subject: Subject) -> None:
    """The form that runs all steps at once and the Keras layer (cuDNN's stand-in), with masks, both ways."""
    layer = subject.layer()
    cell: Any = layer.cell
    inputs = ops.transpose(ops.convert_to_tensor(subject.inputs()), (1, 0, 2))
    states = [ops.convert_to_tensor(state) for state in subject.states(layer)]
    for mask in (None, ops.convert_to_tensor(subject.mask().T[..., None])):
        for reverse in (False, True):
            with portable():  # the loop
                outputs, last = run_cell(cell, inputs, states, mask, pool=None, reverse=reverse)
            forms = {}
            if (whole := scan_sequence(cell, inputs, states, mask, reverse)) is not None:
                forms["The scan"] = whole
            if getattr(cell, "keras_layer", None) is not None:
                forms["The Keras layer"] = keras_sequence(cell, inputs, states, mask, reverse, training=False)
            for name, (got, got_last) in forms.items():
                what = f"{name}{'' if mask is None else ', masked'}{', reversed' if reverse else ''}"
                shown = 1.0 if mask is None else ops.cast(mask, "float32")
                require_equal(what, got * shown, outputs * shown, WITHIN, DEFINITION)
                for mine, theirs in zip(got_last, last, strict=True):
                    require_equal(f"{what}, last state", mine, theirs, WITHIN, DEFINITION)


def reference(subject: Subject) -> None:
    """The layer against a formula that shares no code with it."""
    if subject.reference is None:
        return
    layer = subject.layer(return_sequences=True)
    inputs, states = subject.inputs(), subject.states(layer)
    weights = named(layer.cell)
    doubles = [state.astype("float64") for state in states]
    expected = np.asarray(subject.reference(weights, inputs.astype("float64").transpose(1, 0, 2), doubles))
    shape = (TIME, len(inputs), layer.output_size)
    require(expected.shape == shape, f"The reference gave shape {expected.shape} instead of {shape}, time first.")
    mend = f"One of the two differs from the paper: step() or the reference. Weights: {', '.join(weights)}."
    require_equal("The sequence", layer(inputs, initial_state=states), expected.transpose(1, 0, 2), WITHIN, mend)


def _turned(inputs: np.ndarray, time_columns: int) -> np.ndarray:
    """Inputs from the last step to the first; the time of a step is that between it and the step after it."""
    turned = inputs[:, ::-1].copy()
    for column in range(inputs.shape[-1] - time_columns, inputs.shape[-1]):
        turned[:, :, column] = np.roll(turned[:, :, column], 1, axis=1)
    return turned


def _steps(layer: Recurrent, inputs: np.ndarray, states: list[np.ndarray]) -> tuple[Any, list[Any]]:
    """Outputs `[batch, time, units]` and last states, one call of the cell at a time."""
    now, outputs = [ops.convert_to_tensor(state) for state in states], []
    for t in range(inputs.shape[1]):
        output, now = layer.cells[0](ops.convert_to_tensor(inputs[:, t]), now)
        outputs.append(output)
    return ops.stack(outputs, axis=1), now
