"""Batches of windows: in each epoch as many as are wanted, drawn anew, some without the name of their series."""

from collections.abc import Iterator

import numpy as np

from rnnkit.codec.forecast_plan import BEFORE, NUMBER, PAST
from rnnkit.data.batches import WHOLE, Batch, Batches, Part
from rnnkit.tasks.forecaster.encoded import Windows

#: Windows of an epoch, where nothing else is said.
MOST_WINDOWS = 20_000


class WindowBuckets:
    """The windows of each epoch in random batches.

    Args:
        count: How many there are.
        batch_size: How many make a batch.
        seed: With an epoch's number it decides that epoch's batches.
        most: How many an epoch has at most.

    Example:

    >>> buckets = WindowBuckets(5, 2, 0, 4)
    >>> buckets.steps, [len(batch) for batch in buckets.epoch(0)], [batch.tolist() for batch in buckets.in_order()]
    (2, [2, 2], [[0, 1], [2, 3], [4]])
    """

    def __init__(self, count: int, batch_size: int, seed: int, most: int) -> None:
        self.count, self.batch_size, self.seed, self.most = count, batch_size, seed, min(most, count)

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return -(-self.most // self.batch_size)

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """The batches of an epoch."""
        order = np.random.default_rng([self.seed, epoch]).permutation(self.count)[: self.most]
        return [order[first : first + self.batch_size] for first in range(0, self.most, self.batch_size)]

    def in_order(self) -> list[np.ndarray]:
        """All windows in order."""
        order = np.arange(self.count)
        return [order[first : first + self.batch_size] for first in range(0, self.count, self.batch_size)]

    def padding_waste(self) -> float:
        """None is padded."""
        return 0.0


def batch_of(windows: Windows) -> Batch:
    """A batch `(inputs, targets)`: scaled values, whether they are known, and what they were divided by, float32
    `[windows, horizon, 3]`. Step by step, the inputs have the scaled value before each step too."""
    found = windows.gather()
    known = ~np.isnan(found.truth)
    scaled = np.where(known, (windows.plan.read(found.truth) - found.centre) / found.scale, 0.0)
    scales = np.broadcast_to(found.scale, scaled.shape)
    inputs = found.inputs
    if windows.plan.decoding == "stepwise":
        before = np.concatenate([inputs[PAST][:, -1:, 0], scaled], axis=1)
        there = np.concatenate([np.ones((len(scaled), 1), bool), known], axis=1)
        last = np.maximum.accumulate(np.where(there, np.arange(before.shape[1]), 0), axis=1)
        carried = np.take_along_axis(before, last, axis=1)[:, :-1]
        inputs = {**inputs, BEFORE: carried[..., None].astype(np.float32)}
    return inputs, np.stack([scaled, known, scales], axis=2).astype(np.float32)


def known_steps(batch: Batch) -> float:
    """The steps ahead whose value is known, over which the loss is a mean."""
    return float(batch[1][..., 1].sum())


class WindowBatches(Batches):
    """Batches of windows; in training, the series of some is not told.

    Args:
        windows: The windows.
        batch_size: How many make a batch.
        seed: Of the order and of what is hidden.
        most: How many an epoch has at most.
        hidden: The share of windows whose series is not told.
    """

    def __init__(self, windows: Windows, batch_size: int, seed: int, most: int, hidden: float) -> None:
        buckets = WindowBuckets(len(windows), batch_size, seed, most)
        super().__init__(buckets, lambda indices: batch_of(windows.take(indices)))
        self.seed, self.hidden = seed, hidden

    def shuffled(self, epoch: int, part: Part = WHOLE) -> Iterator[Batch | None]:
        both = zip(self.buckets.epoch(epoch), super().shuffled(epoch, part), strict=True)
        for place, (indices, batch) in enumerate(both):
            if batch is not None and NUMBER in batch[0] and self.hidden:
                numbers = batch[0][NUMBER]
                random = np.random.default_rng([self.seed, epoch, place])
                hides = part.of_rows(random.random(len(indices)) < self.hidden)
                batch[0][NUMBER] = np.where(hides, 0, numbers).astype(np.int32)
            yield batch
