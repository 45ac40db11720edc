"""The scores of labelled trees: accuracy at roots and nodes, and that of positive against negative."""

from typing import Any

import numpy as np

from rnnkit.metrics.bootstrap import Statistics, ratio, sums
from rnnkit.metrics.labels import accuracy, confusion_matrix

#: The labels of the Stanford Sentiment Treebank: very negative, negative, neutral, positive, very positive.
SENTIMENTS = ["0", "1", "2", "3", "4"]


def tree_scores(encoded: Any, probabilities: np.ndarray, labels: list[str]) -> dict[str, Any]:
    """Accuracy at the roots, for sentiment also binary without the neutral roots, and at all nodes.

    Args:
        encoded: The trees, `EncodedTrees`.
        probabilities: Of the labels, `[nodes, labels]`.
        labels: Their names.
    """
    truth, guess, roots = encoded.truth, probabilities.argmax(axis=-1), encoded.roots
    figures: dict[str, Any] = {"root_accuracy": round(accuracy(truth[roots], guess[roots]), 5)}
    if labels == SENTIMENTS:
        figures["root_binary_accuracy"] = round(binary_accuracy(truth[roots], probabilities[roots]), 5)
    figures |= {"node_accuracy": round(accuracy(truth[encoded.known], guess[encoded.known]), 5), "rows": len(encoded)}
    return {**figures, "confusion": confusion_matrix(truth[roots], guess[roots], len(labels)).tolist()}


def tree_statistics(encoded: Any, probabilities: np.ndarray, labels: list[str]) -> Statistics:
    """The statistics of `tree_scores`, a tree an example; the nodes of a tree stay together."""
    truth, right, roots = encoded.truth, encoded.truth == probabilities.argmax(axis=-1), encoded.roots
    columns = {"right_roots": right[roots], "roots": np.ones(len(roots))}
    columns |= {"right_nodes": _of_trees(right & encoded.known, encoded), "nodes": _of_trees(encoded.known, encoded)}
    if binary := labels == SENTIMENTS:
        columns["polar"], columns["right_sides"] = _sides(truth[roots], probabilities[roots])

    def figures(sum_of: Any) -> dict[str, np.ndarray]:
        more = {"root_binary_accuracy": ratio(sum_of["right_sides"], sum_of["polar"])} if binary else {}
        both = {"root_accuracy": ratio(sum_of["right_roots"], sum_of["roots"])}
        return {**both, **more, "node_accuracy": ratio(sum_of["right_nodes"], sum_of["nodes"])}

    return sums(figures, ("root_accuracy",), **columns)


def binary_accuracy(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Accuracy of positive against negative, from the five sentiments; trees whose true label is neutral are omitted.

    Args:
        truth: True labels 0 to 4, `[trees]`.
        probabilities: Probabilities of the five labels, `[trees, 5]`.

    Example:

    >>> binary_accuracy(np.array([0, 2, 3]), np.array([[0.4, 0.1, 0.5, 0, 0], [1, 0, 0, 0, 0], [0.3, 0.3, 0, 0.4, 0]]))
    0.5

    Reference:
        Socher et al., Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013.
    """
    polar, right = _sides(truth, probabilities)
    return float(right.sum() / max(polar.sum(), 1))


def _sides(truth: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which trees are not neutral, and which of these are put on the right side, bool `[trees]` each."""
    polar = truth != 2
    positive = probabilities[:, 3] + probabilities[:, 4] > probabilities[:, 0] + probabilities[:, 1]
    return polar, polar & (positive == (truth > 2))


def _of_trees(nodes: np.ndarray, encoded: Any) -> np.ndarray:
    """The sum over the nodes of each tree, `[trees]`."""
    return np.add.reduceat(nodes, encoded.inputs.offsets[:-1], dtype=np.int64)
