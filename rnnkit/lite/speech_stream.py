"""Speech as it comes: samples in chunks of any size to the text so far."""

from typing import Any

import numpy as np

from rnnkit.codec.samples import samples_of
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.transcribing import TextSoFar, Transcriber


class SpeechStream:
    """A recording as it comes; what it has heard at the end is what the whole recording says.

    A chunk takes the same time and memory however long the recording is, but for the text itself, and for the
    log-probabilities where those are kept: a beam needs all of them to say when each word was said.

    Args:
        runner: A runner of the task "speech_recognizer" with a file of a step.
        transcriber: What makes answers of log-probabilities.
        keep: Whether the log-probabilities are kept; None: where `finish` needs them.
    """

    def __init__(self, runner: Any, transcriber: Transcriber, keep: bool | None = None) -> None:
        self.runner, self.transcriber = runner, transcriber
        self.keep = not transcriber.times_words if keep is None else keep
        self.reset()

    def reset(self) -> None:
        """Begin another recording."""
        front, runner = self.runner.front, self.runner
        lead = (1 - runner.hops) % runner.stride * front.hop_size  # so that a step's frames come together
        self._left, self._heard = np.zeros(lead, np.float32), 0
        self._states, self._search = runner.first_states(), self.transcriber.search()
        self._text_so_far = TextSoFar(self._search, runner.units)
        self._steps, self._rows = 0, list[np.ndarray]()

    @property
    def log_probs(self) -> np.ndarray:
        """The log-probabilities so far, float32 `[steps, classes]`; none where they are not kept."""
        return np.stack(self._rows) if self._rows else np.zeros((0, self.runner.units.classes), np.float32)

    @property
    def text(self) -> str:
        """What was heard so far; its last word may not be whole."""
        return self._text_so_far()

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
        """The answer to the whole recording, with what filled no step at its end; `reset` must follow.

        Raises:
            RnnkitError: A beam needs the log-probabilities, and they were not to be kept.
        """
        if not (self.keep or self.transcriber.times_words):
            raise RnnkitError("The stream of a beam keeps no log-probabilities; expected keep=True, or finish_text().")
        self._end()
        return self.transcriber.found(self._search, self.log_probs)

    def finish_text(self) -> str:
        """The text of `finish`, for which no log-probabilities are needed; `reset` must follow."""
        self._end()
        return self.runner.units.decode(self._search.finish()[0].units)

    def _end(self) -> None:
        while self._steps < self.runner.front.frames(self._heard) // self.runner.stride:  # of its tail, too
            self._take(np.pad(self._left, (0, self.runner.step_size - len(self._left))))
            self._left = self._left[:0]

    def _take(self, samples: np.ndarray) -> None:
        row, self._states = self.runner.next_states(samples, self._states)
        if row is not None:
            self._steps += 1
            if self.keep:
                self._rows.append(row)
            self._search.feed(row[None])
