"""Scores of answers that are sets of labels: F1, precision and recall by label, thresholds from validation data."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnkit.metrics.bootstrap import Columns, Statistics, ratio, sums


class Curve(NamedTuple):
    """Precision and recall at each threshold at which they change, the highest threshold first.

    Args:
        thresholds: A row is answered where its score is at least this, float `[points]`.
        precision: Share of the answered rows that are right, `[points]`.
        recall: Share of the right rows that are answered, `[points]`.
    """

    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray

    @property
    def average_precision(self) -> float:
        """The area under the curve, each step of recall at its precision; 0 where no row is right."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))


def precision_recall(truth: np.ndarray, scores: np.ndarray) -> Curve:
    """The curve of one label.

    Args:
        truth: 0 or 1, `[rows]`.
        scores: Of the same rows, larger where the label is likelier.

    Example:

    >>> curve = precision_recall(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.6, 0.9]))
    >>> curve.recall.tolist(), curve.thresholds.tolist(), curve.average_precision
    ([0.5, 0.5, 1.0, 1.0], [0.9, 0.6, 0.4, 0.1], 0.8333333333333333)
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    sorted_scores, hits = np.asarray(scores)[order], np.cumsum(np.asarray(truth)[order])
    last = np.flatnonzero(np.diff(sorted_scores, append=np.nan) != 0)  # of those with the same score
    answered, total = last + 1, hits[-1] if len(hits) else 0
    return Curve(sorted_scores[last], hits[last] / answered, ratio(hits[last], np.full(len(last), total)))


def best_f1_threshold(truth: np.ndarray, probability: np.ndarray) -> tuple[float, float]:
    """The threshold on a label's probability that gives its best F1, and that F1.

    Args:
        truth: 0 or 1, `[rows]`, with a 1 among them.
        probability: Of the label, `[rows]`.

    Returns:
        The threshold, halfway to the next lower probability (or 0), and its F1.

    Example:

    >>> best_f1_threshold(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.9]))
    (0.25, 1.0)
    """
    curve = precision_recall(truth, np.asarray(probability, np.float64))
    f1 = ratio(2 * curve.precision * curve.recall, curve.precision + curve.recall)
    best = int(np.argmax(f1))
    below = curve.thresholds[best + 1] if best + 1 < len(f1) else 0.0
    return float((curve.thresholds[best] + below) / 2), float(f1[best])


def label_set_scores(truth: np.ndarray, guess: np.ndarray, labels: Sequence[str]) -> dict[str, Any]:
    """F1 over all labels and on their mean, shares of whole sets and of single decisions, and each label's scores.

    Args:
        truth: True or 1 where a row has a label, `[rows, labels]`.
        guess: The same of the answers.
        labels: Their names.

    Returns:
        `micro_f1`; `macro_f1`, the mean over the labels that occur or are answered; `subset_accuracy`, the share of
        rows whose set is exactly right; `hamming_loss`, the share of wrong decisions; `rows`; and `by_label`: for each
        label `precision`, `recall`, `f1` and `support`, the rows that have it. Where there is nothing to divide by, 0.

    Example:

    >>> found = label_set_scores(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]), ["a", "b"])
    >>> found["micro_f1"], found["subset_accuracy"], found["by_label"]["a"]
    (0.8, 0.5, {'precision': 1.0, 'recall': 0.5, 'f1': 0.66667, 'support': 2})
    """
    columns = _columns(truth, guess)
    totals = {name: values.sum(axis=0, dtype=np.float64)[None] for name, values in columns.items()}
    hits, having = totals["hits"][0], np.asarray(truth).sum(axis=0, dtype=np.float64)
    answered = totals["total"][0] - having
    scores = zip(ratio(hits, answered), ratio(hits, having), ratio(2 * hits, having + answered), having, strict=True)
    by_label = {
        name: {"precision": round(p, 5), "recall": round(r, 5), "f1": round(f1, 5), "support": int(support)}
        for name, (p, r, f1, support) in zip(labels, (map(float, row) for row in scores), strict=True)
    }
    figures = {name: round(float(value[0]), 5) for name, value in _figures(totals).items()}
    return {**figures, "rows": len(truth), "by_label": by_label}


def label_set_statistics(truth: np.ndarray, guess: np.ndarray) -> Statistics:
    """The statistics of the figures of `label_set_scores`, for `rnnkit.metrics.bootstrap`.

    Args:
        truth: As there.
        guess: As there.

    Example:

    >>> made = label_set_statistics(np.array([[1, 0], [1, 1]]), np.array([[1, 0], [0, 1]]))
    >>> made.figures(np.array([[2.0, 0.0], [0.0, 2.0]]))["subset_accuracy"].tolist()
    [0.0, 1.0]
    """
    return sums(_figures, ("subset_accuracy",), **_columns(truth, guess))


def _columns(truth: np.ndarray, guess: np.ndarray) -> dict[str, np.ndarray]:
    """What each row adds: hits and true or answered labels, `[rows, labels]`, whether the set is right, mistakes."""
    truth, guess = np.asarray(truth, bool), np.asarray(guess, bool)
    wrong = (truth != guess).mean(axis=1)
    total = truth.astype(np.int8) + guess
    return {"hits": truth & guess, "total": total, "exact": wrong == 0, "wrong": wrong, "rows": np.ones(len(truth))}


def _figures(summed: Columns) -> dict[str, np.ndarray]:
    hits, total, rows = summed["hits"], summed["total"], summed["rows"]
    return {
        "micro_f1": ratio(2 * hits.sum(axis=-1), total.sum(axis=-1)),
        "macro_f1": ratio(2 * hits, total).sum(axis=-1) / np.maximum(np.count_nonzero(total, axis=-1), 1),
        "subset_accuracy": ratio(summed["exact"], rows),
        "hamming_loss": ratio(summed["wrong"], rows),
    }
