"""Answer with a file for microcontrollers on a computer, as the board does: raw values in, step by step or whole."""

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.channels_file import channels_of
from rnnkit.codec.sequences import is_one_sequence
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.lite.answers.decisions import Decision, decisions
from rnnkit.lite.answers.labels import Prediction, prediction_of, require_labels
from rnnkit.lite.answers.steps import StepPrediction, step_prediction_of
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model
from rnnkit.lite.step_file import state_names
from rnnkit.lite.tasks.sequence_classifier import PROBABILITIES, VALUES


def raw_rows(values: np.ndarray, elapsed: np.ndarray | None) -> np.ndarray:
    """What a board gives a file: of each step the values, and behind them the time, where there is one.

    Args:
        values: float32 `[time, channels]`.
        elapsed: The time since the step before, `[time]`, or None.

    Example:

    >>> raw_rows(np.ones((2, 1), "float32"), np.array([0.0, 0.5])).tolist()
    [[1.0, 0.0], [1.0, 0.5]]
    """
    if elapsed is None:
        return np.asarray(values, np.float32)
    return np.concatenate([values, np.asarray(elapsed)[:, None]], axis=1).astype(np.float32)


class Micro:
    """Runs a bundle for microcontrollers with LiteRT; `rnnkit.lite.load` makes it.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.labels = tuple(bundle.read_lines("labels"))
        where = str(bundle.folder / bundle.setting("channels", str))
        self.channels = channels_of(parse_json(bundle.read("channels"), where), where)
        self.per_step = bundle.setting("per_step", bool)
        self._names = state_names(bundle)
        self._model = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()
        self._check_model()

    @property
    def cut_at(self) -> int:
        """Steps that `predict` reads of a sequence; 0: all, and one that is too long is refused."""
        return 0

    def predict(self, sequences: Any) -> list[Prediction | StepPrediction]:
        """Label sequences: one answer for each; a single one counts as a list of one.

        Args:
            sequences: as those of `rnnkit.lite.tasks.sequence_classifier.SequenceClassifier.predict`.

        Raises:
            RnnkitError: one has other channels, is too long, or lacks values that training data never lacked.
        """
        single = is_one_sequence(sequences, len(self.channels.names))
        rows = [self._raw(given, place) for place, given in enumerate([sequences] if single else sequences, 1)]
        if not self.per_step:
            return [prediction_of(self._answers(row)[-1], self.labels) for row in rows]
        return [step_prediction_of(self._answers(row), self.labels) for row in rows]

    def stream(self, steps: Iterable[Any], threshold: float = 0.8, hold: int = 5) -> Iterator[Decision]:
        """Decisions on steps as they come, as `rnnkit::Decider` of `rnnkit_micro.h` makes them.

        Args:
            steps: for each its channels, a list or an array; with irregular times behind them the time since the step
                before.
            threshold: the probability from which a label counts.
            hold: steps for which it has to.

        Raises:
            RnnkitError: a step has other channels, or the file takes whole sequences.
        """
        if self.bundle.fixed_length:
            raise RnnkitError(f"{self.bundle.folder} takes whole sequences. Export it with --strategy step.")
        return decisions(self._stepped(np.asarray(step, np.float32) for step in steps), self.labels, threshold, hold)

    def _raw(self, given: Any, place: int) -> np.ndarray:
        what, most = f"Sequence {place}", self.bundle.max_length
        values, elapsed = self.channels.given(given, what)
        least = most if self.bundle.fixed_length else 1
        if not least <= len(values) <= most:
            expected = f"exactly {most:,}" if least == most else f"1 to {most:,}"
            raise RnnkitError(f"{what} has {len(values):,} steps; this bundle takes {expected}.")
        self.channels.encode(values, elapsed, what)  # which refuses what cannot be read
        return raw_rows(values, elapsed if self.channels.interval else None)

    def _answers(self, rows: np.ndarray) -> np.ndarray:
        """The probabilities after each step; of a file for whole sequences with one label, those at the end."""
        if not self.bundle.fixed_length:
            return np.stack(list(self._stepped(rows)))
        with self._lock:
            made = self._run(**{VALUES: rows[None]})[PROBABILITIES]
        return finite(made[0] if self.per_step else made)

    def _stepped(self, rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        details = self._run.get_input_details()
        states = {name: np.zeros(details[name]["shape"], np.float32) for name in self._names}
        width = int(details[VALUES]["shape"][-1])
        for row in rows:
            if row.shape != (width,):
                raise RnnkitError(f"A step has the shape {list(row.shape)}; expected [{width}].")
            with self._lock:
                made = self._run(**{VALUES: row[None]}, **states)
            states = {name: made[name] for name in self._names}
            yield finite(made[PROBABILITIES][0])

    def _check_model(self) -> None:
        """Check that model and settings fit, before the first sequence."""
        self._run = self._model.get_signature_runner()
        given, made = self._run.get_input_details(), self._run.get_output_details()
        width, whole = len(self.channels.names) + bool(self.channels.interval), self.bundle.fixed_length
        steps = [self.bundle.max_length] if whole else []
        shapes = {VALUES: [1, *steps, width]}
        answers = [1, *(steps if self.per_step else []), len(self.labels)]
        found = {name: [*map(int, details["shape"])] for name, details in given.items() if name not in self._names}
        fits = found == shapes and set(self._names) <= set(given) and set(made) == {PROBABILITIES, *self._names}
        if fits:
            fits = [*map(int, made[PROBABILITIES]["shape"])] == answers
            fits = fits and all([*made[name]["shape"]] == [*given[name]["shape"]] for name in self._names)
        if not fits:
            raise RnnkitError(f"{self.bundle.folder}: the model takes {found}; expected {shapes}. Export it again.")
        require_labels(self.labels, answers[-1], self.bundle.folder)
