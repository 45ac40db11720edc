"""Label sequences of numbers with an exported classifier, whole or as they come, step by step."""

from collections.abc import Iterable, Iterator
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
from rnnkit.lite.step_file import StepFile, state_names
from rnnkit.lite.tasks.arrays import Arrays

#: The names of what goes in and comes out.
VALUES, PROBABILITIES = "values", "probabilities"


class SequenceClassifier:
    """Runs a bundle of the task "sequence_classifier"; `rnnkit.lite.load` makes it.

    Threads may share one classifier, one sequence at a time; each stream is one thread's own.

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
        self._whole = Arrays(bundle, num_threads, by_step=self.per_step)
        if self._whole.features != self.channels.features:
            raise RnnkitError(f"{bundle.folder}: its channels make {self.channels.features} features. Export it again.")
        require_labels(self.labels, self._whole.outputs, bundle.folder)
        self._states = state_names(bundle)
        if self._states:
            takes, gives = (VALUES, self.channels.features), (PROBABILITIES, len(self.labels))
            self._step = StepFile(bundle, num_threads, "sequence classifier", takes, gives)

    @property
    def cut_at(self) -> int:
        """Steps that `predict` reads of a sequence; 0: all, and one that is too long is refused."""
        return 0 if self.per_step or self.bundle.fixed_length else self.bundle.max_length

    def predict(self, sequences: Any) -> list[Prediction | StepPrediction]:
        """Label sequences: one answer for each; a single one counts as a list of one.

        Args:
            sequences: arrays or nested lists `[time, channels]`, data frames, or text ("0.5,1 0.6,2"); with irregular
                times dictionaries of `values` and `elapsed`, the time since the step before.

        Raises:
            RnnkitError: one is none of these, has other channels, or values that training data never lacked.
        """
        single = is_one_sequence(sequences, len(self.channels.names))
        rows = [self._features(given, place) for place, given in enumerate([sequences] if single else sequences, 1)]
        if not self.per_step:
            return [prediction_of(row, self.labels) for row in self.run(rows)]
        return [step_prediction_of(self.run([row]), self.labels) for row in rows]

    def run(self, rows: Iterable[np.ndarray]) -> np.ndarray:
        """The probabilities for encoded sequences: float32 `[sequences, labels]`; per step `[steps, labels]`.

        Args:
            rows: for each the features of its steps, float32 `[time, features]`.

        Raises:
            RnnkitError: one is empty, too long, or of other features.
        """
        return self._whole.run(list(rows))

    def open_stream(self) -> "SequenceStream":
        """A stream at its beginning.

        Raises:
            RnnkitError: the network needs whole sequences.
        """
        if not self._states:
            raise RnnkitError(
                f"{self.bundle.folder} answers whole sequences alone: its network reads them in both directions, or "
                "weighs all their steps. Train with --no-bidirectional and another --pooling to have streams."
            )
        return SequenceStream(self)

    def stream(
        self, steps: Iterable[Any], threshold: float = 0.8, hold: int = 5, window: int | None = None
    ) -> Iterator[Decision]:
        """Decisions on steps as they come, such as those of a sensor.

        Args:
            steps: for each its channels, a list or an array; with irregular times a pair of these and the time since
                the step before.
            threshold: the probability from which a label counts.
            hold: steps for which it has to.
            window: for a stream without an end: what is answered rests on the last steps, between half and all of so
                many; None: on all since the beginning.

        Raises:
            RnnkitError: a step has other channels, or the network needs whole sequences.

        Example:

        >>> import rnnkit.lite
        >>> gestures = rnnkit.lite.load("saved_models/gestures/lite")  # doctest: +SKIP
        >>> for decision in gestures.stream(sensor, window=100):  # doctest: +SKIP
        ...     print(decision.label)
        """
        if window is not None and window < 2:
            raise RnnkitError(f"window is {window}; expected 2 steps or more.")
        return decisions(self._rows(steps, window), self.labels, threshold, hold)

    def _rows(self, steps: Iterable[Any], window: int | None) -> Iterator[np.ndarray]:
        """The probabilities after each step. With a window two streams run, the younger by half a window: the older one
        answers until it is a window old."""
        streams, half = [self.open_stream()], 0 if window is None else window // 2
        for number, given in enumerate(steps):
            if half and number and number % half == 0:
                streams = [streams[-1], self.open_stream()]
            row, elapsed = self._timed(given) if self.channels.interval else (given, None)
            found = [stream.step(row, elapsed) for stream in streams]
            yield found[0]

    def _timed(self, given: Any) -> tuple[Any, Any]:
        if not isinstance(given, tuple | list) or len(given) != 2 or not np.isscalar(given[1]) or np.isscalar(given[0]):
            raise RnnkitError(
                "A step is its channels alone; the training sequences had times: expected a pair of the channels and "
                "the time since the step before."
            )
        return given[0], given[1]

    def _features(self, given: Any, place: int) -> np.ndarray:
        what, most = f"Sequence {place}", self.bundle.max_length
        values, elapsed = self.channels.given(given, what)
        if len(values) > most and not self.cut_at:
            way = (
                "export it with --length N or --strategy loop, which take more"
                if self.bundle.fixed_length
                else "give it in parts"
            )
            raise RnnkitError(f"{what} has {len(values):,} steps; this bundle takes up to {most:,}: {way}.")
        return self.channels.encode(values[:most], None if elapsed is None else elapsed[:most], what)

    def first_states(self) -> list[np.ndarray]:
        """The network's states before the first step."""
        return self._step.first_states()

    def next_states(self, features: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """The probabilities after a step, float32 `[labels]`, and the states then."""
        made, states = self._step.run(features, states)
        return finite(made[PROBABILITIES][0]), states


class SequenceStream:
    """A sequence as it comes: after each step, what the whole up to there has as probabilities.

    A step takes the same time and memory wherever in the sequence it is.

    Args:
        classifier: the runner.
    """

    def __init__(self, classifier: SequenceClassifier) -> None:
        self.classifier = classifier
        self.reset()

    def reset(self) -> None:
        """Begin another sequence."""
        self._seen, self._states = self.classifier.channels.start(), self.classifier.first_states()

    def step(self, row: Any, elapsed: float | None = None) -> np.ndarray:
        """Take one step: the probabilities of the labels, float32 `[labels]`.

        Args:
            row: the value of each channel.
            elapsed: the time since the step before, where those of training were irregular.

        Raises:
            RnnkitError: it has other channels, or lacks a value or a time.
        """
        channels = self.classifier.channels
        values = channels.values_of([row], "The step")[0]
        features, self._seen = channels.step(values, self._seen, elapsed)
        probabilities, self._states = self.classifier.next_states(features, self._states)
        return probabilities
