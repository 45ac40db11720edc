"""Multi-label classification: a text in, all of its labels out, of which there may be several or none."""

from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.bucketing import pad
from rnnkit.data.folds import Divisible, divisible_rows
from rnnkit.data.survey import kept_rows, survey
from rnnkit.data.tables import Rows
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.label_sets import LabelSet, applies, label_set_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.label_sets import best_f1_threshold, label_set_scores, label_set_statistics, precision_recall
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.multilabel_classifier.columns import ROLES
from rnnkit.tasks.multilabel_classifier.findings import label_findings
from rnnkit.tasks.multilabel_classifier.options import MultilabelClassifierOptions
from rnnkit.tasks.multilabel_classifier.preprocessing import TextsWithLabelSets, counts_of
from rnnkit.tasks.multilabel_classifier.source import LabelSets, labels_of, open_label_sets
from rnnkit.tasks.shared.text_findings import text_findings
from rnnkit.tasks.shared.text_task import TextTask

_FEWEST = 10  # validation rows with a label, and without it, from which a threshold can be told
_SHORTEST_GAIN = 0.005  # minimum gain in a label's validation F1 for a threshold other than one half
_SMALLEST = 1e-7  # probability


class MultilabelClassifier(TextTask):
    """Word vectors, a recurrent network over them, a pool over time, for each label whether it applies.

    Example:

    >>> task = MultilabelClassifier(cell="gru", units=8, embedding_size=8, epochs=1)
    >>> rows = [(f"{word} film {i}", [word, "film"]) for i in range(20) for word in ("good", "bad")]
    >>> set(task.fit(rows).predict("a good film").labels) <= {"good", "bad", "film"}
    True
    """

    key = "multilabel_classifier"
    roles = ROLES
    preprocessing_class = TextsWithLabelSets
    options_class = MultilabelClassifierOptions
    reading_names = ("separator",)
    answers_label_sets = True
    monitor = "val_average_precision"

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> LabelSets:
        return open_label_sets(source, columns, encoding, **how)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on texts with labels: good, warn or fail."""
        rows = cls.open_source(source, columns)
        seen = survey(rows)
        found = label_findings(seen, counts_of(seen), rows.names)
        if any(finding.level == "fail" for finding in found):
            return found
        texts = ((text, labels_of(labels)) for text, labels in kept_rows(rows, seen))
        found += text_findings(texts, MultilabelClassifierOptions())
        return sorted(found, key=lambda finding: finding.level == "good")

    def in_folds(self, source: LabelSets) -> Divisible:
        seen = survey(source)
        rows = list(kept_rows(source, seen))
        keys = divisible_rows(Rows(rows, self.roles, source.name), self.key, False).keys
        counts = counts_of(seen)  # the rarest label of a text is the one to be spread evenly
        rarest = [min(labels_of(labels), key=counts.__getitem__, default="") for _, labels in rows]

        def opened(some: list[Any], test: bool = False) -> LabelSets:
            return open_label_sets(Rows(some, self.roles, source.name, source.columns))

        return Divisible(source.name, rows, keys, opened, rarest)

    # ------------------------------------------------------------------ the network

    def loss(self, network: Any) -> Any:
        import keras

        return keras.losses.BinaryCrossentropy(from_logits=True)

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        inputs = pad([encoded.inputs[i] for i in indices], self.padding_step, maximum=self.options.max_length)
        return inputs, encoded.targets[indices].astype(np.float32)

    def validate(self, network: Any, encoded: Encoded) -> dict[str, float]:
        """The loss, and the average precision over all pairs of text and label, which needs no thresholds."""
        logits = self.outputs(encoded).astype(np.float64)
        losses = np.logaddexp(0, logits) - logits * encoded.targets
        curve = precision_recall(encoded.targets.ravel(), logits.ravel())
        return {"loss": float(losses.mean()), "average_precision": curve.average_precision}

    # ------------------------------------------------------------------ outputs to answers

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """The probability of each label, `[rows, labels]`."""
        return np.exp(-np.logaddexp(0, -outputs))

    def decode(self, outputs: np.ndarray) -> list[LabelSet]:
        return [label_set_of(row, self.labels) for row in self.probabilities(outputs)]

    def lite_outputs(self, encoded: Encoded) -> np.ndarray:
        likely = np.clip(super().lite_outputs(encoded).astype(np.float64), _SMALLEST, 1 - _SMALLEST)
        return np.log(likely / (1 - likely))

    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        return label_set_scores(encoded.targets, applies(self.probabilities(outputs)), self.labels)

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics:
        return label_set_statistics(encoded.targets, applies(self.probabilities(outputs)))

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Move each label's threshold to where validation has its best F1, where that clearly helps. It goes into the
        last layer's bias, so that one half is the threshold of every label in every export."""
        thresholds = np.array([self._threshold(*pair) for pair in zip(encoded.targets.T, outputs.T, strict=True)])
        shift = np.log(thresholds / (1 - thresholds))
        before = self.metrics(encoded, outputs)["micro_f1"]
        self.network.get_layer("logits").bias.assign_sub(shift.astype(np.float32))
        after = self.metrics(encoded, outputs - shift.astype(outputs.dtype))["micro_f1"]
        named = zip(self.labels, thresholds, strict=True)
        return {
            "thresholds": {label: float(f"{threshold:.4g}") for label, threshold in named},
            "validation_micro_f1_gain": round(after - before, 4),
        }

    def _threshold(self, truth: np.ndarray, logits: np.ndarray) -> float:
        """The best threshold on one label's probability; one half where it cannot be told, or hardly helps."""
        if not _FEWEST <= truth.sum() <= len(truth) - _FEWEST:
            return 0.5
        likely = self.probabilities(logits).astype(np.float64)
        [plain] = label_set_scores(truth[:, None], applies(likely)[:, None], [""])["by_label"].values()
        threshold, score = best_f1_threshold(truth, likely)
        helps = score - plain["f1"] >= _SHORTEST_GAIN
        return float(np.clip(threshold, _SMALLEST, 1 - _SMALLEST)) if helps else 0.5

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        truth = parts.test.targets
        if truth.any():
            likely = self.probabilities(outputs)
            plots.precision_recall_curves(truth, likely, self.labels, folder / "precision_recall.png")
        plots.length_histogram(self.preprocessing.uncut_lengths, self.options.max_length, folder / "lengths.png")

    def exporter(self) -> Exporter:
        from rnnkit.tasks.multilabel_classifier.export import MultilabelClassifierExporter

        return MultilabelClassifierExporter(self)


TASK = MultilabelClassifier
