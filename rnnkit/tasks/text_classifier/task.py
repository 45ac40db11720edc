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
from rnnkit.metrics.labels import label_statistics
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.options import option
from rnnkit.tasks.shared.labelled_texts import labelled
from rnnkit.tasks.shared.one_label import calibrate, confusion_of, label_scores
from rnnkit.tasks.shared.text_findings import text_findings
from rnnkit.tasks.shared.text_options import TextOptions
from rnnkit.tasks.shared.text_task import TextTask
from rnnkit.tasks.shared.words_and_labels import softmax
from rnnkit.tasks.text_classifier.findings import several_labels
from rnnkit.tasks.text_classifier.preprocessing import LabelledText


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
        return label_scores(encoded.targets, outputs)

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics:
        return label_statistics(confusion_of(encoded.targets, outputs))

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """Move the threshold between two labels, then scale the logits by a temperature, both fitted on validation."""
        return calibrate(self.network.get_layer("logits"), encoded.targets, outputs)

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        plots.confusion_matrix(confusion_of(parts.test.targets, outputs), self.labels, folder / "confusion.png")
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
