"""Generation with an exported language model, one step at a time, with explicit states."""

import itertools
from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.word_units import load_units
from rnnkit.decoding import numpy_ops
from rnnkit.decoding.writing import Stepper
from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.interpreter import open_model, require_shapes, require_signatures
from rnnkit.lite.step_file import RESET, STEP, state_names
from rnnkit.lite.writing import Writer, one_by_one

#: The names of what goes in and comes out, beside the states.
IDS, LOGITS = "ids", "logits"


class LanguageModel(Writer):
    """Runs a bundle of the task "language_model"; `rnnkit.lite.load` makes it.

    A step takes the same time and memory wherever in the text it is. A lock lets threads share one model.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        bundle.setting("ends", bool)
        self._states = state_names(bundle)
        self._interpreter = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()
        self._check_model()
        self._step = self._interpreter.get_signature_runner(STEP)
        self._reset = self._interpreter.get_signature_runner(RESET)
        self.alphabet = load_units(bundle.folder, bundle.setting("unit", str))
        known = int(self._step.get_output_details()[LOGITS]["shape"][-1])
        if known != len(self.alphabet):
            raise RnnkitError(
                f"{bundle.folder} lists {len(self.alphabet)} {self.alphabet.kind}s, and the model knows {known}. "
                "Export it again."
            )

    @property
    def ends(self) -> bool:
        return bool(self.bundle.setting("ends", bool))

    def begin_writing(self, samples: int) -> tuple[Stepper, Any]:
        return one_by_one(self.step), [self.start() for _ in range(samples)]

    def predict(self, texts: Any, **how: Any) -> Any:
        """Refused: a language model writes."""
        raise RnnkitError("A language model does not answer texts: generate() writes on.")

    def start(self) -> list[np.ndarray]:
        """The states before the first step."""
        with self._lock:
            made = self._reset()
        return [made[name] for name in self._states]

    def step(self, place: int, states: Sequence[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """One step.

        Args:
            place: the last id.
            states: what the step before gave, or `start`.

        Returns:
            logits of the next id, float32 [1, units], and the new states.
        """
        given = dict(zip(self._states, states, strict=True))
        with self._lock:
            made = self._step(**{IDS: np.array([place], np.int32)}, **given)
        return made[LOGITS], [made[name] for name in self._states]

    def run(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        """The probability of each unit after each row of ids, to compare with Keras: float32 [rows, units]."""
        found = []
        for row in rows:
            states, logits = self.start(), np.zeros((1, len(self.alphabet)), np.float32)
            for place in row:
                logits, states = self.step(int(place), states)
            p = np.exp(logits - logits.max(axis=-1, keepdims=True))
            found.append(p / p.sum(axis=-1, keepdims=True))
        return np.concatenate(found)

    def log_probabilities(self, ids: np.ndarray) -> np.ndarray:
        """Log-probability of every id after the first of a text: float64 [ids - 1]."""
        states, found = self.start(), np.zeros(max(len(ids) - 1, 0))
        for place, (last, following) in enumerate(itertools.pairwise(ids)):
            logits, states = self.step(int(last), states)
            found[place] = logits[0, following] - numpy_ops.logsumexp(logits[0].astype(np.float64), -1)
        return found

    def _check_model(self) -> None:
        """Check that model and settings fit, before the first step."""
        wanted = {STEP: {IDS, *self._states}, RESET: set[str]()}
        kind = f"language model with {len(self._states)} states"
        states = dict.fromkeys(self._states, "f")
        gives = {STEP: {LOGITS: "f", **states}, RESET: states}
        require_signatures(self._interpreter, wanted, gives, self.bundle.folder, kind)
        step, reset = (self._interpreter.get_signature_runner(name) for name in (STEP, RESET))
        for made in (step.get_output_details(), reset.get_output_details()):
            require_shapes(made, step.get_input_details(), self._states, self.bundle.folder)
        logits = [int(side) for side in step.get_output_details()[LOGITS]["shape"]]
        if len(logits) != 2 or logits[0] != 1:
            raise RnnkitError(f"{self.bundle.folder}: the model gives logits as {logits}. Export it again.")
