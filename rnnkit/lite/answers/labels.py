"""The shared part of runners whose bundle has a vocabulary and labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numpy as np

from rnnkit.codec.vocabulary import UNKNOWN, Vocabulary
from rnnkit.errors import RnnkitError
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model

#: What is said beside such an answer.
NOTHING_READ = "nothing was read"
Answer = TypeVar("Answer", bound=Any)


@dataclass(frozen=True)
class Prediction:
    """The answer to one text.

    Args:
        label: the most probable label.
        probability: its probability, 0-1.
        probabilities: those of all labels, in the model's order.
        nothing_read: whether the text has no word, or other unit, that the model knows; then the probabilities say
            nothing of it.
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    nothing_read: bool = field(default=False, kw_only=True)

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


def marked(answers: Sequence[Answer], ids: Iterable[np.ndarray]) -> list[Answer]:
    """The answers to texts, those marked of whose text nothing was read.

    Args:
        answers: one for each text, a dataclass with the field `nothing_read`.
        ids: those of each text, `<START>` among them.

    Example:

    >>> answer = Prediction("good", 0.6, {"bad": 0.4, "good": 0.6})
    >>> [one.nothing_read for one in marked([answer, answer], [np.array([1, 2]), np.array([1, 7])])]
    [True, False]
    """
    read = [int(np.max(row, initial=0)) > UNKNOWN for row in ids]
    pairs = zip(answers, read, strict=True)
    return [answer if is_read else replace(answer, nothing_read=True) for answer, is_read in pairs]


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
        require_labels(self.labels, outputs, self.bundle.folder)


def require_labels(labels: Sequence[str], outputs: int, folder: Path) -> None:
    """Refuse a list of labels that does not fit a model's outputs.

    Args:
        labels: the labels.
        outputs: how many probabilities the model gives.
        folder: the bundle's, for the message.

    Raises:
        RnnkitError: there are fewer or more, or one is there twice.
    """
    different = len(set(labels))
    if outputs != different or outputs != len(labels):
        raise RnnkitError(
            f"{folder} lists {different} different labels for a model with {outputs} outputs. Export it again."
        )
