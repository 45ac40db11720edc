"""`LanguageModel` as functions for a device or a server: one step, and the initial states."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from rnnkit.data.bucketing import Ragged
from rnnkit.export.contract import COMPARED_ROWS, Exporter
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature, named
from rnnkit.lite.step_file import RESET, STATE, STEP
from rnnkit.lite.tasks.language_model import IDS, LOGITS
from rnnkit.tasks.base.examples import Encoded
from rnnkit.tasks.language_model.network import Stepping

Tensor = Any


#: Tokens per window on which an export is compared.
_WINDOW = 32


class LanguageModelExporter(Exporter):
    """Exports a `LanguageModel`."""

    runner = "language_model"
    quantizations = ("none", "float16", "dynamic")
    strategies = ("loop",)

    @property
    def compared_noun(self) -> str:
        return f"{self.task.alphabet.kind}s"

    @property
    def row_noun(self) -> str:
        return f"windows of {self.timed}"

    @property
    def timed(self) -> str:
        return f"{_WINDOW} {self.compared_noun}"

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        return {"model": language_servable(self.task)}

    def describe(self) -> dict[str, Any]:
        task = self.task
        return {
            "max_length": 1,
            "outputs": [{"name": LOGITS, "shape": [1, len(task.alphabet)], "dtype": "float32"}],
            "unit": task.options.unit,
            "states": len(Stepping(task.network, task.ends).sizes),
            "ends": task.ends,
        }

    def expected(self, examples: Any) -> np.ndarray:
        """The probability of each token after each window, `[rows, tokens]`."""
        return next_probabilities(self.task.without_lanes(), np.stack(list(examples.inputs)))

    def sample(self, examples: Any) -> Encoded:
        """Short windows of the text, evenly spread, and the token after each."""
        flat = examples.inputs.flat
        starts = np.unique(np.linspace(0, max(len(flat) - _WINDOW - 1, 0), COMPARED_ROWS).astype(np.int64))
        length = min(_WINDOW, len(flat) - 1)
        rows = Ragged.from_iterable(flat[start : start + length] for start in starts)
        return Encoded(rows, flat[starts + length])

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write one signature: ids of any batch size and length in, `logits` of the token after each of them out."""
        import tensorflow as tf

        network = self.task.without_lanes()

        def serve(ids: Tensor) -> dict[str, Tensor]:
            return {LOGITS: network.get_layer("embedding").logits(network(ids, training=False))}

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            logits = run(**{IDS: tf.constant(np.stack(list(compared.inputs)))})[LOGITS][:, -1]
            return self.agreement(compared, tf.nn.softmax(logits).numpy(), source)

        parts = ServableParts(network, {"serving_default": Signature(serve, (Input(IDS, (None, None), "int32"),))})
        return write_saved_model(folder, parts.save, agreement_of, self.compares_as)


def language_servable(task: Any) -> ServableParts:
    """The network in the form `rnnkit.export` needs.

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


def next_probabilities(network: keras.Model, ids: np.ndarray) -> np.ndarray:
    """The probability of each unit after each row of ids: from `[rows, time]` to `[rows, units]`."""
    vectors = ops.convert_to_tensor(network.predict_on_batch(ids))[:, -1]
    return np.asarray(ops.convert_to_numpy(ops.softmax(network.get_layer("embedding").logits(vectors))))
