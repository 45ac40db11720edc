"""Sequence classification: numbers over time in, one of two or more labels out, for the whole or for every step."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.sequences import is_one_sequence, steps_of
from rnnkit.data.batches import Batches
from rnnkit.data.bucketing import LengthBuckets, Ragged
from rnnkit.data.folds import Divisible
from rnnkit.data.remembered import default_tell
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.labels import Prediction, prediction_of
from rnnkit.lite.answers.steps import StepPrediction, step_prediction_of
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.labels import label_statistics
from rnnkit.streams import argument_text
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.base.task import Task
from rnnkit.tasks.sequence_classifier.batching import SequenceBatches, batch_of
from rnnkit.tasks.sequence_classifier.columns import ROLES
from rnnkit.tasks.sequence_classifier.encoded import known_only
from rnnkit.tasks.sequence_classifier.explained import explained
from rnnkit.tasks.sequence_classifier.findings import sequence_findings
from rnnkit.tasks.sequence_classifier.options import SHAPING, SequenceClassifierOptions
from rnnkit.tasks.sequence_classifier.preprocessing import LabelledSequences
from rnnkit.tasks.sequence_classifier.sequences import Sequences, differences, is_labelled
from rnnkit.tasks.sequence_classifier.source import open_inputs, open_sequences
from rnnkit.tasks.shared.one_label import calibrate, confusion_of, label_scores
from rnnkit.tasks.shared.words_and_labels import softmax

_MOST_EPOCHS = 100


class SequenceClassifier(Task):
    """Scaled channels, perhaps a convolution, a recurrent network over the steps, a label.

    Example:

    >>> waves = [([[0.1 * step * (1 + n % 2) + n] for step in range(5 + n % 4)], "ab"[n % 2]) for n in range(40)]
    >>> task = SequenceClassifier(cell="gru", units=8, epochs=1).fit(waves)
    >>> task.predict([0.0, 0.1, 0.2]).label in ("a", "b")
    True
    """

    key = "sequence_classifier"
    roles = ROLES
    input_role = "sequence"
    answers_labels = True
    example_noun = "sequences"
    example_input = "sequence.csv"
    preprocessing_class = LabelledSequences
    options_class = SequenceClassifierOptions
    reading_names = ("per_step",)
    min_steps: ClassVar[int] = 1500

    channels, labels = learnt("channels"), learnt("labels")

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), *SHAPING)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on labelled sequences: good, warn or fail."""
        return sequence_findings(cls.open_source(source, columns), SequenceClassifierOptions().max_length)

    @classmethod
    def open_source(
        cls, source: Any, columns: dict[str, str | None] | None = None, encoding: str | None = None, **how: Any
    ) -> Sequences:
        return open_sequences(source, columns, encoding, **how)

    @classmethod
    def open_inputs(cls, path: Path, answerer: Any, columns: Any = None, encoding: str | None = None) -> Sequences:
        """The sequences of a file to answer, with their names in `ids`.

        Args:
            path: As for `open_inputs` of `rnnkit.tasks.sequence_classifier.source`.
            answerer: The trained task, or the runner of its bundle; its `channels` are read.
            columns: Column names by role, where they cannot be guessed.
            encoding: The file's encoding, where it cannot be detected.
        """
        found = open_inputs(path, answerer.channels.names, columns, encoding)
        for line in differences(found, answerer.channels, answerer.cut_at):
            default_tell(line)
        return found

    @classmethod
    def parse(cls, text: str, from_line: bool = False) -> Any:
        given = text if from_line else argument_text(text)
        steps_of(given)  # which refuses what is no sequence, before the network is loaded
        return given

    def in_folds(self, source: Sequences) -> Divisible:
        return source.in_folds()

    def scored_texts(self, source: Sequences) -> Iterator[str]:
        """The names of what `evaluate` scores, in the order of its answers."""
        scored = source.scored
        for name, label in zip(scored.ids, scored.labels, strict=True):
            if isinstance(label, tuple):
                steps = label[: self.options.max_length] if is_labelled(label) else ()
                yield from (f"{name} step {step}" for step, each in enumerate(steps, 1) if each is not None)
            elif label is not None:
                yield name

    def epochs(self, steps: int) -> int:
        """The option `epochs`, or where that is 0 more of them than of texts: recordings are few, and take seconds."""
        return self.options.epochs or int(np.clip(-(-self.min_steps // max(steps, 1)), self.min_epochs, _MOST_EPOCHS))

    @property
    def cut_at(self) -> int:
        """Steps that `predict` reads of a sequence; 0: all, and one that is too long is refused."""
        return 0 if self.options.per_step else self.options.max_length

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.sequence_classifier.network import sequence_network

        options, channels = self.options, self.channels
        length, irregular = min(options.max_length, channels.longest), bool(channels.interval)
        return sequence_network(
            options, channels.features, len(self.labels), length, how, self.key, irregular=irregular
        )

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.sequence_classifier.network import loss

        return loss()

    def compile(self, network: Any, steps: int) -> None:
        from rnnkit.training.trainer import compile_network, optimizer

        compile_network(network, optimizer(self.options, steps), self.loss(network), weighted_metrics=["accuracy"])

    def collate(self, encoded: Encoded, indices: np.ndarray) -> tuple[Any, ...]:
        rows, targets = ([each[i] for i in indices] for each in (encoded.inputs, encoded.targets))
        return batch_of(rows, targets, self.options.per_step, self.preprocessing.class_weights, self.padding_step)

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """The weights of what counts, where there are weights."""
        return float(batch[2].sum()) if len(batch) > 2 else super().loss_size(batch)

    def batches(self, encoded: Encoded) -> Batches:
        buckets = LengthBuckets(encoded.inputs.lengths, self.options.batch_size, self.options.seed)
        return SequenceBatches(buckets, lambda indices: self.collate(encoded, indices), self, encoded)

    def outputs(self, encoded: Encoded) -> np.ndarray:
        """Logits `[sequences, labels]`; per step `[steps, labels]`, in the order of `encoded.inputs.flat`."""
        if not self.options.per_step:
            return super().outputs(encoded)
        self.require_trained()
        result = np.zeros((len(encoded.inputs.flat), len(self.labels)), np.float32)
        starts, lengths = encoded.inputs.offsets, encoded.inputs.lengths
        for indices, batch in self.batches(encoded).in_order():
            for index, row in zip(indices, np.asarray(self.network.predict_on_batch(batch[0])), strict=True):
                result[starts[index] : starts[index + 1]] = row[: lengths[index]]
        return result

    def copy_from(self, parent: Any) -> str:
        from rnnkit.tasks.sequence_classifier.network import copy_fitting

        same_labels = self.labels == parent.labels
        new = copy_fitting(parent.network, self.network, (parent.channels, self.channels), head=same_labels)
        head = "same labels: the head is kept"
        if not same_labels:
            head = f"new labels ({', '.join(self.labels[:10])}): the head is new"
        return f"{head}; {new}"

    # ------------------------------------------------------------------ outputs to answers

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities of the labels, `[rows, labels]`."""
        return softmax(outputs)

    def decode(self, outputs: np.ndarray) -> list[Prediction]:
        """Answers to sequences, or to single steps; `predict` joins those of a sequence."""
        return [prediction_of(row, self.labels) for row in self.probabilities(outputs)]

    def predict(self, inputs: Any) -> Any:
        """Answer sequences: one answer for a single sequence, a list for a list.

        Args:
            inputs: A sequence as an array or nested lists `[time, channels]`, a data frame, or text ("0.5,1 0.6,2");
                with irregular times a dictionary of `values` and `elapsed`; or a list of these.
        """
        single = is_one_sequence(inputs, len(self.channels.names))
        encoded = self.encode_inputs([inputs] if single else list(inputs))
        answers = self.answers(encoded, self.outputs(encoded))
        return answers[0] if single else answers

    def answers(self, encoded: Encoded, outputs: np.ndarray) -> list[Prediction | StepPrediction]:
        """The answers to whole sequences."""
        if not self.options.per_step:
            return list(self.decode(outputs))
        rows = Ragged(self.probabilities(outputs), encoded.inputs.offsets)
        return [step_prediction_of(row, self.labels) for row in rows]

    def metrics(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        truth, given = known_only(encoded, outputs)
        scores = label_scores(truth, given)
        return {**scores, "rows": len(encoded), "steps": len(truth)} if self.options.per_step else scores

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics | None:
        return None if self.options.per_step else label_statistics(confusion_of(encoded.targets, outputs))

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """As `rnnkit.tasks.shared.one_label.calibrate`."""
        return calibrate(self.network.get_layer("logits"), *known_only(encoded, outputs))

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        plots.confusion_matrix(confusion_of(*known_only(parts.test, outputs)), self.labels, folder / "confusion.png")
        lengths, most = self.preprocessing.uncut_lengths, self.options.max_length
        plots.length_histogram(lengths, most, folder / "lengths.png", "steps", noun="sequence")
        plots.sequence_examples(self.preprocessing.examples(), self.channels.names, folder / "examples.png")

    def explain(self, sequence: Any) -> tuple[list[str], np.ndarray, Prediction]:
        """Explain one prediction: spans of steps, how much each speaks for the label, and the prediction."""
        found = explained(self, sequence)
        names = [f"{first + 1}-{last}" if last > first + 1 else f"{last}" for first, last in found.spans]
        return names, found.scores, found.prediction

    def draw_explanation(self, sequence: Any, path: Path) -> None:
        """Plot `explain`: the channels over time, with each span coloured."""
        from rnnkit import plots

        found, names = explained(self, sequence), self.channels.names
        values, said = found.features[:, : len(names)], found.prediction
        plots.sequence_saliency(values, names, found.of_steps, said.label, said.probability, path)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.sequence_classifier.export import SequenceClassifierExporter

        return SequenceClassifierExporter(self)


TASK = SequenceClassifier
