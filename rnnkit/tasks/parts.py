"""Encoded examples: ragged inputs beside their targets."""

from dataclasses import dataclass, field

import numpy as np

from rnnkit.data.bucketing import Ragged


@dataclass
class Encoded:
    """Examples as numbers.

    Attributes:
        inputs: Ids of each example.
        targets: What is to be learnt, one entry an example.
    """

    inputs: Ragged
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, indices: np.ndarray) -> "Encoded":
        """The examples of these numbers."""
        return Encoded(self.inputs.take(indices), self.targets[indices])

    def head(self, count: int) -> "Encoded":
        """The first examples, at most so many."""
        return self.take(np.arange(min(count, len(self))))


@dataclass
class Parts:
    """A prepared data set: its parts, and what `metrics.json` says of it."""

    train: Encoded
    validation: Encoded
    test: Encoded
    report: dict[str, object] = field(default_factory=dict)
