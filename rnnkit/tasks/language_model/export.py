"""`LanguageModel` as functions that a device or a server calls: one step, and the states before the first one."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.export.parity import Agreement, compare
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, named
from rnnkit.lite.tasks.language_model import IDS, LOGITS, RESET, STATE, STEP
from rnnkit.tasks.language_model.network import Stepping

Tensor = Any


def language_servable(task: Any) -> ServableParts:
    """The network as `rnnkit.export` wants it.

    step: the last `ids` [1] and the states to `logits` [1, units] of the next id, and the new states.
    reset: nothing to the states before the first step.
    """
    network = task.without_lanes()
    stepping = Stepping(network, task.ends)

    def step(ids: Tensor, *states: Tensor) -> dict[str, Tensor]:
        logits, new = stepping.step(ids, states)
        return {LOGITS: logits, **named(STATE, new)}

    def reset() -> dict[str, Tensor]:
        return named(STATE, stepping.start(1))

    carried = tuple(Input(f"{STATE}_{number}", (1, size), "float32") for number, size in enumerate(stepping.sizes))
    return ServableParts(
        network, {STEP: Signature(step, (Input(IDS, (1,), "int32"), *carried)), RESET: Signature(reset, ())}
    )


def description(task: Any) -> dict[str, Any]:
    """What the runner in `rnnkit.lite` reads in `bundle.json`."""
    return {
        "max_length": 1,
        "outputs": [{"name": LOGITS, "shape": [1, len(task.units)], "dtype": "float32"}],
        "unit": task.options.unit,
        "states": len(Stepping(task.network, task.ends).sizes),
        "ends": task.ends,
    }


def next_probabilities(network: keras.Model, ids: np.ndarray) -> np.ndarray:
    """How likely each unit is behind each row of ids: of `[rows, time]`, `[rows, units]`."""
    vectors = ops.convert_to_tensor(network.predict_on_batch(ids))[:, -1]
    return np.asarray(ops.convert_to_numpy(ops.softmax(network.get_layer("embedding").logits(vectors))))


def export_language_saved_model(task: Any, folder: Path, compared: Any, source: str) -> dict[str, Any]:
    """Writes `saved_model/` with one signature: ids of any batch and length in, `logits` of the next unit behind each
    of them out.

    Args:
        task: A trained `LanguageModel`.
        folder: The Run's folder.
        compared: Encoded windows.
        source: Where they come from.
    """
    import tensorflow as tf

    network = task.without_lanes()

    def serve(ids: Tensor) -> dict[str, Tensor]:
        return {LOGITS: network.get_layer("embedding").logits(network(ids, training=False))}

    def agreement_of(saved: Path) -> Agreement:
        run = tf.saved_model.load(str(saved)).signatures["serving_default"]
        logits = run(**{IDS: tf.constant(np.stack(list(compared.inputs)))})[LOGITS][:, -1]
        return compare(task.expected(compared), tf.nn.softmax(logits).numpy(), compared.truth, source)

    parts = ServableParts(network, {"serving_default": Signature(serve, (Input(IDS, (None, None), "int32"),))})
    return write_saved_model(folder, parts.save, agreement_of, task.tolerances)
