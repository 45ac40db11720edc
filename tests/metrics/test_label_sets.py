"""Scores of sets of labels, judged by scikit-learn where it is installed, and by counting."""

import numpy as np
import pytest

from rnnkit.metrics.bootstrap import confidence_intervals
from rnnkit.metrics.label_sets import best_f1_threshold, label_set_scores, label_set_statistics, precision_recall

RANDOM = np.random.default_rng(7)
TRUTH = (RANDOM.random((300, 6)) < [0.5, 0.3, 0.2, 0.1, 0.02, 0.0]).astype(np.int8)
SCORES = np.round(np.clip(0.35 * TRUTH + RANDOM.random((300, 6)) * 0.65, 0, 1), 2)  # with ties
GUESS = SCORES >= 0.5
LABELS = list("abcdef")


def test_figures_are_those_of_counting():
    hits, wrong = (TRUTH & GUESS).sum(), (TRUTH != GUESS).sum()
    found = label_set_scores(TRUTH, GUESS, LABELS)
    assert found["micro_f1"] == pytest.approx(2 * hits / (TRUTH.sum() + GUESS.sum()), abs=1e-5)
    assert found["hamming_loss"] == pytest.approx(wrong / TRUTH.size, abs=1e-5)
    right = sum(list(ours) == list(theirs) for ours, theirs in zip(TRUTH, GUESS, strict=True))
    assert found["subset_accuracy"] == pytest.approx(right / 300, abs=1e-5) and found["rows"] == 300
    assert [found["by_label"][name]["support"] for name in LABELS] == TRUTH.sum(axis=0).tolist()


def test_figures_and_curves_are_those_of_scikit_learn():
    judge = pytest.importorskip("sklearn.metrics")
    found = label_set_scores(TRUTH, GUESS, LABELS)
    rows = judge.precision_recall_fscore_support(TRUTH, GUESS, zero_division=0)
    for name, precision, recall, f1, support in zip(LABELS, *rows, strict=True):
        expected = {"precision": precision, "recall": recall, "f1": f1, "support": support}
        assert found["by_label"][name] == pytest.approx(expected, abs=1e-5)
    assert found["micro_f1"] == pytest.approx(judge.f1_score(TRUTH, GUESS, average="micro"), abs=1e-5)
    present = [place for place in range(6) if TRUTH[:, place].any() or GUESS[:, place].any()]
    macro = judge.f1_score(TRUTH[:, present], GUESS[:, present], average="macro", zero_division=0)
    assert found["macro_f1"] == pytest.approx(macro, abs=1e-5)
    assert found["subset_accuracy"] == pytest.approx(judge.accuracy_score(TRUTH, GUESS), abs=1e-5)
    assert found["hamming_loss"] == pytest.approx(judge.hamming_loss(TRUTH, GUESS), abs=1e-5)
    for place in range(5):
        curve = precision_recall(TRUTH[:, place], SCORES[:, place])
        precision, recall, thresholds = judge.precision_recall_curve(TRUTH[:, place], SCORES[:, place])
        np.testing.assert_allclose(curve.thresholds[::-1], thresholds)
        np.testing.assert_allclose(curve.precision[::-1], precision[:-1])
        np.testing.assert_allclose(curve.recall[::-1], recall[:-1])
        area = judge.average_precision_score(TRUTH[:, place], SCORES[:, place])
        assert curve.average_precision == pytest.approx(area)


def test_the_best_threshold_is_the_best_of_all():
    for place in range(5):
        truth, scores = TRUTH[:, place], SCORES[:, place]
        threshold, score = best_f1_threshold(truth, scores)
        cuts = np.r_[0, np.unique(scores) + 1e-6]
        f1 = [2 * (truth & (scores >= cut)).sum() / (truth.sum() + (scores >= cut).sum()) for cut in cuts]
        assert score == pytest.approx(max(f1))
        assert 2 * (truth & (scores >= threshold)).sum() / (truth.sum() + (scores >= threshold).sum()) == max(f1)


def test_the_whole_sample_has_the_figures_and_intervals_hold_them():
    made, found = label_set_statistics(TRUTH, GUESS), label_set_scores(TRUTH, GUESS, LABELS)
    whole = made.figures(made.counts[None].astype(float))
    bounds = confidence_intervals(made)
    for name in ("micro_f1", "macro_f1", "subset_accuracy", "hamming_loss"):
        assert whole[name][0] == pytest.approx(found[name], abs=1e-5)
        assert bounds[name][0] < found[name] < bounds[name][1]
