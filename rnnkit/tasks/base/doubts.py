"""What is said of a network that was trained and has learnt nothing that can be seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from rnnkit.run.figures import key_figure

# Figures up to which an answer is chance or nothing; for BLEU as in `rnnkit.tasks.translator`.
_CHANCE = {"cider": 0, "bleu": 1, "f1": 0, "micro_f1": 0, "root_accuracy": 0, "accuracy": 0}
_WER_OF_NOTHING = 100  # of a recogniser that writes nothing
_STANDARD_ERRORS = 2
_ADVICE = "Train for more epochs (--epochs), with a larger --learning-rate, or on more rows"


def doubts_of(validation: Mapping[str, Any], labels: Sequence[str] = ()) -> Iterator[str]:
    """A line where the answers to the validation part are chance, all of one label, or nothing.

    Args:
        validation: The figures; "confusion" among them has a row for each true label, a column for each answer.
        labels: Their names.

    Example:

    >>> for line in doubts_of({"f1": 0.0, "accuracy": 0.7}):
    ...     print(line[:50])
    F1 0.0000 on the validation part: the network has
    >>> for line in doubts_of({"accuracy": 0.5, "confusion": [[0, 6], [0, 7]]}, ["bad", "good"]):
    ...     print(line[:50])
    all of the validation part is answered with 'good'
    >>> for line in doubts_of({"accuracy": 0.5, "confusion": [[20, 19], [21, 20]]}, ["bad", "good"]):
    ...     print(line[:95])
    50.0% of the validation part is answered rightly, and 51.2% would be with 'good' for all: the n
    >>> for line in doubts_of({"wer": 100.0, "words": 8, "deletions": 8}):
    ...     print(line[:61])
    WER 100 on the validation part: nothing was recognised in it.
    """
    key = key_figure(validation)
    confusion = _counts(validation.get("confusion"), len(labels))
    truths, answers = confusion.sum(axis=1), confusion.sum(axis=0)
    if np.count_nonzero(truths) > 1 and np.count_nonzero(answers) == 1:
        frequent = ", and if that label is the most frequent, with --class-weights"
        yield f"all of the validation part is answered with {labels[answers.argmax()]!r:.60}. {_ADVICE}{frequent}."
    elif np.count_nonzero(truths) > 1 and _is_chance(confusion):
        right, most = (count / confusion.sum() for count in (confusion.trace(), truths.max()))
        label = labels[truths.argmax()]
        yield (
            f"{right:.1%} of the validation part is answered rightly, and {most:.1%} would be with {label!r:.60} for "
            f"all: the network has learnt next to nothing. {_ADVICE}."
        )
    elif key is not None and key.key == "wer" and key.value >= _WER_OF_NOTHING:
        empty = validation.get("deletions") == validation.get("words")
        said = "nothing was recognised in it" if empty else "that is no better than to recognise nothing"
        yield f"{key} on the validation part: {said}. {_ADVICE}."
    elif key is not None and key.value <= _CHANCE.get(key.key, -np.inf):
        yield f"{key} on the validation part: the network has learnt next to nothing. {_ADVICE}."


def _counts(confusion: Any, size: int) -> np.ndarray:
    """The counts of a confusion matrix, int64 `[labels, labels]`; `[0, 0]` where the figures have none of this form, as
    those of an own task may."""
    rows = confusion if isinstance(confusion, list) and len(confusion) == size else []
    if not all(isinstance(row, list) and len(row) == size and all(type(each) is int for each in row) for row in rows):
        rows = []
    return np.array(rows, np.int64).reshape(len(rows), len(rows))


def _is_chance(confusion: np.ndarray) -> bool:
    """Whether answers are right no more often than with the commonest label for all, and than answers that have nothing
    to do with the truth. The second alone would doubt small parts, and the first networks that find rare labels.

    The standard error is that of chance agreement with these numbers of truths and answers: Fleiss, Cohen & Everitt,
    Large Sample Standard Errors of Kappa and Weighted Kappa, Psychological Bulletin 72(5), 1969.
    """
    rows = confusion.sum()
    right, truths, answers = confusion.trace() / rows, confusion.sum(axis=1) / rows, confusion.sum(axis=0) / rows
    by_chance = truths @ answers
    error = np.sqrt(max(by_chance + by_chance**2 - (truths * answers) @ (truths + answers), 0.0) / rows)
    return bool(right <= truths.max() and right <= by_chance + _STANDARD_ERRORS * error)
