"""A sound as it comes, in chunks of any size, through an exported network of one step."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from rnnkit.codec.samples import samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.errors import RnnkitError


class SoundSteps(ABC):
    """A runner whose network takes `stride` hops of samples a step."""

    front: Spectrogram
    stride: int

    @property
    def rate(self) -> int:
        """Samples a second that it hears."""
        return self.front.rate

    @property
    def hops(self) -> int:
        """Hops that a frame reaches into."""
        return self.front.hops

    @property
    def step_size(self) -> int:
        """Samples of a step of a stream."""
        return self.stride * self.front.hop_size

    @property
    def least(self) -> int:
        """Samples of the shortest sound that is answered."""
        return self.front.shortest(self.stride)

    @abstractmethod
    def first_states(self) -> list[np.ndarray]:
        """The network's states before the first sample."""

    @abstractmethod
    def next_states(self, samples: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """The probabilities after a step of `step_size` samples, float32 `[labels]`, and the states then."""


class SoundStream:
    """A sound as it comes: after each chunk of samples, what the whole up to there has as probabilities.

    A step takes the same time and memory wherever in the sound it is.

    Args:
        classifier: the runner.
    """

    def __init__(self, classifier: SoundSteps) -> None:
        self.classifier = classifier
        self.reset()

    def reset(self) -> None:
        """Begin another sound."""
        self._states, self._left = self.classifier.first_states(), np.zeros(0, np.float32)
        self._steps = 0
        self._last: np.ndarray | None = None

    def step(self, samples: Any) -> list[np.ndarray]:
        """Take a chunk of any length: the probabilities after each step that it completes, float32 `[labels]` each.

        Args:
            samples: at the classifier's rate, `[time]`, floats from -1 to 1 or int16.

        Raises:
            RnnkitError: it is no samples.
        """
        size = self.classifier.step_size
        self._left = np.concatenate([self._left, samples_of(samples, "The chunk")])
        rows = list[np.ndarray]()
        while len(self._left) >= size:
            if (row := self.take(self._left[:size])) is not None:
                rows.append(row)
            self._left = self._left[size:]
        return rows

    def finish(self) -> np.ndarray:
        """The probabilities of the whole sound, with what filled no step at its end, float32 `[labels]`; `reset` must
        follow.

        Raises:
            RnnkitError: the sound is too short.
        """
        runner, front = self.classifier, self.classifier.front
        heard = self._steps * runner.step_size + len(self._left)
        first = (self._steps + 1) * runner.stride - runner.hops  # the frame that one more step would keep
        if first >= 0 and first * front.hop_size + front.window_size <= heard:
            last = self.take(np.pad(self._left, (0, runner.step_size - len(self._left))))
            self._left = np.zeros(0, np.float32)
        else:
            last = self._last
        if last is None:
            raise RnnkitError(
                f"The sound ended after {heard / runner.rate:.4g} seconds; expected {runner.least / runner.rate:.4g} "
                "or more."
            )
        return last

    def take(self, samples: np.ndarray) -> np.ndarray | None:
        """Take a step of exactly `step_size` samples: the probabilities, or None before a first frame is whole."""
        row, self._states = self.classifier.next_states(samples, self._states)
        self._steps += 1
        if self._steps * self.classifier.stride < self.classifier.hops:
            return None
        self._last = row
        return row
