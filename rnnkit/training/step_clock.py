"""The time of training steps, and a limit to it."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

import keras

from rnnkit.training.budget import rate_at
from rnnkit.training.checkpoint import Progress
from rnnkit.training.one_trace import traces_of


class TimedAdam(keras.optimizers.Adam):
    """Adam for a training whose length is a time: `StepClock` sets its learning rate."""


class StepClock(keras.callbacks.Callback):
    """Measures training steps and, with a limit, ends the training once they have taken that long.

    Neither validation nor compiling counts, so that cells which take long to compile have the same time to learn: a
    step that compiles, such as the first, counts as long as the next one that does not.

    Args:
        progress: Its `steps` and `seconds` are counted up here; a resumed training goes on with what is left.
        limit: Seconds of training steps; 0: none.
        steps: Training steps in all, by the number of epochs.
        peak: The learning rate that a `TimedAdam` rises to and falls from.
        agreed: Gives a number of the process that decides, in place of this one's.
    """

    #: What it reads, in seconds; `time.process_time` measures alike on a busy machine.
    now: ClassVar[Any] = staticmethod(time.perf_counter)

    def __init__(
        self, progress: Progress, limit: float, steps: int, peak: float, agreed: Callable[[float], float] = float
    ) -> None:
        super().__init__()
        self.progress, self.limit, self.steps, self.peak, self.agreed = progress, limit, steps, peak, agreed
        self._traces, self._untimed = -1, 0

    @property
    def is_over(self) -> bool:
        """Whether the time is used up."""
        return bool(self.limit) and self.progress.seconds >= self.limit

    @property
    def share(self) -> float:
        """The share of the training that is done, by its time or its steps, whichever ends it first."""
        by_time = self.progress.seconds / self.limit if self.limit else 0.0
        return min(max(by_time, self.progress.steps / max(self.steps, 1)), 1.0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._last = self.now()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if isinstance(self.model.optimizer, TimedAdam):
            self.model.optimizer.learning_rate = self.peak * rate_at(self.share, self.progress.steps)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        now, traces = self.now(), traces_of(self.model)
        self._untimed += 1
        if traces == self._traces:
            self.progress.seconds += (now - self._last) * self._untimed
            self._untimed = 0
        self._traces, self._last = traces, now
        self.progress.steps += 1
        if self.limit:
            self.progress.seconds = self.agreed(self.progress.seconds)
        if self.is_over:
            self.model.stop_training = True
