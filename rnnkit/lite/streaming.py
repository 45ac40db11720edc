"""Run a model one time step at a time, feeding its state back: for sound, sensors, or text as it is typed."""

from os import PathLike
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.files.reading import MODEL_BYTES, read_bytes
from rnnkit.lite.interpreter import dequantized, open_model, quantized

SIGNATURE, INPUT, OUTPUT = "step", "x", "y"


class Streaming:
    """A one-step model and its state.

    The model has a signature "step": `x` [1, features] and one input per state in, `y` and the new states, under the
    same names, out. Every other order of steps than the one they came in gives other answers, so one stream belongs to
    one thread; open the model once more for a second stream.

    Args:
        model: path or bytes of the `.tflite` file.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: there is no such file, or it has no such signature.

    Example:

    >>> stream = Streaming("step.tflite")  # doctest: +SKIP
    >>> answers = [stream.step(frame) for frame in frames]  # doctest: +SKIP
    """

    def __init__(self, model: str | PathLike[str] | bytes, num_threads: int = 1):
        self._interpreter = open_model(_bytes(model), num_threads)
        if SIGNATURE not in self._interpreter.get_signature_list():
            signatures = ", ".join(self._interpreter.get_signature_list()) or "none"
            raise RnnkitError(f"The model's signatures are: {signatures}; expected {SIGNATURE!r}, a one-step model.")
        self._runner = self._interpreter.get_signature_runner(SIGNATURE)
        self._given: dict[str, Any] = self._runner.get_input_details()
        self._answer: dict[str, Any] = self._runner.get_output_details()
        self.state_names = tuple(sorted(set(self._given) - {INPUT}))
        if INPUT not in self._given or set(self._answer) != {OUTPUT, *self.state_names}:
            raise RnnkitError(
                f"The step takes {sorted(self._given)} and gives {sorted(self._answer)};"
                f" expected {INPUT!r} and the states in, {OUTPUT!r} and the same states out."
            )
        self.reset()

    def reset(self, **states: np.ndarray) -> None:
        """Reset the states to zeros, or to the values given by name.

        Raises:
            RnnkitError: there is no such state, or the value has another shape.
        """
        unknown = set(states) - set(self.state_names)
        if unknown:
            raise RnnkitError(f"No such state: {', '.join(sorted(unknown))}. There is: {', '.join(self.state_names)}.")
        zeros = {name: np.zeros(self._given[name]["shape"], np.float32) for name in self.state_names}
        self.state = {name: self._shaped(name, states.get(name, zeros[name])) for name in self.state_names}

    def step(self, x: np.ndarray) -> np.ndarray:
        """Take one step.

        Args:
            x: the input of this step, [features] or [1, features].

        Returns:
            `y`, float32 [1, ...].

        Raises:
            RnnkitError: `x` has another shape.
        """
        values = {INPUT: self._shaped(INPUT, x), **self.state}
        answers = self._runner(**{name: quantized(value, self._given[name]) for name, value in values.items()})
        numbers = {name: dequantized(value, self._answer[name]) for name, value in answers.items()}
        self.state = {name: numbers[name] for name in self.state_names}
        return numbers[OUTPUT]

    def _shaped(self, name: str, value: np.ndarray) -> np.ndarray:
        shape = tuple(map(int, self._given[name]["shape"]))
        array = np.asarray(value)
        if array.shape not in (shape, shape[1:]):
            raise RnnkitError(f"{name} has shape {list(array.shape)}; expected {list(shape)} or {list(shape[1:])}.")
        return array.reshape(shape)


def _bytes(model: str | PathLike[str] | bytes) -> bytes:
    if isinstance(model, bytes):
        return model
    return read_bytes(model, MODEL_BYTES, "The model")
