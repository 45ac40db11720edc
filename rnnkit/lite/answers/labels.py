"""The shared part of runners whose bundle has a vocabulary and labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from rnnkit.codec.vocabulary import Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model


@dataclass(frozen=True)
class Prediction:
    """The answer to one text.

    Args:
        label: the most probable label.
        probability: its probability, 0-1.
        probabilities: those of all labels, in the model's order.
    """

    label: str
    probability: float
    probabilities: dict[str, float]

    @property
    def summary(self) -> str:
        """Label and probability, with a tab between."""
        return f"{self.label}\t{self.probability:.3f}"


def prediction_of(row: np.ndarray, labels: Sequence[str]) -> Prediction:
    """The answer of one row of probabilities, `[labels]`.

    Raises:
        RnnkitError: They are no numbers.

    Example:

    >>> prediction_of(np.array([0.25, 0.75]), ["bad", "good"]).label
    'good'
    """
    best = int(finite(row).argmax())
    return Prediction(labels[best], float(row[best]), dict(zip(labels, map(float, row), strict=True)))


class WordsAndLabels:
    """Opens a bundle's vocabulary, labels and model, once; a lock lets threads share it.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.labels = tuple(bundle.read_lines("labels"))
        bundle.read("vocabulary")  # checks name and hash
        self.vocabulary = Vocabulary.load(bundle.folder / bundle.setting("vocabulary", str))
        self._interpreter = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()

    def _check_vocabulary(self) -> None:
        """Refuse a vocabulary that does not fit the model's word vectors: its last ids would lie outside."""
        tensors = self._interpreter.get_tensor_details()
        if len(self.vocabulary) not in {int(tensor["shape"][0]) for tensor in tensors if len(tensor["shape"]) == 2}:
            raise RnnkitError(
                f"{self.bundle.folder} lists {len(self.vocabulary)} words, and the model has no table of so many word "
                "vectors. Export it again."
            )

    def _check_outputs(self, outputs: int) -> None:
        """Refuse a list of labels that does not fit the model's outputs."""
        different = len(set(self.labels))
        if outputs != different or outputs != len(self.labels):
            raise RnnkitError(
                f"{self.bundle.folder} lists {different} different labels for a model with {outputs} outputs."
                " Export it again."
            )
