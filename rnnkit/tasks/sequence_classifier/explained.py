"""Which steps spoke for an answer: each span of them is hidden in turn."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.vocabulary import SPECIALS, UNKNOWN
from rnnkit.data.bucketing import Ragged
from rnnkit.errors import RnnkitError
from rnnkit.lite.answers.labels import Prediction
from rnnkit.tasks.shared.occlusion import occlusion

_MOST = 25  # spans


@dataclass
class Explained:
    """An answer and what it rests on.

    Attributes:
        spans: The first step of each span and the one behind its last, from 0.
        scores: The drop of the label's log-odds when the values of a span are replaced by the mean, `[spans]`.
        prediction: The answer.
        features: Those of the sequence, `[time, features]`.
    """

    spans: list[tuple[int, int]]
    scores: np.ndarray
    prediction: Prediction
    features: np.ndarray

    @property
    def of_steps(self) -> np.ndarray:
        """The score of each step's span, `[time]`."""
        lengths = [last - first for first, last in self.spans]
        return np.repeat(self.scores, lengths)


def explained(task: Any, sequence: Any) -> Explained:
    """Explain the label of a sequence, by up to 25 spans of its steps.

    Args:
        task: A trained `SequenceClassifier` with a label for each sequence.
        sequence: As for its `predict`.

    Raises:
        RnnkitError: The task has a label for every step.
    """
    if task.options.per_step:
        raise RnnkitError("What spoke for a label is shown of whole sequences; this Run has one for every step.")
    encoded = task.encode_inputs([sequence])
    features, channels = encoded.inputs[0], len(task.channels.names)
    cuts = np.unique(np.linspace(0, len(features), min(len(features), _MOST) + 1).astype(int)).tolist()
    spans = list(zip(cuts[:-1], cuts[1:], strict=True))

    def probabilities(rows: list[np.ndarray]) -> np.ndarray:
        """Of the sequence without the spans whose number is replaced in a row."""
        hidden = [features.copy() for _ in rows]
        for made, row in zip(hidden, rows, strict=True):
            for place in np.flatnonzero(row == UNKNOWN):
                made[spans[place][0] : spans[place][1], :channels] = 0
        return np.asarray(task.probabilities(task.outputs(task.preprocessing.unlabelled(Ragged.from_iterable(hidden)))))

    [prediction] = task.decode(task.outputs(encoded))
    numbers = len(SPECIALS) + np.arange(len(spans))
    scores = occlusion(probabilities, numbers, task.labels.index(prediction.label))
    return Explained(spans, scores, prediction, features)
