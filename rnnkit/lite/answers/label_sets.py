"""The answer to a text that may have several labels, or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnkit.lite.answers.labels import NOTHING_READ
from rnnkit.lite.finite import finite

#: The probability from which a label applies; the thresholds chosen in training are in the model's last layer.
THRESHOLD = 0.5


@dataclass(frozen=True)
class LabelSet:
    """The answer to one text.

    Args:
        labels: the labels that apply, in the model's order; there may be none.
        probabilities: those of all labels, in the model's order, each 0-1 by itself.
        nothing_read: whether the text has no word, or other unit, that the model knows; then the probabilities say
            nothing of it.
    """

    labels: tuple[str, ...]
    probabilities: dict[str, float]
    nothing_read: bool = field(default=False, kw_only=True)

    @property
    def summary(self) -> str:
        """The labels with their probabilities, "-" for none, and whether nothing was read."""
        said = ", ".join(f"{label} {self.probabilities[label]:.3f}" for label in self.labels)
        return (said or "-") + f"\t{NOTHING_READ}" * self.nothing_read


def applies(probabilities: np.ndarray) -> np.ndarray:
    """Which labels apply, by their probabilities, of the same shape.

    Example:

    >>> applies(np.array([0.2, 0.5, 0.9])).tolist()
    [False, True, True]
    """
    return np.asarray(probabilities) >= THRESHOLD


def label_set_of(row: np.ndarray, labels: Sequence[str]) -> LabelSet:
    """The answer of one row of probabilities, `[labels]`.

    Raises:
        RnnkitError: They are no numbers.

    Example:

    >>> label_set_of(np.array([0.75, 0.25, 0.5]), ["toxic", "threat", "insult"]).labels
    ('toxic', 'insult')
    """
    chosen = applies(finite(row))
    there = tuple(label for label, is_there in zip(labels, chosen, strict=True) if is_there)
    return LabelSet(there, dict(zip(labels, map(float, row), strict=True)))
