"""The scores against scikit-learn where it is installed, and against counting by hand everywhere."""

import numpy as np
import pytest

from rnnkit.metrics import labels as metrics

pytestmark = pytest.mark.filterwarnings("error")


def labels(seed: int, classes: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """True labels of uneven frequency and guesses that are right about two times in three."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(classes, rows, p=rng.dirichlet(np.ones(classes)))
    return truth, np.where(rng.random(rows) < 0.65, truth, rng.integers(0, classes, rows))


def counted(truth: np.ndarray, guess: np.ndarray, classes: int) -> list[list[int]]:
    table = [[0] * classes for _ in range(classes)]
    for true, guessed in zip(truth, guess, strict=True):
        table[true][guessed] += 1
    return table


def macro_f1_by_definition(truth: np.ndarray, guess: np.ndarray) -> float:
    """The mean of 2 precision recall / (precision + recall) over the classes seen or guessed."""
    scores = []
    for name in sorted({*truth.tolist(), *guess.tolist()}):
        hits = sum((truth == name) & (guess == name))
        precision = hits / max(sum(guess == name), 1)
        recall = hits / max(sum(truth == name), 1)
        scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return float(np.mean(scores))


@pytest.mark.parametrize("classes", [2, 3, 7, 40])
@pytest.mark.parametrize("seed", [0, 1])
def test_scores_against_counting(classes: int, seed: int) -> None:
    truth, guess = labels(seed, classes)
    confusion = metrics.confusion_matrix(truth, guess, classes)
    assert confusion.tolist() == counted(truth, guess, classes)
    equal = sum(int(true == guessed) for true, guessed in zip(truth, guess, strict=True))
    assert metrics.accuracy(truth, guess) == pytest.approx(equal / len(truth))
    assert metrics.accuracy(truth, guess) == pytest.approx(np.trace(confusion) / confusion.sum())
    assert metrics.macro_f1(confusion) == pytest.approx(macro_f1_by_definition(truth, guess))


@pytest.mark.parametrize("classes", [2, 3, 7, 40])
@pytest.mark.parametrize("seed", [2, 3])
def test_scores_against_scikit_learn(classes: int, seed: int) -> None:
    reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn is an independent reference")
    truth, guess = labels(seed, classes)
    confusion = metrics.confusion_matrix(truth, guess, classes)
    np.testing.assert_array_equal(confusion, reference.confusion_matrix(truth, guess, labels=range(classes)))
    assert metrics.accuracy(truth, guess) == pytest.approx(reference.accuracy_score(truth, guess))
    assert metrics.macro_f1(confusion) == pytest.approx(reference.f1_score(truth, guess, average="macro"))


def test_macro_f1_leaves_out_absent_classes_and_counts_missed_ones() -> None:
    # Class 2 is neither seen nor guessed; class 1 is seen and never found, so it counts 0.
    confusion = np.array([[4, 0, 0], [2, 0, 0], [0, 0, 0]])
    assert metrics.macro_f1(confusion) == pytest.approx((2 * 4 / (4 + 6) + 0) / 2)
    assert metrics.macro_f1(np.zeros((3, 3), int)) == 0.0


def test_rows_are_true_and_columns_are_guessed() -> None:
    assert metrics.confusion_matrix(np.array([0, 0]), np.array([1, 1]), 2).tolist() == [[0, 2], [0, 0]]


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.uint8, np.bool_, np.float32])
def test_confusion_matrix_takes_labels_of_any_kind(kind: type) -> None:
    truth, guess = (part.astype(kind) for part in labels(4, 2))
    assert metrics.confusion_matrix(truth, guess, 2).tolist() == counted(truth.astype(int), guess.astype(int), 2)


def f1_at(truth: np.ndarray, probability: np.ndarray, threshold: float) -> float:
    """The mean of both classes' F1 when class 1 is guessed from `threshold` on."""
    guess = (probability >= threshold).astype(int)
    scores = []
    for name in (0, 1):
        hits, total = ((truth == name) & (guess == name)).sum(), (truth == name).sum() + (guess == name).sum()
        scores.append(2 * hits / total if total else 0.0)
    return float(np.mean(scores))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("decimals", [1, 2, 7])  # one decimal gives many ties
def test_best_threshold_against_trying_all(seed: int, decimals: int) -> None:
    rng = np.random.default_rng(seed)
    truth = (rng.random(60) < rng.uniform(0.1, 0.9)).astype(int)
    probability = np.clip(np.round(0.5 + 0.2 * (truth - 0.5) + 0.2 * rng.normal(size=60), decimals), 0.1, 0.9)
    threshold, score = metrics.best_threshold(truth, probability)
    tried = [f1_at(truth, probability, at) for at in (*np.unique(probability), 1.0)]
    assert score == pytest.approx(max(tried))
    assert f1_at(truth, probability, threshold) == pytest.approx(score)
    assert threshold not in probability  # so that >= and > agree


@pytest.mark.parametrize("seed", range(3))
def test_best_threshold_against_scikit_learn(seed: int) -> None:
    reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn is an independent reference")
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, 300)
    probability = np.clip(0.3 + 0.2 * truth + 0.2 * rng.normal(size=300), 0.01, 0.99).astype(np.float32)
    threshold, score = metrics.best_threshold(truth, probability)
    assert reference.f1_score(truth, probability >= threshold, average="macro") == pytest.approx(score)
    for other in np.linspace(0.005, 0.995, 100):
        assert reference.f1_score(truth, probability >= other, average="macro") <= score + 1e-12


def test_best_threshold_does_not_depend_on_the_order_of_the_rows() -> None:
    rng = np.random.default_rng(5)
    truth, probability = rng.integers(0, 2, 100), np.round(rng.random(100), 1)
    order = rng.permutation(100)
    assert metrics.best_threshold(truth, probability) == metrics.best_threshold(truth[order], probability[order])


def test_best_threshold_when_all_probabilities_are_equal() -> None:
    """No threshold lies between them, so it stays at one half."""
    truth, probability = np.array([0, 1, 1]), np.full(3, 0.4)
    assert metrics.best_threshold(truth, probability) == (0.5, pytest.approx(f1_at(truth, probability, 0.5)))


def test_best_threshold_wants_both_classes() -> None:
    with pytest.raises(ValueError, match="both classes"):
        metrics.best_threshold(np.ones(3, int), np.array([0.1, 0.2, 0.3]))
