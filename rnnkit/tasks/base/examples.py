"""Encoded examples: ragged inputs beside their targets."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnkit.data.bucketing import Ragged


@dataclass
class Encoded:
    """Examples as numbers.

    Attributes:
        inputs: Ids of each example.
        targets: The training targets, one entry per example.
    """

    inputs: Ragged
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def truth(self) -> np.ndarray:
        """The targets in one array, in the order of the network's outputs."""
        return self.targets

    @property
    def known(self) -> np.ndarray | None:
        """Mask of the known entries of `truth`; None where all are."""
        return None

    def take(self, indices: np.ndarray) -> "Encoded":
        """The examples with these indices."""
        return Encoded(self.inputs.take(indices), self.targets[indices])

    def some(self, count: int) -> "Encoded":
        """At most this many examples, spread evenly: files are often sorted by label."""
        return self.take(np.linspace(0, len(self) - 1, min(count, len(self))).astype(np.int64))


@dataclass
class Splits:
    """A prepared data set.

    Attributes:
        train: The part to learn from.
        validation: The part that decides when to stop and which epoch to keep.
        test: The part that is read once, at the end.
        digest: A digest of the raw data, by which a resumed training recognises them.
        report: Counts and the like for `metrics.json`.
    """

    train: Any
    validation: Any
    test: Any
    digest: str
    report: dict[str, Any] = field(default_factory=dict)
