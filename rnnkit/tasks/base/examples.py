"""Encoded examples: ragged inputs beside their targets."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from rnnkit.data.bucketing import Ragged
from rnnkit.data.splits import stratified_split
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.digest import digest_of


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


#: The index of a label that is not known.
UNKNOWN = -1


@dataclass
class EncodedLabels(Encoded):
    """Examples with several labels each, one for a step or a node: `targets` has as many as `inputs`, -1 for none."""

    targets: Any  # Ragged

    @property
    def truth(self) -> np.ndarray:
        return self.targets.flat

    @property
    def known(self) -> np.ndarray:
        return self.targets.flat != UNKNOWN

    def take(self, indices: np.ndarray) -> Self:
        return type(self)(self.inputs.take(indices), self.targets.take(indices))


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

    train: Encoded
    validation: Encoded
    test: Encoded
    digest: str
    report: dict[str, Any] = field(default_factory=dict)


def split_examples(examples: Any, test: Any, options: Any, name: str) -> Splits:
    """Divide encoded examples at random; the same seed gives the same parts.

    Args:
        examples: `Encoded`, with `targets` an array.
        test: The test examples; None holds out a share of the others, as large as that for validation.
        options: The task's: `seed` and `validation_share`.
        name: What messages call the data.

    Raises:
        RnnkitError: There are too few for every part.

    Example:

    >>> from rnnkit.tasks.base.options import TrainingOptions
    >>> examples = Encoded(Ragged.from_iterable([[n] for n in range(20)]), np.arange(20))
    >>> split_examples(examples, None, TrainingOptions(), "The list").report
    {'name': 'The list', 'train': 16, 'validation': 2, 'test': 2}
    """
    held_out = {"validation": options.validation_share, **({"test": options.validation_share} if test is None else {})}
    shares = {"train": 1 - sum(held_out.values()), **held_out}
    places = stratified_split(np.zeros(len(examples)), shares, options.seed)
    parts = {part: examples.take(indices) for part, indices in places.items()}
    parts |= {} if test is None else {"test": test}
    if test is not None and not len(test):
        raise RnnkitError(f"{name}: the test examples given are 0 rows; give some, or none to hold out a share.")
    if empty := [part for part, each in parts.items() if not len(each)]:
        raise RnnkitError(f"{name}: {len(examples)} rows leave none for {' and '.join(empty)}; add rows.")
    tables = [table for each in parts.values() for table in (each.inputs.flat, each.inputs.offsets, each.targets)]
    report = {"name": name, **{part: len(each) for part, each in parts.items()}}
    return Splits(**parts, digest=digest_of(*tables), report=report)
