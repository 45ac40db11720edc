"""The answer to a sequence with a label for every step."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnkit.lite.finite import finite

_SHOWN = 20  # runs of equal labels


@dataclass(frozen=True)
class StepPrediction:
    """The answer to one sequence.

    Args:
        labels: the most probable label of each step.
        probability: the probability of each of these, 0-1.
        probabilities: those of all labels, in the model's order, one for each step.
    """

    labels: tuple[str, ...]
    probability: tuple[float, ...]
    probabilities: dict[str, tuple[float, ...]]

    @property
    def spans(self) -> list[tuple[str, int, int]]:
        """Runs of equal labels: the label, the step at which it begins, and the one behind its end; from 0.

        Example:

        >>> StepPrediction(("a", "a", "b"), (1.0, 0.9, 0.8), {}).spans
        [('a', 0, 2), ('b', 2, 3)]
        """
        starts = [step for step, label in enumerate(self.labels) if step == 0 or label != self.labels[step - 1]]
        ends = [*starts[1:], len(self.labels)]
        return [(self.labels[start], start, end) for start, end in zip(starts, ends, strict=True)]

    @property
    def summary(self) -> str:
        """The labels and the steps that have them, from 1."""
        spans = self.spans
        shown = [(label, f"{start + 1}-{end}" if end - start > 1 else f"{end}") for label, start, end in spans[:_SHOWN]]
        said = ", ".join(f"{label} {steps}" for label, steps in shown)
        return said + f" and {len(spans) - _SHOWN} more" * (len(spans) > _SHOWN)


def step_prediction_of(rows: np.ndarray, labels: Sequence[str]) -> StepPrediction:
    """The answer of the probabilities of all steps, `[time, labels]`.

    Raises:
        RnnkitError: They are no numbers.

    Example:

    >>> step_prediction_of(np.array([[0.25, 0.75], [0.5, 0.5]]), ["bad", "good"]).labels
    ('good', 'bad')
    """
    best = finite(rows).argmax(axis=-1)
    columns = {label: tuple(map(float, rows[:, place])) for place, label in enumerate(labels)}
    return StepPrediction(tuple(labels[place] for place in best), tuple(map(float, rows.max(axis=-1))), columns)
