"""Long streams as batches: windows in order, so that a stateful network carries its states from one to the next."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnnkit.data.bucketing import Ragged


class StreamBatches:
    """Texts joined to one stream, cut into one lane per row of a batch, and read window by window.

    Args:
        texts: Ids, one row per text.
        lanes: Rows per batch.
        window: Steps per window.
        seed: Together with the epoch's number, determines the order of the texts.
        begin: Called before the first window, to set the network's states to zero.

    Example:

    >>> batches = StreamBatches(Ragged.from_iterable([[1, 5, 6], [1, 7, 8, 9]]), lanes=1, window=4)
    >>> [(x.tolist(), y.tolist()) for x, y in batches.shuffled(0)]
    [([[1, 5, 6, 1]], [[5, 6, 1, 7]]), ([[7, 8]], [[8, 9]])]

    Reference:
        Williams & Peng, Neural Computation 2(4), 1990 (truncated backpropagation through time).
    """

    def __init__(
        self, texts: Ragged, lanes: int, window: int, seed: int = 0, begin: Callable[[], Any] = lambda: None
    ) -> None:
        self.texts, self.lanes, self.window, self.seed, self.begin = texts, lanes, window, seed, begin
        self.steps = max(-(-((len(texts.flat) - 1) // lanes) // window), 1)

    def shuffled(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Windows of inputs and the following ids, `[lanes, window]`, with the texts in the order of an epoch. A single
        text is rotated by less than a window, so that it is cut at different places each time."""
        random = np.random.default_rng([self.seed, epoch])
        stream = self.texts.take(random.permutation(len(self.texts))).flat
        if len(self.texts) == 1:
            stream = np.roll(stream, -int(random.integers(min(self.window, len(stream)))))
        return self._windows(stream)

    def in_order(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same with the texts in their given order."""
        return self._windows(self.texts.flat)

    def _windows(self, stream: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        length = (len(stream) - 1) // self.lanes  # a remainder that does not fill all lanes is dropped
        inputs = stream[: length * self.lanes].reshape(self.lanes, length)
        targets = stream[1 : length * self.lanes + 1].reshape(self.lanes, length)
        self.begin()
        for start in range(0, length, self.window):
            yield inputs[:, start : start + self.window], targets[:, start : start + self.window]
