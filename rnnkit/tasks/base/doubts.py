"""What is said of a network that was trained and has learnt nothing that can be seen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rnnkit.run.figures import key_figure

# Figures up to which an answer is chance or nothing; for BLEU as in `rnnkit.tasks.translator`.
_CHANCE = {"cider": 0, "bleu": 1, "f1": 0, "micro_f1": 0, "root_accuracy": 0, "accuracy": 0}
_ADVICE = "Train for more epochs (--epochs), with a larger --learning-rate, or on more rows"


def doubts_of(validation: Mapping[str, Any], labels: Sequence[str] = ()) -> Iterator[str]:
    """A line where the figure that sums the validation part up is chance, or all rows are answered with one label.

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
    """
    key = key_figure(validation)
    confusion = validation.get("confusion") or [[]]
    truths, answers = sum(map(any, confusion)), [any(column) for column in zip(*confusion, strict=True)]
    if truths > 1 and sum(answers) == 1 and len(answers) == len(labels):
        frequent = ", and if that label is the most frequent, with --class-weights"
        yield f"all of the validation part is answered with {labels[answers.index(True)]!r:.60}. {_ADVICE}{frequent}."
    elif key is not None and key.value <= _CHANCE.get(key.key, -1):
        yield f"{key} on the validation part: the network has learnt next to nothing. {_ADVICE}."
