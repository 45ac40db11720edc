"""Text classification: a text in, one of two or more labels out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.data.bucketing import Ragged, pad
from rnnkit.data.findings import findings
from rnnkit.data.folds import Divisible, divisible_rows
from rnnkit.data.survey import kept_rows, survey
from rnnkit.data.tables import Rows, open_table
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.labels import Prediction, prediction_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.confidence import best_temperature, calibration, judge
from rnnkit.metrics.labels import accuracy, best_threshold, confusion_matrix, label_statistics, macro_f1
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.options import option
from rnnkit.tasks.shared.labelled_texts import labelled
from rnnkit.tasks.shared.text_findings import text_findings
from rnnkit.tasks.shared.text_options import TextOptions
from rnnkit.tasks.shared.text_task import TextTask
from rnnkit.tasks.shared.words_and_labels import softmax
from rnnkit.tasks.text_classifier.findings import several_labels
from rnnkit.tasks.text_classifier.preprocessing import LabelledText

_FEWEST_ROWS, _FEWEST_MISTAKES = 100, 20  # of validation, from which a threshold and a temperature can be told
_SHORTEST_GAIN = 0.005  # minimum gain in validation macro F1 for a threshold other than one half


@dataclass(kw_only=True)
class TextClassifierOptions(TextOptions):
    """Options of `TextClassifier`."""

    panel: ClassVar[str] = "Text"

    class_weights: bool = option(False, "weight rare labels as much as frequent ones")


class TextClassifier(TextTask):
    """Word vectors, a recurrent network over them, a pool over time, a label.

    Example:

    >>> task = TextClassifier(cell="gru", units=8, embedding_size=8, epochs=1)
    >>> rows = [(f"good film {i}", "yes") for i in range(20)] + [(f"bad film {i}", "no") for i in range(20)]
    >>> task.fit(rows).predict("a good film").label in ("yes", "no")
    True
    """

    key = "text_classifier"
    roles = ("text", "label")
    preprocessing_class = LabelledText
    options_class = TextClassifierOptions
    answers_labels = True

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None, delimiters: str = "words") -> list[Any]:
        """Findings of `rnnkit check` on labelled data: good, warn or fail."""
        rows = open_table(source, columns, cls.roles)
        seen = survey(rows)
        found = [*several_labels(seen), *findings(seen, delimiters)]
        if any(finding.level == "fail" for finding in found):
            return found
        found += text_findings(kept_rows(rows, seen), TextClassifierOptions(delimiters=delimiters))
        return sorted(found, key=lambda finding: finding.level == "good")

    def in_folds(self, source: Any) -> Divisible:
        return divisible_rows(Rows(list(kept_rows(source, survey(source))), self.roles, source.name), self.key, True)

    # ------------------------------------------------------------------ the network

    def loss(self, network: Any) -> Any:
        import keras

        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def watched(self, network: Any) -> list[Any]:
        return ["accuracy"]

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        inputs = pad([encoded.inputs[i] for i in indices], self.padding_step, maximum=self.options.max_length)
        targets, weights = encoded.targets[indices], self.preprocessing.class_weights
        return (inputs, targets) if weights is None else (inputs, targets, weights[targets])

    # ------------------------------------------------------------------ outputs to answers

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities of the labels, `[rows, labels]`."""
        return softmax(outputs)

    def scored_texts(self, source: Any) -> Iterator[str]:
        """The texts of labelled raw data that `evaluate` scores, in the order of `encode_rows`."""
        return (text for text, _ in labelled(source))

    def decode(self, outputs: np.ndarray) -> list[Prediction]:
        return [prediction_of(row, self.labels) for row in self.probabilities(outputs)]

    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        guess = outputs.argmax(axis=-1)
        confusion = confusion_matrix(encoded.targets, guess, len(self.labels))
        return {
            "accuracy": round(accuracy(encoded.targets, guess), 5),
            "macro_f1": round(macro_f1(confusion), 5),
            "rows": len(encoded),
            "confusion": confusion.tolist(),
        }

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics:
        return label_statistics(confusion_matrix(encoded.targets, outputs.argmax(axis=-1), len(self.labels)))

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Move the threshold between two labels, then scale the logits by a temperature, both fitted on validation.

        Both go into the last layer's weights, so that every export includes them; the temperature changes no label.
        """
        if len(encoded) < _FEWEST_ROWS or len(np.unique(encoded.targets)) < 2:
            return {}
        record, shift = self._threshold(encoded, outputs) if len(self.labels) == 2 else ({}, 0.0)
        moved = outputs + np.array([shift, -shift], outputs.dtype) if shift else outputs
        return {**record, **self._temperature(encoded, moved)}

    def _threshold(self, encoded: Encoded, outputs: np.ndarray) -> tuple[dict[str, Any], float]:
        """Move the threshold to the best one on validation, where that clearly helps. Return what was done, and what
        was added to the first label's bias and taken from the second's."""
        plain = self.metrics(encoded, outputs)["macro_f1"]
        threshold, score = best_threshold(encoded.targets, self.probabilities(outputs)[:, 1])
        if score - plain < _SHORTEST_GAIN or not 0 < threshold < 1:
            return {"threshold": 0.5}, 0.0
        shift = np.log(threshold / (1 - threshold)) / 2
        bias = self.network.get_layer("logits").bias
        bias.assign_add(np.array([shift, -shift], np.float32))
        return {"threshold": round(threshold, 4), "validation_macro_f1_gain": round(score - plain, 4)}, float(shift)

    def _temperature(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Divide the logits by the temperature at which validation is most likely; with hardly a mistake to tell it,
        nothing is changed. Return what was done."""
        before = judge(self.probabilities(outputs), encoded.targets)
        if (~before.correct).sum() < _FEWEST_MISTAKES:
            return {}
        temperature = best_temperature(outputs, encoded.targets)
        after = judge(self.probabilities(outputs / temperature), encoded.targets)
        for weight in self.network.get_layer("logits").weights:
            weight.assign(weight / temperature)
        return {
            "temperature": round(temperature, 4),
            "validation_calibration_error_before": round(calibration(before).error, 4),
            "validation_calibration_error": round(calibration(after).error, 4),
        }

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        guess = outputs.argmax(axis=-1)
        confusion = confusion_matrix(parts.test.targets, guess, len(self.labels))
        plots.confusion_matrix(confusion, self.labels, folder / "confusion.png")
        plots.length_histogram(self.preprocessing.uncut_lengths, self.options.max_length, folder / "lengths.png")

    def explain(self, text: str) -> tuple[list[str], np.ndarray, Prediction]:
        """Explain one prediction: the words, how much each speaks for the label, and the prediction."""
        from rnnkit.tasks.shared.occlusion import occlusion

        encoded = self.encode_inputs([text])
        ids = encoded.inputs[0]

        def probabilities(rows: list[np.ndarray]) -> np.ndarray:
            return self.probabilities(self.outputs(Encoded(Ragged.from_iterable(rows), np.zeros(len(rows), np.int32))))

        prediction = self.decode(self.outputs(encoded))[0]
        scores = occlusion(probabilities, ids, self.labels.index(prediction.label))
        return self.tokenizer(text)[: len(ids) - 1], scores[1:], prediction

    def draw_explanation(self, text: str, path: Path) -> None:
        """Plot `explain`: the text with each word coloured."""
        from rnnkit import plots

        words, scores, prediction = self.explain(text)
        plots.word_attribution(words, scores, prediction.label, prediction.probability, path)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.text_classifier.export import TextClassifierExporter

        return TextClassifierExporter(self)


TASK = TextClassifier
