"""Texts with sets of labels as numbers: the part of `MultilabelClassifier` for tables, words and labels."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnkit.data.labels import sort_labels
from rnnkit.data.survey import Survey
from rnnkit.errors import RnnkitError
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.preprocessing import Preprocessing
from rnnkit.tasks.multilabel_classifier.findings import failures
from rnnkit.tasks.multilabel_classifier.source import labels_of
from rnnkit.tasks.multilabel_classifier.split import spread
from rnnkit.tasks.shared.labelled_texts import LabelledTexts


class TextsWithLabelSets(LabelledTexts):
    """Rows of a text and its labels: ids of words, and 1 for each label of a text, int8 `[rows, labels]`."""

    noun = "texts"

    def learn(self, source: Any, test: Any = None, parent: Preprocessing | None = None) -> Splits:
        parts = super().learn(source, test, parent)
        if source.separator:
            self.options.separator = source.separator  # as which the Run reads other files
        return parts

    def require_usable(self, seen: Survey) -> None:
        for message in failures(seen, counts_of(seen)):
            raise RnnkitError(f"{seen.name}: {message}")

    def label_counts(self, seen: Survey) -> dict[str, int]:
        return counts_of(seen)

    def targets_of(self, seen: Survey) -> np.ndarray:
        rows = [self._row(labels_of(name), seen.name) for name in seen.labels]
        return np.array(rows, np.int8)[seen.label_ids]

    def divided(self, seen: Survey, usable: np.ndarray, fractions: Mapping[str, float]) -> dict[str, np.ndarray]:
        return spread(self.targets_of(seen)[usable], fractions, self.options.seed)

    def targets_by_label(self, seen: Survey, name: str) -> dict[str, np.ndarray]:
        return {raw: self._row(labels_of(label), name) for raw, label in seen.label_names.items()}

    def no_targets(self, count: int) -> np.ndarray:
        return np.zeros((count, len(self.labels)), np.int8)

    def _row(self, labels: list[str], name: str) -> np.ndarray:
        row = np.zeros(len(self.labels), np.int8)
        row[[self.label_number(label, name) for label in labels]] = 1
        return row


def counts_of(seen: Survey) -> dict[str, int]:
    """The labels of surveyed rows in their order, with how many kept rows have each."""
    counts: dict[str, int] = {}
    for name, rows in seen.labels.items():
        for label in labels_of(name):
            counts[label] = counts.get(label, 0) + rows
    return {label: counts[label] for label in sort_labels(counts)}
