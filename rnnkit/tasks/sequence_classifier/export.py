"""`SequenceClassifier` as files: features of a whole sequence in, probabilities out; and where it can, step by step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.export.contract import Exporter, up_to
from rnnkit.export.padded import over_real_steps
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import FIXED, Input, Servable, ServableParts, Signature, named, unroll_of
from rnnkit.lite.step_file import RESET, STATE, STEP
from rnnkit.lite.tasks.sequence_classifier import PROBABILITIES, VALUES
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.sequence_classifier.micro import SequenceClassifierMicro
from rnnkit.tasks.sequence_classifier.network import Stepping, is_streamable
from rnnkit.tasks.sequence_classifier.preprocessing import CHANNELS_FILE

Tensor = Any
#: Length of a file of a fixed one, in those of the longest training sequence: steps of padding cost where all are
#: written out, and next to nothing where they are cut off.
_ROOM = {"unroll": 1, "padded": 2}
_MOST_STEPS = 5_000  # that are run one by one, to compare them with the whole


class SequenceClassifierExporter(Exporter):
    """Exports a `SequenceClassifier`."""

    runner = "sequence_classifier"
    quantizations = ("none", "float16", "dynamic")
    strategies = ("padded", "loop", "unroll")
    takes_length = True
    #: Steps that the file takes; 0 for any number.
    fixed_length = 0

    @property
    def compared_noun(self) -> str:
        return "steps" if self.task.options.per_step else self.task.example_noun

    def servables(self, strategy: str) -> dict[str, Servable | ServableParts]:
        """The file of whole sequences, padded to a fixed length or not at all; and that of a step and its states."""
        fixed, task = strategy in FIXED, self.task
        network = task.build(Build(unroll=unroll_of(strategy), masked=strategy == "unroll"))
        network.set_weights(task.network.get_weights())
        self.fixed_length = self._steps(strategy) if fixed else 0

        def probabilities(values: Tensor) -> Tensor:
            return ops.softmax(network(values, training=False))

        specs = (Input(VALUES, (1, self.fixed_length or None, network.input_shape[2]), "float32"),)
        by_step = self.fixed_length if task.options.per_step else 0
        function = over_real_steps(probabilities, by_step=by_step) if strategy == "padded" else probabilities
        found: dict[str, Servable | ServableParts] = {
            "model": Servable(network, function, specs, PROBABILITIES, fixed_length=fixed)
        }
        if is_streamable(task.options):
            found[STEP] = ServableParts(network, self._signatures(network), fixed_length=fixed)
        return found

    def _steps(self, strategy: str) -> int:
        """Steps of a file of a fixed length."""
        longest: int = min(self.task.options.max_length, _ROOM[strategy] * self.task.channels.longest)
        return self.length or longest

    def fitting(self, examples: Any, strategy: str) -> Any:
        return up_to(self._steps(strategy), examples) if strategy in FIXED else examples

    def _signatures(self, network: Any) -> dict[str, Signature]:
        """step: features of a step `[1, features]` and the states to probabilities and the new states; reset: nothing
        to the states before the first step."""
        stepping = Stepping(network, self.task.options)

        def step(values: Tensor, *states: Tensor) -> dict[str, Tensor]:
            logits, new = stepping.step(values, states)
            return {PROBABILITIES: ops.softmax(logits), **named(STATE, new)}

        def reset() -> dict[str, Tensor]:
            return named(STATE, stepping.start())

        carried = [Input(f"{STATE}_{number}", (1, size), "float32") for number, size in enumerate(stepping.sizes)]
        given = Input(VALUES, (1, network.input_shape[2]), "float32")
        return {STEP: Signature(step, (given, *carried)), RESET: Signature(reset, ())}

    def micro(self) -> SequenceClassifierMicro:
        return SequenceClassifierMicro(self.task, self.length)

    def describe(self) -> dict[str, Any]:
        task = self.task
        states = len(Stepping(task.network, task.options).sizes) if is_streamable(task.options) else 0
        time = [None] if task.options.per_step else []
        return {
            "max_length": self.fixed_length or task.options.max_length,
            "outputs": [{"name": PROBABILITIES, "shape": [1, *time, len(task.labels)], "dtype": "float32"}],
            "labels": "labels.txt",
            "channels": CHANNELS_FILE,
            "features": task.channels.features,
            "per_step": task.options.per_step,
            "states": states,
        }

    def expected(self, examples: Any) -> np.ndarray:
        return self.task.probabilities(self.task.outputs(examples))

    def other_outputs(self, runner: Any, examples: Any) -> tuple[np.ndarray, np.ndarray] | None:
        """The probabilities after the last step of some sequences, or per step after each, given step by step; and
        Keras's for the whole."""
        if not is_streamable(self.task.options):
            return None
        return self._stepped(examples, runner.first_states, runner.next_states)

    def _stepped(self, examples: Any, first: Callable[[], Any], step: Callable[..., Any]) -> Any:
        """The same, by the functions of a file."""
        steps = np.cumsum(examples.inputs.lengths)
        some = examples.some(max(int((steps <= _MOST_STEPS).sum()), 1))
        found = list[np.ndarray]()
        for row in some.inputs:
            states, each = first(), list[np.ndarray]()
            for features in row:
                probabilities, states = step(features, states)
                each.append(probabilities)
            found += each if self.task.options.per_step else each[-1:]
        return np.stack(found), self.expected(some)

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signature `serving_default` (features of any batch size and length, NaN where a step is padding),
        and where the network can run step by step `step` and `reset`."""
        network = self.task.build()
        network.set_weights(self.task.network.get_weights())

        def serve(values: Tensor) -> dict[str, Tensor]:
            return {PROBABILITIES: ops.softmax(network(values, training=False))}

        spec = Input(VALUES, (None, None, network.input_shape[2]), "float32")
        signatures = {"serving_default": Signature(serve, (spec,))}
        if is_streamable(self.task.options):
            signatures |= self._signatures(network)

        def agreement_of(saved: Path) -> Agreement:
            signatures = tf.saved_model.load(str(saved)).signatures
            run = signatures["serving_default"]
            rows = [run(**{VALUES: tf.constant(row[None])})[PROBABILITIES].numpy() for row in compared.inputs]
            theirs = np.concatenate([row[0] if self.task.options.per_step else row for row in rows])
            if is_streamable(self.task.options):
                stepped, whole = self._stepped(compared, *_functions(signatures))
                self.compares_as.require(self.compares_as.compare(whole, stepped, None, source), "none", "step")
            return self.agreement(compared, theirs, source)

        return write_saved_model(folder, ServableParts(network, signatures).save, agreement_of, self.compares_as)


def _functions(signatures: Any) -> tuple[Callable[[], Any], Callable[..., Any]]:
    """What gives the first states, and what takes a step, of a SavedModel."""

    def first() -> dict[str, Tensor]:
        return dict(signatures[RESET]())

    def step(features: np.ndarray, states: dict[str, Tensor]) -> tuple[np.ndarray, dict[str, Tensor]]:
        made = signatures[STEP](**{VALUES: tf.constant(features[None])}, **states)
        return made.pop(PROBABILITIES).numpy()[0], made

    return first, step
