"""Decisions on a stream: the label that was probable for some steps."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnnkit.errors import RnnkitError


@dataclass(frozen=True)
class Decision:
    """A label that a stream was found to have.

    Args:
        label: the label.
        probability: its probability at this step, 0-1.
        step: the step at which it was decided, from 0.
    """

    label: str
    probability: float
    step: int


def decisions(
    rows: Iterable[np.ndarray],
    labels: Sequence[str],
    threshold: float = 0.8,
    hold: int = 5,
    silent: Sequence[str] = (),
) -> Iterator[Decision]:
    """The decisions on a stream: a label is decided once it had a probability of `threshold` or more for `hold` steps
    one after the other. It is decided again after another one, or after as many steps without any.

    Args:
        rows: the probabilities after each step, `[labels]`.
        labels: their names.
        threshold: 0-1.
        hold: steps, 1 or more.
        silent: labels that are as none, such as "background".

    Raises:
        RnnkitError: an argument is out of its range.

    Example:

    >>> rows = [np.array([0.1, 0.9])] * 3 + [np.array([0.5, 0.5])] + [np.array([0.95, 0.05])] * 2
    >>> [(one.label, one.step) for one in decisions(rows, ["rest", "wave"], 0.8, 2)]
    [('wave', 1), ('rest', 5)]
    """
    if not 0 <= threshold <= 1 or hold < 1:
        raise RnnkitError(f"threshold is {threshold} and hold {hold}; expected 0 to 1, and 1 step or more.")
    said, candidate, held = "", "", 0
    for step, row in enumerate(rows):
        best = int(np.argmax(row))
        label = labels[best] if row[best] >= threshold and labels[best] not in silent else ""
        held, candidate = (held + 1 if label == candidate else 1), label
        if held == hold and label != said:
            said = label
            if label:
                yield Decision(label, float(row[best]), step)
