"""The file of one step of a network: what comes and the states in, an answer and the new states out."""

from collections.abc import Mapping
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import MOST_STATES, Bundle
from rnnkit.lite.interpreter import open_model, require_shapes, require_signatures

#: The signatures of such a file, and the name of its states, which are numbered.
STEP, RESET, STATE = "step", "reset", "state"


def state_names(bundle: Bundle) -> list[str]:
    """The names of the states of a bundle's network; none where it answers the whole alone."""
    return numbered_names(bundle, "states", STATE)


def numbered_names(bundle: Bundle, setting: str, name: str) -> list[str]:
    """Names of inputs or outputs with their numbers, as many as `bundle.json` says under a setting."""
    return [f"{name}_{number}" for number in range(bundle.number(setting, 0, MOST_STATES))]


class StepFile:
    """The file of a step of a bundle.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.
        what: whose step it is, for messages.
        takes: the name of what comes, and its width.
        gives: the name of the answer, and its width.
        more: the names of further outputs.

    Raises:
        RnnkitError: the file is missing or altered, or does not fit the bundle.
    """

    def __init__(
        self,
        bundle: Bundle,
        num_threads: int,
        what: str,
        takes: tuple[str, int],
        gives: tuple[str, int],
        more: tuple[str, ...] = (),
    ) -> None:
        self._states, self._input = state_names(bundle), takes[0]
        model = open_model(bundle.read(STEP), num_threads)
        states = dict.fromkeys(self._states, "f")
        made = {STEP: {**dict.fromkeys((gives[0], *more), "f"), **states}, RESET: states}
        wanted = {STEP: {self._input, *self._states}, RESET: set[str]()}
        require_signatures(model, wanted, made, bundle.folder, f"step of a {what}")
        self._step, self._reset = (model.get_signature_runner(name) for name in (STEP, RESET))
        given, answers = self._step.get_input_details(), self._step.get_output_details()
        for details in (answers, self._reset.get_output_details()):
            require_shapes(details, given, self._states, bundle.folder)
        shapes = [[int(side) for side in one["shape"]] for one in (given[self._input], answers[gives[0]])]
        if shapes != [[1, takes[1]], [1, gives[1]]]:
            raise RnnkitError(f"{bundle.folder}: a step takes and gives {shapes}. Export it again.")
        self._model, self._lock = model, Lock()

    def first_states(self) -> list[np.ndarray]:
        """The network's states before the first step."""
        with self._lock:
            made = self._reset()
        return [made[name] for name in self._states]

    def run(self, row: np.ndarray, states: list[np.ndarray]) -> tuple[Mapping[str, Any], list[np.ndarray]]:
        """Take a step: the outputs by name, `[1, width]` each, and the states then.

        Args:
            row: What comes, `[width]`.
            states: Those before it.
        """
        with self._lock:
            made = self._step(**{self._input: row[None]}, **dict(zip(self._states, states, strict=True)))
        return made, [made[name] for name in self._states]
