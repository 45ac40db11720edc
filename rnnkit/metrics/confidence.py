"""How far a classifier's probabilities can be trusted: precision against coverage, calibration, and a temperature."""

import math
from typing import NamedTuple

import numpy as np

_COOLEST, _HOTTEST = 0.25, 10.0


class Judged(NamedTuple):
    """Answers to labelled rows.

    Args:
        correct: Whether each answer is right, bool `[rows]`.
        confidence: Its probability, 0-1, `[rows]`.
    """

    correct: np.ndarray
    confidence: np.ndarray


class Selected(NamedTuple):
    """What is answered at a threshold.

    Args:
        threshold: Answers of a lower probability are withheld.
        coverage: Share of the rows that are answered, 0-1.
        precision: Share of these that are right, 0-1; NaN where none is answered.
        rows: How many are answered.
    """

    threshold: float
    coverage: float
    precision: float
    rows: int


class Calibration(NamedTuple):
    """Probabilities against what came true, in bins of equal width.

    Args:
        edges: From where to where each bin goes, `[bins + 1]`.
        counts: Rows in each, `[bins]`.
        confidence: Their mean probability, `[bins]`; NaN where there is none.
        accuracy: Share of them that are right, `[bins]`; likewise.
        error: The expected calibration error, 0-1: the mean over rows of their bin's |accuracy - confidence|.
    """

    edges: np.ndarray
    counts: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float


def judge(probabilities: np.ndarray, truth: np.ndarray) -> Judged:
    """The most probable label of each row against the true one.

    Args:
        probabilities: `[rows, labels]`.
        truth: Indices of labels, `[rows]`.

    Example:

    >>> judge(np.array([[0.9, 0.1], [0.4, 0.6]]), np.array([0, 0])).correct.tolist()
    [True, False]
    """
    return Judged(probabilities.argmax(axis=-1) == truth, probabilities.max(axis=-1).astype(np.float64))


def selected(judged: Judged, threshold: float) -> Selected:
    """Coverage and precision at a threshold.

    Example:

    >>> selected(Judged(np.array([True, True, False]), np.array([0.9, 0.8, 0.6])), 0.8)
    Selected(threshold=0.8, coverage=0.6666666666666666, precision=1.0, rows=2)
    """
    answered = judged.confidence >= threshold
    rows = int(answered.sum())
    precision = float(judged.correct[answered].mean()) if rows else math.nan
    return Selected(threshold, rows / max(len(answered), 1), precision, rows)


def coverage_curve(judged: Judged) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Precision at every coverage that a threshold can give: the thresholds from the highest down, the coverage and the
    precision there, each `[different probabilities]`.

    Example:

    >>> thresholds, coverage, precision = coverage_curve(Judged(np.array([True, False]), np.array([0.9, 0.6])))
    >>> thresholds.tolist(), coverage.tolist(), precision.tolist()
    ([0.9, 0.6], [0.5, 1.0], [1.0, 0.5])
    """
    order = np.argsort(-judged.confidence, kind="stable")
    confidence, right = judged.confidence[order], np.cumsum(judged.correct[order])
    last = np.append(confidence[1:] < confidence[:-1], True)[: len(confidence)]  # equal probabilities go together
    count = np.arange(1, len(confidence) + 1)
    return confidence[last], count[last] / max(len(count), 1), right[last] / count[last]


def threshold_for(judged: Judged, precision: float) -> Selected | None:
    """The smallest threshold whose answers reach a precision, and so the one that answers most rows; None for none.

    It is written with as few digits as tell it from the next lower probability.

    Example:

    >>> threshold_for(Judged(np.array([True, True, False]), np.array([0.93, 0.84, 0.61])), 0.9)
    Selected(threshold=0.7, coverage=0.6666666666666666, precision=1.0, rows=2)
    """
    thresholds, _, reached = coverage_curve(judged)
    enough = np.flatnonzero(reached >= precision)
    if not len(enough):
        return None
    place = int(enough[-1])
    lower = thresholds[place + 1] if place + 1 < len(thresholds) else 0.0
    return selected(judged, _shortest(float(lower), float(thresholds[place])))


def most_precise(judged: Judged) -> Selected:
    """The threshold whose answers are the most precise, and among such the one that answers most rows.

    Example:

    >>> most_precise(Judged(np.array([True, True, False, True]), np.array([0.93, 0.84, 0.61, 0.6])))
    Selected(threshold=0.7, coverage=0.5, precision=1.0, rows=2)
    """
    best = threshold_for(judged, float(coverage_curve(judged)[2].max()))
    if best is None:
        raise ValueError("there are no rows")
    return best


def _shortest(lower: float, upper: float) -> float:
    """A number above `lower` and not above `upper` with as few decimals as there can be."""
    if lower == 0:
        return 0.0
    for digits in range(1, 17):
        number = round(math.floor(lower * 10**digits + 1) / 10**digits, digits)
        if lower < number <= upper:
            return number
    return upper


def calibration(judged: Judged, bins: int = 10) -> Calibration:
    """Probabilities against what came true.

    Args:
        judged: The answers.
        bins: Of equal width between 0 and 1.

    Example:

    >>> round(calibration(Judged(np.array([True, True, False, True]), np.full(4, 0.95))).error, 3)
    0.2
    """
    edges = np.linspace(0, 1, bins + 1)
    of = np.clip(np.ceil(judged.confidence * bins - 1e-9).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(of, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(of, judged.confidence, bins) / counts
        accuracy = np.bincount(of, judged.correct, bins) / counts
    gaps = np.where(counts > 0, np.abs(np.nan_to_num(accuracy) - np.nan_to_num(confidence)), 0.0)
    return Calibration(edges, counts, confidence, accuracy, float((gaps * counts).sum() / max(counts.sum(), 1)))


def best_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature T for which softmax(logits / T) is most likely to give the true labels (Guo et al., 2017).

    Above 1 it makes answers less sure, below 1 surer; the order of the labels stays.

    Args:
        logits: `[rows, labels]`.
        truth: Indices of labels, `[rows]`.

    Returns:
        Between 0.25 and 10.

    Example:

    >>> logits = np.array([[4.0, -4.0]] * 4)  # sure of 99.97%, and right in 3 of 4
    >>> round(best_temperature(logits, np.array([0, 0, 0, 1])), 2)
    7.28
    """
    rows, logits = np.arange(len(truth)), np.asarray(logits, np.float64)

    def slope(temperature: float) -> float:
        """The derivative of the log-loss with respect to 1 / T, which rises."""
        scaled = logits / temperature
        powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        return float(((shares * logits).sum(axis=-1) - logits[rows, truth]).mean())

    low, high = _COOLEST, _HOTTEST
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if slope(middle) < 0 else (middle, high)
    return math.sqrt(low * high)
