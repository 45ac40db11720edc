"""Some sequences of each label, for a picture."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rnnkit.data.labels import normalise_labels
from rnnkit.tasks.sequence_classifier.sequences import Label, Sequences

_SHOWN = 3  # of a label


def shown_examples(
    source: Sequences, features: Callable[..., np.ndarray], labels: Sequence[str]
) -> dict[str, list[np.ndarray]]:
    """The scaled channels of some sequences of each label, those of the most usual lengths; where each step has a
    label, the longest part of each that has it.

    Args:
        source: The training sequences.
        features: Gives the features of values, times and a name, the channels first.
        labels: In the order of the result.
    """
    elapsed: list[Any] = [None] * len(source) if source.elapsed is None else list(source.elapsed)
    places_of, lengths, found = source.places_by_label(), source.lengths, dict[str, list[np.ndarray]]()
    names = normalise_labels(places_of)
    for label in sorted(places_of, key=lambda label: labels.index(names[label])):
        places, rows = np.array(places_of[label]), list[np.ndarray]()
        unusual = np.abs(lengths[places] - np.median(lengths[places]))
        for each in places[np.argsort(unusual, kind="stable")[:_SHOWN]]:
            whole = features(source.values[each], elapsed[each], "")[:, : len(source.channels)]
            first, last = longest_part(source.labels[each], label, len(whole))
            rows += [whole[first:last]] if last > first else []
        if rows:
            found[names[label]] = rows
    return found


def longest_part(labels: Label, label: str, steps: int) -> tuple[int, int]:
    """The first step of the longest run of steps with a label, and the one behind its last, from 0.

    Args:
        labels: Those of a sequence; where it has one, all its steps are the run.
        label: The label.
        steps: How many of its steps count.

    Example:

    >>> longest_part(("a", "b", "b", "a"), "b", 4), longest_part("a", "a", 4)
    ((1, 3), (0, 4))
    """
    if not isinstance(labels, tuple):
        return 0, steps
    mine = np.concatenate([[False], [each == label for each in labels[:steps]], [False]])
    first, last = np.flatnonzero(np.diff(mine.astype(int)) == 1), np.flatnonzero(np.diff(mine.astype(int)) == -1)
    place = int(np.argmax(last - first)) if len(first) else -1
    return (int(first[place]), int(last[place])) if len(first) else (0, 0)
