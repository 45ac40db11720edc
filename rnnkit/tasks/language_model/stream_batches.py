"""Long streams as batches: windows in order, so that a stateful network carries its states from one to the next.

A network that is to write has to begin, with zero states and nothing read. In a stream of one long text it would do so
once an epoch, and learn everything but that: read from the start, its own training text is then noise to it. So in
training lanes now and then begin anew, with `<START>` in place of what they would have read.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnnkit.codec.vocabulary import START
from rnnkit.data.batches import WHOLE, Part
from rnnkit.data.bucketing import Ragged

#: How often a lane begins, per window: by the beginnings of texts, and where these are rarer, anew.
RESTARTS = 0.05


def units_of(batch: tuple[np.ndarray, np.ndarray]) -> float:
    """The units of a batch, over which the loss is a mean."""
    return float(batch[1].size)


class StreamBatches:
    """Texts joined to one stream, cut into one lane per row of a batch, and read window by window.

    Args:
        texts: Ids, one row per text.
        lanes: Rows per batch.
        window: Steps per window.
        seed: Together with the epoch's number, determines the order of the texts.
        begin: Called before the first window, to set the network's states to zero.
        line_end: The id after which a lane preferably begins anew: that of a line break.

    Example:

    >>> batches = StreamBatches(Ragged.from_iterable([[1, 5, 6], [1, 7, 8, 9]]), lanes=1, window=4)
    >>> [(x.tolist(), y.tolist()) for x, y in batches.shuffled(0)]
    [([[1, 5, 6, 1]], [[5, 6, 1, 7]]), ([[7, 8]], [[8, 9]])]

    Reference:
        Williams & Peng, Neural Computation 2(4), 1990 (truncated backpropagation through time).
    """

    def __init__(
        self,
        texts: Ragged,
        lanes: int,
        window: int,
        seed: int = 0,
        begin: Callable[[], Any] = lambda: None,
        line_end: int | None = None,
    ) -> None:
        self.texts, self.lanes, self.window, self.seed, self.begin = texts, lanes, window, seed, begin
        self.line_end, self.usual_rows = line_end, lanes
        self.steps = max(-(-((len(texts.flat) - 1) // lanes) // window), 1)
        #: The probability that a lane begins anew in a window.
        self.restarts = max(RESTARTS - len(texts) / (self.lanes * self.steps), 0.0)

    def shuffled(self, epoch: int, part: Part = WHOLE) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Windows of inputs and the following ids, `[lanes, window]`, with the texts in the order of an epoch. A single
        text is rotated by less than a window, so that it is cut at different places each time; where texts are few,
        lanes begin anew at random places, if there are any at line ends. A part has some of the lanes."""
        random = np.random.default_rng([self.seed, epoch])
        stream = self.texts.take(random.permutation(len(self.texts))).flat
        if len(self.texts) == 1:
            stream = np.roll(stream, -int(random.integers(min(self.window, len(stream)))))
        for inputs, targets in self._windows(stream):
            yield part.of_rows(self._restarted(inputs, random)), part.of_rows(targets)

    def in_order(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same with the texts in their given order."""
        return self._windows(self.texts.flat)

    def _restarted(self, inputs: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A window in which some lanes read `<START>` once, instead of what stands there."""
        if not self.restarts:
            return inputs
        inputs = inputs.copy()
        for lane in np.flatnonzero(random.random(len(inputs)) < self.restarts):
            ends = np.flatnonzero(inputs[lane] == self.line_end)
            inputs[lane, random.choice(ends if len(ends) else inputs.shape[1])] = START
        return inputs

    def _windows(self, stream: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        length = (len(stream) - 1) // self.lanes  # a remainder that does not fill all lanes is dropped
        inputs = stream[: length * self.lanes].reshape(self.lanes, length)
        targets = stream[1 : length * self.lanes + 1].reshape(self.lanes, length)
        if self.restarts:  # each lane begins as a text does
            inputs = inputs.copy()
            inputs[:, 0] = START
        self.begin()
        for start in range(0, length, self.window):
            yield inputs[:, start : start + self.window], targets[:, start : start + self.window]


def stream_of(texts: Ragged, lanes: int, options: Any, alphabet: Any, network: Callable[[], Any]) -> StreamBatches:
    """The batches of a language model.

    Args:
        texts: Ids, one row per text.
        lanes: Rows per batch.
        options: The task's.
        alphabet: Its units.
        network: Gives the network whose states are set to zero.
    """
    from rnnkit.training.truncated import reset_states

    line = alphabet.encode("\n")
    line_end = int(line[0]) if len(line) == 1 and alphabet.decode(line) == "\n" else None
    return StreamBatches(texts, lanes, options.window, options.seed, lambda: reset_states(network()), line_end)
