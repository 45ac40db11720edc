"""Encoded examples as batches for Keras, the order of each epoch a function of the seed alone."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

Batch = tuple[Any, ...]


class Buckets(Protocol):
    """The grouping of examples into batches: `rnnkit.data.bucketing.LengthBuckets` or another."""

    @property
    def steps(self) -> int: ...
    def epoch(self, epoch: int) -> list[np.ndarray]: ...
    def in_order(self) -> list[np.ndarray]: ...
    def padding_waste(self) -> float: ...


class Batches:
    """Batches of like lengths.

    Args:
        buckets: Give the example numbers of each batch; the same epoch's number gives the same ones, so a resumed
            training sees what the undisturbed one saw.
        collate: Makes a batch, `(inputs, targets[, weights])`, of an array of example numbers.
    """

    def __init__(self, buckets: Buckets, collate: Callable[[np.ndarray], Batch]) -> None:
        self.buckets = buckets
        self.collate = collate
        self.steps = buckets.steps

    def shuffled(self, epoch: int) -> Iterator[Batch]:
        """The training batches of an epoch, from 0: the same number gives the same order."""
        return (self.collate(indices) for indices in self.buckets.epoch(epoch))

    @property
    def usual_rows(self) -> int | None:
        """The number of examples that most batches of an epoch have; None where there is none."""
        sizes = Counter(map(len, self.buckets.epoch(0)))
        rows, count = sizes.most_common(1)[0] if sizes else (None, 0)
        return rows if 2 * count > sizes.total() else None

    def in_order(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """Example numbers and batch, by length, each example once."""
        return ((indices, self.collate(indices)) for indices in self.buckets.in_order())
