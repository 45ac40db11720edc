"""Sound classification: a recording in, one of two or more labels out, for the whole or as the samples come."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.samples import is_one_sound
from rnnkit.data.batches import Batch, Batches
from rnnkit.data.bucketing import LengthBuckets, pad
from rnnkit.data.folds import Divisible
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.labels import Prediction, prediction_of
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.labels import label_statistics
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Encoded, Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.hearing_task import HearingTask
from rnnkit.tasks.shared.one_label import calibrate, confusion_of, label_scores
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.shared.sound_batches import EncodedSounds, SoundBatches, changed_frames
from rnnkit.tasks.shared.sound_options import augments
from rnnkit.tasks.shared.words_and_labels import softmax
from rnnkit.tasks.sound_classifier.augmentation import changed_sound, changes_samples
from rnnkit.tasks.sound_classifier.explained import explained
from rnnkit.tasks.sound_classifier.findings import sound_findings
from rnnkit.tasks.sound_classifier.options import SHAPING, SoundClassifierOptions
from rnnkit.tasks.sound_classifier.preprocessing import LabelledSounds
from rnnkit.tasks.sound_classifier.source import ROLES, Sounds, open_sounds

_FEWEST_IN_STREAMS = 50  # sounds
_THRESHOLD = 0.8  # that of `rnnkit.lite`


class SoundClassifier(HearingTask):
    """A front end that makes frames of samples, convolutions, a recurrent network over the frames, a label.

    Example:

    >>> tones = [(np.sin(np.arange(4000 + 20 * n) * (0.2 + 0.4 * (n % 2))), ("low", "high")[n % 2]) for n in range(40)]
    >>> task = SoundClassifier(cell="gru", units=8, rate=8000, epochs=2).fit(tones)
    >>> task.predict(np.sin(np.arange(4000) * 0.2)).label in ("low", "high")
    True

    Reference:
        Arik et al., Convolutional Recurrent Neural Networks for Small-Footprint Keyword Spotting, Interspeech 2017
        (arXiv:1703.05390).
    """

    key = "sound_classifier"
    roles = ROLES
    answers_labels = True
    example_noun = "sounds"
    example_input = "sound.wav"
    preprocessing_class = LabelledSounds
    options_class = SoundClassifierOptions
    one_input = "Sound"
    min_steps: ClassVar[int] = 1500

    labels = learnt("labels")

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), *SHAPING)

    @classmethod
    def open_source(
        cls,
        source: Any,
        columns: dict[str, str | None] | None = None,
        encoding: str | None = None,
        rate: int = SoundClassifierOptions.rate,
        **how: Any,
    ) -> Sounds:
        return open_sounds(source, columns, encoding, rate)

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on labelled sounds: good, warn or fail."""
        opened = cls.open_source(source, columns)
        hearing = Hearing(SoundClassifierOptions(rate=opened.rate))
        if len(opened):
            hearing.choose([opened.rows[0]._replace(given=np.zeros(1))], "corpus")
        return sound_findings(opened, hearing)

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        """Whether this is one sound: a file, samples, or a pair of samples and their rate."""
        return is_one_sound(inputs)

    def in_folds(self, source: Recordings) -> Divisible:
        return source.in_folds(labelled=True)

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.sound_classifier.network import sound_network

        return sound_network(self.options, self.preprocessing.front, len(self.labels), how, self.key)

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.sound_classifier.network import loss

        return loss()

    def compile(self, network: Any, steps: int) -> None:
        from rnnkit.training.trainer import compile_network, optimizer

        compile_network(network, optimizer(self.options, steps), self.loss(network), weighted_metrics=["accuracy"])

    def collate(self, encoded: Encoded, indices: np.ndarray) -> Batch:
        return self._batch([encoded.inputs[i] for i in indices], encoded.targets[indices])

    def _batch(self, frames: list[np.ndarray], targets: np.ndarray) -> Batch:
        inputs, weights = pad(frames, self.padding_step, value=np.nan), self.preprocessing.class_weights
        return (inputs, targets) if weights is None else (inputs, targets, weights[targets])

    def loss_size(self, batch: tuple[Any, ...]) -> float:
        """The weights of what counts, where there are weights."""
        return float(batch[2].sum()) if len(batch) > 2 else super().loss_size(batch)

    def batches(self, encoded: Any) -> Batches:
        buckets = LengthBuckets(encoded.inputs.lengths, self.options.batch_size, self.options.seed)
        if not augments(self.options) and not changes_samples(self.options):
            return Batches(buckets, lambda indices: self.collate(encoded, indices))

        def changed(indices: np.ndarray, epoch: int) -> Batch:
            return self._batch([self._changed(encoded, int(i), epoch) for i in indices], encoded.targets[indices])

        return SoundBatches(buckets, lambda indices: self.collate(encoded, indices), self.options, changed)

    def _changed(self, encoded: Any, index: int, epoch: int) -> np.ndarray:
        options, learnt = self.options, self.preprocessing

        def change(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
            return changed_sound(samples, random, options, learnt.front.rate, learnt.backgrounds)

        least = min(len(encoded.inputs[index]), options.stride + 1)
        change_if_on = change if changes_samples(options) else None
        seed = (options.seed, epoch, index)
        return changed_frames(encoded, index, learnt.hearing, options, seed, change_if_on, least)

    def copy_from(self, parent: Any) -> str:
        same, new = self.labels == parent.labels, self.network
        for layer in new.layers:
            if layer.weights and (same or layer.name != "logits"):
                layer.set_weights(parent.network.get_layer(layer.name).get_weights())
        return (
            "same labels: the head is kept"
            if same
            else f"new labels ({', '.join(self.labels[:10])}): the head is new, all before it is kept"
        )

    # ------------------------------------------------------------------ outputs to answers

    def probabilities(self, outputs: np.ndarray) -> np.ndarray:
        """Probabilities of the labels, `[rows, labels]`."""
        return softmax(outputs)

    def decode(self, outputs: np.ndarray) -> list[Prediction]:
        return [prediction_of(row, self.labels) for row in self.probabilities(outputs)]

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """Accuracy and the like; of 50 sounds or more, other than the validation part, also what Keras's network finds
        in streams of them: `rnnkit.tasks.sound_classifier.streams.detection_figures`."""
        found = label_scores(encoded.targets, outputs)
        validated = self.parts is not None and encoded is self.parts.validation
        if validated or not self._heard_in_streams(encoded):
            return found
        from rnnkit.tasks.sound_classifier.streams import detection_figures

        stream = detection_figures(self, encoded)
        usual = next(one for one in stream["curve"] if one["threshold"] == _THRESHOLD)
        found |= {"stream_recall": usual["recall"], "false_alarms_an_hour": usual["false_alarms_an_hour"]}
        return {**found, "stream": stream}

    def _heard_in_streams(self, encoded: EncodedSounds) -> bool:
        """Whether streams of these sounds say something, and the network can run on them with a window of a second."""
        from rnnkit.tasks.sound_classifier.network import is_streamable
        from rnnkit.tasks.sound_classifier.streams import fits_window

        words = {label for label in self.labels if label not in silent_labels(self.labels)}
        said = sum(self.labels[target] in words for target in encoded.targets)  # type: ignore[arg-type]
        enough = len(encoded) >= _FEWEST_IN_STREAMS and said and encoded.samples is not None
        return bool(enough and is_streamable(self.options, self.preprocessing.front) and fits_window(self))

    def statistics(self, encoded: Encoded, outputs: np.ndarray) -> Statistics | None:
        return label_statistics(confusion_of(encoded.targets, outputs))

    def calibrate(self, encoded: Encoded, outputs: np.ndarray) -> dict[str, Any]:
        """As `rnnkit.tasks.shared.one_label.calibrate`."""
        return calibrate(self.network.get_layer("logits"), encoded.targets, outputs)

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        from rnnkit import plots

        plots.confusion_matrix(confusion_of(parts.test.targets, outputs), self.labels, folder / "confusion.png")
        if stream := self.results["test"].get("stream"):
            plots.detection_curve(stream["curve"], folder / "stream.png", stream["hours"])
        plots.length_histogram(parts.train.inputs.lengths, None, folder / "lengths.png", "frames", noun="sound")

    def explain(self, sound: Any) -> tuple[list[str], np.ndarray, Prediction]:
        """Explain one prediction: stretches of the sound in seconds, how much each speaks for the label, and the
        prediction."""
        found = explained(self, sound)
        return found.names, found.scores, found.prediction

    def draw_explanation(self, sound: Any, path: Path) -> None:
        """Plot `explain`: the spectrogram under colours, and the scores."""
        from rnnkit import plots

        found = explained(self, sound)
        said = found.prediction
        plots.sound_saliency(found.frames, found.of_frames, said.label, said.probability, path, seconds=found.seconds)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.sound_classifier.export import SoundClassifierExporter

        return SoundClassifierExporter(self)


TASK = SoundClassifier
