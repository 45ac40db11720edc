"""Speech as it comes: samples in chunks of any size to the text so far."""

from typing import Any

import numpy as np

from rnnkit.codec.samples import samples_of
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.transcribing import Transcriber


class SpeechStream:
    """A recording as it comes; what it has heard at the end is what the whole recording says.

    Args:
        runner: A runner of the task "speech_recognizer" with a file of a step.
        transcriber: What makes answers of log-probabilities.
    """

    def __init__(self, runner: Any, transcriber: Transcriber) -> None:
        self.runner, self.transcriber = runner, transcriber
        self.reset()

    def reset(self) -> None:
        """Begin another recording."""
        front, runner = self.runner.front, self.runner
        lead = (1 - runner.hops) % runner.stride * front.hop_size  # so that a step's frames come together
        self._left, self._heard = np.zeros(lead, np.float32), 0
        self._states, self._search = runner.first_states(), self.transcriber.search()
        self._rows = list[np.ndarray]()

    @property
    def log_probs(self) -> np.ndarray:
        """The log-probabilities so far, float32 `[steps, classes]`."""
        return np.stack(self._rows) if self._rows else np.zeros((0, self.runner.units.classes), np.float32)

    @property
    def text(self) -> str:
        """What was heard so far; its last word may not be whole."""
        return self.transcriber.partial(self._search)

    def step(self, samples: Any) -> str:
        """Take a chunk of any length, and give the text so far.

        Args:
            samples: At the runner's rate, `[time]`, floats from -1 to 1 or int16.

        Raises:
            RnnkitError: It is no samples.
        """
        given, size = samples_of(samples, "The chunk"), self.runner.step_size
        self._heard += len(given)
        self._left = np.concatenate([self._left, given])
        while len(self._left) >= size:
            self._take(self._left[:size])
            self._left = self._left[size:]
        return self.text

    def finish(self) -> Transcript:
        """The answer to the whole recording, with what filled no step at its end; `reset` must follow."""
        if len(self._rows) < self.runner.front.frames(self._heard) // self.runner.stride:
            self._take(np.pad(self._left, (0, self.runner.step_size - len(self._left))))
            self._left = self._left[:0]
        return self.transcriber.found(self._search, self.log_probs)

    def _take(self, samples: np.ndarray) -> None:
        row, self._states = self.runner.next_states(samples, self._states)
        if row is not None:
            self._rows.append(row)
            self._search.feed(row[None])
