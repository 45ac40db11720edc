"""Precision, recall and F1 of named entities: an entity counts when its first token, its last and its type are right.

The numbers are those of `seqeval` (mode "strict", scheme IOB2) and, for tags that are consistent, of the CoNLL script
`conlleval`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from rnnkit.codec.tag_schemes import spans
from rnnkit.metrics.bootstrap import Statistics, ratio, sums


def entity_scores(truth: Iterable[Sequence[str]], guess: Iterable[Sequence[str]]) -> dict[str, Any]:
    """Precision, recall and F1 (0-1, micro-averaged), and the same for each type.

    Args:
        truth: IOB2 tags, a row a sentence.
        guess: The same, predicted.

    Returns:
        `f1`, `precision`, `recall`, and `types`: for each type these and `entities`, how many there are in truth.

    Example:

    >>> scores = entity_scores([["B-PER", "I-PER", "O", "B-LOC"]], [["B-PER", "I-PER", "O", "O"]])
    >>> scores["precision"], scores["recall"], scores["f1"]
    (1.0, 0.5, 0.66667)

    Reference:
        Tjong Kim Sang & De Meulder, Introduction to the CoNLL-2003 Shared Task, CoNLL 2003.
    """
    right, guessed, known = Counter[str](), Counter[str](), Counter[str]()
    for true_tags, guessed_tags in zip(truth, guess, strict=True):
        true, found = set(spans(true_tags, strict=True)), set(spans(guessed_tags, strict=True))
        known.update(kind for _, _, kind in true)
        guessed.update(kind for _, _, kind in found)
        right.update(kind for _, _, kind in true & found)
    types = {
        kind: {**_three(right[kind], guessed[kind], known[kind]), "entities": known[kind]}
        for kind in sorted(known | guessed)
    }
    return {**_three(right.total(), guessed.total(), known.total()), "types": types}


def _three(right: int, guessed: int, known: int) -> dict[str, float]:
    precision, recall = right / max(guessed, 1), right / max(known, 1)
    f1 = 2 * right / max(guessed + known, 1)
    return {"f1": round(f1, 5), "precision": round(precision, 5), "recall": round(recall, 5)}


def entity_statistics(truth: Sequence[Sequence[str]], guess: Sequence[Sequence[str]]) -> Statistics:
    """The statistics of `entity_scores` without types, and of the tags' accuracy, for `rnnkit.metrics.bootstrap`.

    Args:
        truth: IOB2 tags, a row a sentence.
        guess: The same, predicted.
    """
    pairs = [
        (set(spans(true, strict=True)), set(spans(found, strict=True)))
        for true, found in zip(truth, guess, strict=True)
    ]

    def figures(sum_of: Any) -> dict[str, np.ndarray]:
        right, guessed, known = sum_of["right"], sum_of["guessed"], sum_of["known"]
        both = {"precision": ratio(right, guessed), "recall": ratio(right, known)}
        accuracy = ratio(sum_of["right_tags"], sum_of["tags"])
        return {"f1": ratio(2 * right, guessed + known), **both, "accuracy": accuracy}

    same = [sum(map(str.__eq__, *both)) for both in zip(truth, guess, strict=True)]
    return sums(
        figures,
        right=np.array([len(true & found) for true, found in pairs]),
        guessed=np.array([len(found) for _, found in pairs]),
        known=np.array([len(true) for true, _ in pairs]),
        right_tags=np.array(same),
        tags=np.array([len(tags) for tags in truth]),
    )


def type_confusion(truth: Iterable[Sequence[str]], guess: Iterable[Sequence[str]], types: Sequence[str]) -> np.ndarray:
    """Counts of entities, `[types + 1, types + 1]`: a row for each true type, a column for each guessed one.

    Entities with the same first and last token meet; the others, and those of other types, stand in the last column
    (missed) or the last row (made up).

    Example:

    >>> type_confusion([["B-PER", "O"]], [["B-LOC", "B-PER"]], ["LOC", "PER"]).tolist()
    [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
    """
    places = {kind: place for place, kind in enumerate(types)}
    counts = np.zeros((len(types) + 1, len(types) + 1), np.int64)
    for true_tags, guessed_tags in zip(truth, guess, strict=True):
        true = {(first, after): kind for first, after, kind in spans(true_tags, strict=True)}
        found = {(first, after): kind for first, after, kind in spans(guessed_tags, strict=True)}
        for place in true.keys() | found.keys():
            row, column = (places.get(kinds.get(place, ""), len(types)) for kinds in (true, found))
            counts[row, column] += 1
    return counts
