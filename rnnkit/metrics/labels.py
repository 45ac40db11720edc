"""Scores, in numpy: accuracy, macro F1, confusion matrix, perplexity, and a decision threshold from validation data."""

import math

import numpy as np

from rnnkit.metrics.bootstrap import Statistics, ratio

_LARGEST_NATS = 700.0


def perplexity_of(nats: float) -> float:
    """Perplexity of a mean negative log-likelihood in nats, to three digits; infinite beyond what a float holds.

    Example:

    >>> perplexity_of(1.0), perplexity_of(1000.0)
    (2.718, inf)
    """
    return round(math.exp(nats), 3) if nats < _LARGEST_NATS else math.inf


def perplexities_of(nats: np.ndarray) -> np.ndarray:
    """Perplexities of mean negative log-likelihoods, unrounded; infinite as `perplexity_of`."""
    return np.where(nats < _LARGEST_NATS, np.exp(np.minimum(nats, _LARGEST_NATS)), math.inf)


def accuracy(truth: np.ndarray, guess: np.ndarray) -> float:
    """Share of equal entries, 0 to 1.

    Example:

    >>> accuracy(np.array([0, 1, 1]), np.array([0, 1, 0]))
    0.6666666666666666
    """
    return float(np.mean(np.asarray(truth) == np.asarray(guess)))


def confusion_matrix(truth: np.ndarray, guess: np.ndarray, classes: int) -> np.ndarray:
    """Counts, `[classes, classes]`: a row for each true class, a column for each guess.

    Example:

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    flat = np.asarray(truth, dtype=np.int64) * classes + np.asarray(guess, dtype=np.int64)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def macro_f1(confusion: np.ndarray) -> float:
    """Mean over classes of F1 = 2 TP / (2 TP + FP + FN); a class never seen nor guessed is left out.

    Example:

    >>> round(macro_f1(np.array([[1, 0], [1, 1]])), 4)
    0.6667
    """
    hits = np.diag(confusion)
    total = confusion.sum(axis=0) + confusion.sum(axis=1)
    present = total > 0
    return float(np.mean(2 * hits[present] / total[present])) if present.any() else 0.0


def label_statistics(confusion: np.ndarray) -> Statistics:
    """The statistics of accuracy and macro F1, for `rnnkit.metrics.bootstrap`.

    Args:
        confusion: Counts of `confusion_matrix`.

    Example:

    >>> label_statistics(np.array([[1, 0], [1, 1]])).figures(np.array([[1.0, 0.0, 2.0]]))["accuracy"].tolist()
    [1.0]
    """
    truth, guess = np.nonzero(confusion)  # a kind of example for each pair of labels that occurs
    right = truth == guess

    def figures(drawn: np.ndarray) -> dict[str, np.ndarray]:
        hits = _by_label(drawn * right, truth, len(confusion))
        total = _by_label(drawn, truth, len(confusion)) + _by_label(drawn, guess, len(confusion))
        f1 = ratio(2 * hits, total).sum(axis=1) / np.maximum(np.count_nonzero(total, axis=1), 1)
        return {"accuracy": ratio(hits.sum(axis=1), drawn.sum(axis=1)), "macro_f1": f1}

    return Statistics(confusion[truth, guess], figures, ("accuracy",))


def _by_label(drawn: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """The sums of columns with the same label, `[samples, classes]`."""
    order = np.argsort(labels, kind="stable")
    below = np.concatenate([np.zeros((len(drawn), 1)), np.cumsum(drawn[:, order], axis=1)], axis=1)
    edges = np.searchsorted(labels[order], np.arange(classes + 1))
    return below[:, edges[1:]] - below[:, edges[:-1]]


def best_threshold(truth: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """The threshold on the second class's probability that gives the best macro F1, and that F1.

    Args:
        truth: 0 or 1, `[rows]`.
        probability: Of class 1, `[rows]`.

    Returns:
        The threshold, halfway between two neighbouring probabilities, and its macro F1.

    Raises:
        ValueError: When only one class occurs.

    Example:

    >>> best_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.7, 0.9]))
    (0.65, 1.0)
    """
    order = np.argsort(probability, kind="stable")
    sorted_truth, sorted_probability = np.asarray(truth)[order], np.asarray(probability, dtype=np.float64)[order]
    positives, rows = sorted_truth.sum(), len(sorted_truth)
    if not 0 < positives < rows:
        raise ValueError(f"truth holds {positives} ones among {rows} rows; both classes are needed.")
    below = np.arange(1, rows)  # rows guessed 0 when the threshold stands after this many
    missed = np.cumsum(sorted_truth)[:-1]
    f1_zero = 2 * (below - missed) / (below + rows - positives)
    f1_one = 2 * (positives - missed) / (rows - below + positives)
    apart = sorted_probability[1:] > sorted_probability[:-1]
    scores = np.where(apart, (f1_zero + f1_one) / 2, -1.0)
    best = int(np.argmax(scores))
    if scores[best] < 0:
        return 0.5, macro_f1(confusion_matrix(truth, np.asarray(probability) > 0.5, 2))
    return float((sorted_probability[best] + sorted_probability[best + 1]) / 2), float(scores[best])
