"""Encoded examples as batches for Keras, the order of each epoch a function of the seed alone."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Batch = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """The part of every batch that one of several devices takes: neighbouring examples, so that like lengths stay
    together.

    Args:
        number: Which part, from 0.
        of: How many parts there are.

    Example:

    >>> [Part(number, 3).of_rows(np.arange(7)).tolist() for number in range(3)]
    [[0, 1, 2], [3, 4], [5, 6]]
    >>> Part(2, 3).of_rows(np.arange(2)).tolist()  # there is none for it
    []
    """

    number: int = 0
    of: int = 1

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """Those of the rows that are in this part."""
        return np.array_split(rows, self.of)[self.number]


#: All of a batch.
WHOLE = Part()


def rows_of(batch: Batch) -> int:
    """The number of examples of a batch: the length of the first of its inputs.

    Example:

    >>> rows_of(({"words": np.zeros((3, 5)), "places": np.zeros(2)}, np.zeros(2)))
    3
    """
    inputs = batch[0]
    arrays = list(inputs.values()) if isinstance(inputs, dict) else inputs
    return len(arrays[0] if isinstance(arrays, list | tuple) else arrays)


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

    def __init__(self, buckets: Buckets, collate: Callable[..., Batch]) -> None:
        self.buckets = buckets
        self.collate = collate
        self.steps = buckets.steps

    def shuffled(self, epoch: int, part: Part = WHOLE) -> Iterator[Batch | None]:
        """The training batches of an epoch, from 0: the same number gives the same order.

        Args:
            epoch: The epoch's number.
            part: What is taken of each batch; None stands for a batch that is too small for all parts to have some.
        """
        parts = (part.of_rows(indices) for indices in self.buckets.epoch(epoch))
        return (self.learnt(rows, epoch) if len(rows) else None for rows in parts)

    def learnt(self, indices: np.ndarray, epoch: int) -> Batch:
        """The batch of these examples in an epoch, as training sees it."""
        return self.collate(indices)

    @property
    def usual_rows(self) -> int | None:
        """The number of examples that most batches of an epoch have; None where there is none."""
        sizes = Counter(map(len, self.buckets.epoch(0)))
        rows, count = sizes.most_common(1)[0] if sizes else (None, 0)
        return rows if 2 * count > sizes.total() else None

    def in_order(self) -> Iterator[tuple[np.ndarray, Batch]]:
        """Example numbers and batch, by length, each example once."""
        return ((indices, self.collate(indices)) for indices in self.buckets.in_order())
