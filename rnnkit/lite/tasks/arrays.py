"""Answer sequences of numbers with numbers: the runner of tasks of one's own whose bundle names it."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model, padded, warm_up

_MOST_FEATURES = 1_000_000


class Arrays:
    """Runs a bundle whose model takes `[1, time, features]` and gives `[1, outputs]`; `rnnkit.lite.load` makes it.

    A lock lets threads share one runner, one sequence at a time.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.
        by_step: whether the model gives `[1, time, outputs]`, some for each step.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1, by_step: bool = False):
        self.bundle, self.by_step = bundle, by_step
        self.features = bundle.number("features", 1, _MOST_FEATURES)
        self._interpreter = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()
        self._check_model()
        if bundle.strategy == "padded":
            warm_up(self._interpreter.get_signature_runner())

    def predict(self, sequences: Any) -> list[float | list[float]]:
        """Answer sequences: a number for each where the model has one output, else a list of numbers.

        Args:
            sequences: for each `[time, features]`, or `[time]` where there is one feature, as arrays or lists, or as
                text: blanks between the steps, commas between the features of a step, "0.5,1 0.6,2". A single text
                counts as a list of one. Everything is computed in float32.

        Raises:
            RnnkitError: as `run`.
        """
        if not isinstance(sequences, Iterable):
            raise RnnkitError(f"Expected a list of sequences, got {sequences!r:.60}.")
        rows = self.run([sequences] if isinstance(sequences, str) else list(sequences))
        return [float(row[0]) if len(row) == 1 else [float(number) for number in row] for row in rows]

    def run(self, sequences: Sequence[Any]) -> np.ndarray:
        """The model's outputs, float32 `[sequences, outputs]`; by step `[all steps, outputs]`.

        Args:
            sequences: as for `predict`.

        Raises:
            RnnkitError: one is empty, too long, of other features, or holds what is no finite number.
        """
        rows = [self._run(self._checked(values, place)) for place, values in enumerate(sequences)]
        joined = np.concatenate if self.by_step else np.stack
        return joined(rows) if rows else np.zeros((0, self.outputs), np.float32)

    def _run(self, values: np.ndarray) -> np.ndarray:
        steps = len(values)
        if self.bundle.fixed_length:
            values = padded(values, self.bundle.max_length, np.nan)
        with self._lock:
            given = self._interpreter.get_input_details()[0]
            if given["shape"][1] != len(values):
                self._interpreter.resize_tensor_input(given["index"], [1, *values.shape])
                self._interpreter.allocate_tensors()
            self._interpreter.set_tensor(given["index"], values[None])
            self._interpreter.invoke()
            answer = self._interpreter.get_tensor(self._interpreter.get_output_details()[0]["index"])
            return np.array(finite(answer[0, :steps] if self.by_step else answer[0]))

    def _checked(self, values: Any, place: int) -> np.ndarray:
        """A sequence as float32 `[time, features]`."""
        expected = f"expected 1 to {self.bundle.max_length} steps of {self.features} finite numbers."
        try:
            given = np.asarray(_of_text(values) if isinstance(values, str) else values)
        except ValueError as error:  # words, or steps of different widths
            raise RnnkitError(f"Sequence {place} is {str(values)[:60]!r} ({error}); {expected}") from None
        if given.dtype.kind not in "iuf":
            raise RnnkitError(f"Sequence {place} is of {given.dtype}; {expected}")
        if given.ndim == 1 and self.features == 1:
            given = given[:, None]
        if given.ndim != 2 or given.shape[1] != self.features or not 1 <= len(given) <= self.bundle.max_length:
            raise RnnkitError(f"Sequence {place} is {list(given.shape)}; {expected}")
        with np.errstate(over="ignore"):
            numbers = given.astype(np.float32)
        if not np.isfinite(numbers).all():
            step = int(np.flatnonzero(~np.isfinite(numbers).all(-1))[0])
            raise RnnkitError(f"Sequence {place} holds {given[step].tolist()} at step {step}; {expected}")
        return numbers

    def _check_model(self) -> None:
        """Check that model and settings fit, before the first sequence."""
        folder = self.bundle.folder
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        shapes = [[int(side) for side in details["shape_signature"]] for details in (*inputs, *outputs)]
        floats = all(np.dtype(details["dtype"]) == np.float32 for details in (*inputs, *outputs))
        if [len(shape) for shape in shapes] != [3, 3 if self.by_step else 2] or len(inputs) != 1 or not floats:
            gives = "[1, time, outputs]" if self.by_step else "[1, outputs]"
            raise RnnkitError(
                f"{folder}: the model takes and gives {shapes}; expected [1, time, features] and {gives} of float32. "
                "Export it again."
            )
        length = self.bundle.max_length if self.bundle.fixed_length else -1
        if shapes[0] != [1, length, self.features] or shapes[1][0] != 1 or shapes[1][-1] < 1:
            raise RnnkitError(
                f"{folder} says {self.features} features and at most {self.bundle.max_length} steps, but the model "
                f"takes {shapes[0]} and gives {shapes[1]}. Export it again."
            )
        self.outputs = shapes[1][-1]


def _of_text(text: str) -> list[list[float]]:
    """Steps with blanks between, their features with commas between."""
    if "_" in text:  # Python reads 1_0 as 10
        raise ValueError("a number has an underscore")
    return [[float(number) for number in step.split(",")] for step in text.split()]
