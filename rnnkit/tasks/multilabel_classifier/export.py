"""`MultilabelClassifier` as files: ids in, the probability of each label out."""

from typing import Any

import keras
import numpy as np

from rnnkit.export.parity import Agreement, Labels, Truth
from rnnkit.lite.answers.label_sets import applies
from rnnkit.tasks.shared.text_exporter import TextExporter

_LEAD = 0.05  # of a probability before one half, from which Keras is decided about a label


class SetsOfLabels(Labels):
    """Probabilities of labels that apply or not, `[rows, labels]`, compared as numbers and by the labels that apply."""

    def compare(
        self,
        ours: np.ndarray,
        theirs: np.ndarray,
        truth: Truth | None,
        source: str,
        confidence: np.ndarray | None = None,
    ) -> Agreement:
        """The agreement of two tables of probabilities; an answer is a whole set, accuracy the share of right ones."""
        same = applies(ours) == applies(theirs)
        decided = np.abs(ours - 0.5) > _LEAD
        with np.errstate(invalid="ignore"):
            largest = float(np.abs(ours.astype(np.float64) - theirs).max(initial=0.0))
        sure = float((same | ~decided).all(axis=-1).mean())
        agreement = Agreement(len(ours), source, largest, float(same.all(axis=-1).mean()), sure)
        if truth is not None and source != "made up":
            right = ((applies(side) == (truth.values > 0)).all(axis=-1).mean() for side in (ours, theirs))
            agreement.keras_accuracy, agreement.export_accuracy = map(float, right)
        return agreement


class MultilabelClassifierExporter(TextExporter):
    """Exports a `MultilabelClassifier`."""

    runner = "multilabel_classifier"
    compares_as = SetsOfLabels()

    def from_logits(self, logits: Any) -> Any:
        return keras.ops.sigmoid(logits)
