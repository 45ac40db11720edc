"""What the pictures' tests share: awkward texts, made-up figures, and one drawing of each kind."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text

from rnnkit import plots
from rnnkit.codec.trees import tree_of
from rnnkit.metrics.confidence import Judged, threshold_for

NASTY = [
    "👍 yes", "很好", "شكرا", "תודה", "ไทย", "👨\u200d👩\u200d👧", "🇩🇪", "$x^2$", "$a", "\\frac", "a\nb\tc", "\x00\x07",
    "", " ", "\u200f", "\ufe0f", "\ud800", "e\u0301\u0323\u20dd", "x" * 100_000, "%s {} _^", "\U0010ffff", "nul\u2028l",
]  # fmt: skip


def history(epochs: int, metric: str = "accuracy") -> list[dict[str, float]]:
    names = ("loss", "val_loss", metric, f"val_{metric}")
    rng = np.random.default_rng(epochs)
    return [{"epoch": epoch + 1, **dict(zip(names, rng.random(4), strict=True))} for epoch in range(epochs)]


LENGTHS = np.clip(np.exp(np.random.default_rng(0).normal(5.2, 0.6, 5000)), 5, 2500).astype(int)
WAVE = np.stack([np.sin(np.arange(20.0)), np.cos(np.arange(20.0))], axis=1)
SURE = np.random.default_rng(1).uniform(0.5, 1, 900)
JUDGED = Judged(np.random.default_rng(2).uniform(size=900) < SURE, SURE)
DRAWINGS: dict[str, Callable[[Path], Path]] = {
    "curves": lambda path: plots.learning_curves(history(9), path, best_epoch=4),
    "matrix": lambda path: plots.confusion_matrix(np.array([[90, 10], [20, 80]]), ["negative", "positive"], path),
    "lengths": lambda path: plots.length_histogram(LENGTHS, 200, path, padding=0.07),
    "alignment": lambda path: plots.alignment_over_spectrogram(
        SURE[:800].reshape(100, 8), [plots.Said("h", 0.1, 0.2), plots.Said("i", 0.5, 0.55)], path, seconds=0.01
    ),
    "attention": lambda path: plots.attention_map(
        np.array([[0.9, 0.1], [0.2, 0.8]]), ["▁ein", "▁Hund"], ["▁a", "▁dog"], path
    ),
    "coverage": lambda path: plots.precision_coverage(JUDGED, path, threshold_for(JUDGED, 0.8)),
    "reliability": lambda path: plots.reliability(JUDGED, path),
    "by_length": lambda path: plots.score_by_length([("≤5", 40.0, 90), ("6-10", 35.0, 300), ("11+", 20.0, 9)], path),
    "examples": lambda path: plots.sequence_examples({"wave": [WAVE, -WAVE], "rest": [0 * WAVE]}, ["x", "y"], path),
    "saliency": lambda path: plots.sequence_saliency(WAVE, ["x", "y"], np.arange(20.0) - 5, "wave", 0.97, path),
    "tree": lambda path: plots.tree_labels(tree_of("(1 (1 not) (3 good))"), ["1", "3", "3"], list("01234"), path),
    "words": lambda path: plots.word_attribution(["a", "good", "film"], np.array([0, 2.0, -1]), "positive", 0.97, path),
}


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]
