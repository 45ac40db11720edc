"""Precision against coverage, calibration and temperature against formulas written out."""

import numpy as np
import pytest

from rnnkit.metrics.confidence import (
    Judged,
    best_temperature,
    calibration,
    coverage_curve,
    judge,
    selected,
    threshold_for,
)


@pytest.fixture
def judged() -> Judged:
    random = np.random.default_rng(3)
    confidence = np.round(random.uniform(0.5, 1, 400), 2)  # many are equal
    return Judged(random.uniform(size=400) < confidence, confidence)


def test_the_curve_is_what_each_threshold_selects(judged) -> None:
    for threshold, coverage, precision in zip(*coverage_curve(judged), strict=True):
        answered = [right for right, sure in zip(*judged, strict=True) if sure >= threshold]
        assert coverage == len(answered) / 400 and precision == pytest.approx(sum(answered) / len(answered))
        here = selected(judged, threshold)
        assert (here.rows, here.precision) == (len(answered), pytest.approx(precision))


@pytest.mark.parametrize("precision", [0.6, 0.8, 0.9])
def test_the_threshold_found_is_the_smallest_that_reaches_the_precision(judged, precision) -> None:
    found = threshold_for(judged, precision)
    assert found is not None and found.precision >= precision
    for lower in np.unique(judged.confidence[judged.confidence < found.threshold]):
        assert selected(judged, lower).precision < precision
    assert len(f"{found.threshold:g}") <= 6


def test_no_threshold_and_no_rows() -> None:
    wrong = Judged(np.zeros(3, bool), np.array([0.9, 0.8, 0.7]))
    assert threshold_for(wrong, 0.5) is None and np.isnan(selected(wrong, 0.95).precision)
    assert threshold_for(Judged(np.zeros(0, bool), np.zeros(0)), 0.5) is None


def test_the_threshold_holds_between_neighbours() -> None:
    sure = np.array([0.9100001, 0.91, 0.5])
    found = threshold_for(Judged(np.array([True, False, False]), sure), 1.0)
    assert found is not None and 0.91 < found.threshold <= 0.9100001 and found.rows == 1


def test_expected_calibration_error_is_the_mean_gap(judged) -> None:
    found, gap = calibration(judged, 5), 0.0
    for low, high in [(0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0)]:
        inside = (judged.confidence > low) & (judged.confidence <= high)
        if inside.any():
            gap += inside.sum() * abs(judged.correct[inside].mean() - judged.confidence[inside].mean())
    assert found.error == pytest.approx(gap / 400) and found.counts.sum() == 400
    assert np.isnan(found.accuracy[0]) and found.counts[0] == 0


def test_the_temperature_minimises_the_log_loss_and_changes_no_label() -> None:
    random = np.random.default_rng(5)
    logits = random.normal(size=(3000, 4))
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    truth = np.array([random.choice(4, p=row) for row in shares])

    def loss(temperature: float) -> float:
        scaled = 3 * logits / temperature
        return float(np.mean(np.log(np.exp(scaled).sum(-1)) - scaled[np.arange(3000), truth]))

    found = best_temperature(3 * logits, truth)
    assert found == pytest.approx(3, rel=0.1)
    assert loss(found) < min(loss(found * 1.05), loss(found / 1.05))
    assert np.array_equal(judge(logits, truth).correct, judge(logits / found, truth).correct)
    assert best_temperature(np.array([[9.0, 0.0]] * 9), np.zeros(9, int)) == pytest.approx(0.25)
    assert best_temperature(np.array([[9.0, 0.0]] * 9), np.ones(9, int)) == pytest.approx(10)
