"""Encoded examples as batches for Keras, the order of each epoch a function of the seed alone."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnnkit.data.bucketing import LengthBuckets

Batch = tuple[Any, ...]


class Batches:
    """Batches of like lengths.

    Args:
        lengths: Steps of each example, `[examples]`.
        collate: Makes a batch, `(inputs, targets[, weights])`, of an array of example numbers.
        batch_size: Examples a batch.
        seed: With the epoch's number decides the order, so a resumed training sees what the undisturbed one saw.
    """

    def __init__(
        self, lengths: np.ndarray, collate: Callable[[np.ndarray], Batch], batch_size: int, seed: int = 0
    ) -> None:
        self.buckets = LengthBuckets(lengths, batch_size, seed)
        self.collate = collate
        self.steps = -(-len(lengths) // batch_size)

    def shuffled(self, epoch: int) -> Iterator[Batch]:
        """The training batches of an epoch, from 0: the same number gives the same order."""
        return (self.collate(indices) for indices in self.buckets.epoch(epoch))

    def in_order(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """Example numbers and batch, by length, each example once."""
        return ((indices, self.collate(indices)) for indices in self.buckets.in_order())
