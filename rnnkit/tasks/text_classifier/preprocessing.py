"""Labelled texts as numbers: the part of `TextClassifier` for tables, words and labels."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnkit.data.labels import normalise_label
from rnnkit.data.splits import stratified_split
from rnnkit.data.survey import Survey
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.shared.labelled_texts import LabelledTexts


class LabelledText(LabelledTexts):
    """Rows of text and label: ids of words, and the index of the label."""

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        #: Weight of each label in the loss; None where all are equal.
        self.class_weights: np.ndarray | None = None

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        parts = super().learn(source, test, parent)
        self._weigh(parts)
        return parts

    def restore(self, parts: Splits, beside: dict[str, np.ndarray]) -> None:
        super().restore(parts, beside)
        self._weigh(parts)

    def _weigh(self, parts: Splits) -> None:
        self.class_weights = self._class_weights(parts.train.targets) if self.options.class_weights else None

    def label_counts(self, seen: Survey) -> dict[str, int]:
        return seen.labels

    def targets_of(self, seen: Survey) -> np.ndarray:
        return np.array([self.labels.index(name) for name in seen.labels], np.int32)[seen.label_ids]

    def divided(self, seen: Survey, usable: np.ndarray, fractions: Mapping[str, float]) -> dict[str, np.ndarray]:
        return stratified_split(seen.label_ids[usable], fractions, self.options.seed)

    def targets_by_label(self, seen: Survey, name: str) -> dict[str, int]:
        return {
            raw: self.label_number(normalise_label(raw) if normalise_label(raw) in self.labels else label, name)
            for raw, label in seen.label_names.items()
        }

    def _class_weights(self, targets: np.ndarray) -> np.ndarray:
        counts = np.bincount(targets, minlength=len(self.labels))
        return (len(targets) / (np.count_nonzero(counts) * np.maximum(counts, 1))).astype(np.float32)
