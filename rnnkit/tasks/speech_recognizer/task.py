"""Speech recognition: recordings in, what was said out, by CTC."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.samples import is_one_sound
from rnnkit.data.batches import Batches
from rnnkit.data.bucketing import LengthBuckets, pad
from rnnkit.data.folds import Divisible
from rnnkit.decoding.ctc import collapse, min_frames
from rnnkit.export.contract import Exporter
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.transcribing import Transcriber, TranscriptOptions
from rnnkit.metrics.bootstrap import Statistics
from rnnkit.metrics.transcripts import transcript_scores, transcript_statistics
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.examples import Splits
from rnnkit.tasks.base.learnt import learnt
from rnnkit.tasks.shared.hearing_task import HearingTask
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.shared.sound_augmentation import changed_samples
from rnnkit.tasks.shared.sound_batches import SoundBatches, changed_frames
from rnnkit.tasks.speech_recognizer.findings import speech_findings
from rnnkit.tasks.speech_recognizer.options import SHAPING, SpeechRecognizerOptions
from rnnkit.tasks.speech_recognizer.pictures import draw_alignment, draw_confusions, draw_heard
from rnnkit.tasks.speech_recognizer.preprocessing import SpokenText
from rnnkit.tasks.speech_recognizer.source import ROLES, open_speech


class SpeechRecognizer(HearingTask):
    """Frames of sound, convolutions, recurrent layers, and letters that nobody has aligned to the frames (CTC).

    Example:

    >>> from rnnkit.tasks.speech_recognizer.sample import dialled
    >>> rows = [(recording.samples, recording.text) for recording in dialled(40)]
    >>> task = SpeechRecognizer(rate=8000, units=8, layers=1, filters=8, epochs=1, cache=False).fit(rows)
    >>> isinstance(task.predict(rows[0][0]).text, str)
    True

    Reference:
        Graves et al., Connectionist Temporal Classification, ICML 2006; Amodei et al., Deep Speech 2, ICML 2016
        (arXiv:1512.02595).
    """

    key = "speech_recognizer"
    roles = ROLES
    example_noun = "recordings"
    example_input = "recording.wav"
    monitor = "val_wer"
    preprocessing_class = SpokenText
    options_class = SpeechRecognizerOptions
    one_input = "Recording"
    predict_options = TranscriptOptions
    min_steps: ClassVar[int] = 6000
    min_epochs: ClassVar[int] = 15

    units, words, hearing = learnt("units"), learnt("words"), learnt("hearing")

    def fixed_options(self) -> tuple[str, ...]:
        return (*super().fixed_options(), *SHAPING)

    @property
    def seconds_a_step(self) -> float:
        """From one frame of log-probabilities to the next."""
        return float(self.options.stride * self.hearing.seconds_a_frame)

    @property
    def padding_step(self) -> int:
        step: int = super().padding_step
        return step * int(self.options.stride)

    # ------------------------------------------------------------------ raw data

    @classmethod
    def check(cls, source: Any, columns: dict[str, str | None] | None = None) -> list[Any]:
        """Findings of `rnnkit check` on recordings and transcripts: good, warn or fail."""
        opened = cls.open_source(source, columns)
        return speech_findings(opened, SpeechRecognizerOptions(rate=opened.rate))

    @classmethod
    def open_source(
        cls,
        source: Any,
        columns: dict[str, str | None] | None = None,
        encoding: str | None = None,
        rate: int = SpeechRecognizerOptions.rate,
        **how: Any,
    ) -> Recordings:
        return open_speech(source, columns, encoding, rate)

    @classmethod
    def is_one(cls, inputs: object) -> bool:
        """Whether this is one recording: a file, samples, samples with their rate, or ready-made frames."""
        return not isinstance(inputs, list | tuple) or is_one_sound(inputs)

    def in_folds(self, source: Recordings) -> Divisible:
        return source.in_folds(labelled=False)

    # ------------------------------------------------------------------ the network

    def build(self, how: Build = INFERENCE) -> Any:
        from rnnkit.tasks.speech_recognizer.network import speech_network

        return speech_network(self.options, self.hearing.front.features, self.units.classes, how, self.key)

    def loss(self, network: Any) -> Any:
        from rnnkit.tasks.speech_recognizer.network import loss

        return loss()

    def collate(self, encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        return self._batch([encoded.inputs[int(index)] for index in indices], encoded, indices)

    def _batch(self, rows: list[np.ndarray], encoded: Any, indices: np.ndarray) -> tuple[Any, ...]:
        return pad(rows, self.padding_step, value=np.nan), pad([encoded.targets[int(index)] for index in indices], 8)

    def batches(self, encoded: Any) -> Batches:
        buckets = LengthBuckets(encoded.inputs.lengths, self.options.batch_size, self.options.seed, self.padding_step)

        def changed(indices: np.ndarray, epoch: int) -> tuple[Any, ...]:
            return self._batch([self._changed(encoded, int(index), epoch) for index in indices], encoded, indices)

        return SoundBatches(buckets, lambda indices: self.collate(encoded, indices), self.options, changed)

    def _changed(self, encoded: Any, index: int, epoch: int) -> np.ndarray:
        options = self.options

        def change(samples: np.ndarray, random: np.random.Generator) -> np.ndarray:
            return changed_samples(samples, options, random)

        least = max(options.stride * min_frames(encoded.targets[index].tolist()), 1)
        seed = (options.seed, epoch, index)
        return changed_frames(encoded, index, self.hearing, options, seed, change, least)

    def validate(self, network: Any, encoded: Any) -> dict[str, float]:
        found = super().validate(network, encoded)
        scores = self.metrics(encoded, self._outputs(network, encoded))
        return {**found, "wer": scores["wer"], "cer": scores["cer"]}

    def outputs(self, encoded: Any) -> np.ndarray:
        """The log-probabilities of each recording, `[steps, classes]`, as objects in the order of the recordings."""
        self.require_trained()
        return self._outputs(self.network, encoded)

    def _outputs(self, network: Any, encoded: Any) -> np.ndarray:
        found = np.empty(len(encoded), object)
        steps = encoded.inputs.lengths // self.options.stride
        for indices, batch in self.batches(encoded).in_order():
            for index, row in zip(indices, np.asarray(network.predict_on_batch(batch[0])), strict=True):
                found[index] = row[: steps[index]]
        return found

    def copy_from(self, parent: Any) -> str:
        from rnnkit.tasks.speech_recognizer.network import copy_fitting

        known = {unit: place for place, unit in enumerate(parent.units.texts)}
        copy_fitting(parent.network, self.network, [known.get(unit, -1) for unit in self.units.texts])
        new = [unit for unit in self.units.units if unit not in known]
        said = f"; {len(new)} new units start at random: {' '.join(new[:20])}" if new else ""
        return f"all weights are kept{said}"

    # ------------------------------------------------------------------ outputs to answers

    def transcriber(self, how: Mapping[str, Any] | None = None) -> Transcriber:
        """What makes answers of log-probabilities, by `TranscriptOptions`."""
        tail = self.hearing.front.tail_frames * self.seconds_a_step / self.options.stride
        return Transcriber(self.units, self.words, self.seconds_a_step, how or {}, _open_model, tail)

    def decode(self, outputs: np.ndarray) -> list[Transcript]:
        transcriber = self.transcriber()
        return [transcriber.answer(row) for row in outputs]

    def predict(self, inputs: Any, **how: Any) -> Any:
        """Write down recordings: one answer for a single recording, a list for a list.

        Args:
            inputs: Names of files, samples `[time]` at the option `rate`, pairs (samples, rate), or ready-made frames
                where the task was trained on such.
            **how: `rnnkit.lite.transcribing.TranscriptOptions`, such as lexicon="words"; `language_model` may also be a
                trained `LanguageModel`.

        Raises:
            RnnkitError: A recording cannot be read (`faults` lists which), or an option is unknown or out of range.
        """
        single = self.is_one(inputs)
        self.require_trained()
        transcriber = self.transcriber(how)
        encoded = self.encode_inputs([inputs] if single else list(inputs))
        answers = [transcriber.answer(row) for row in self.outputs(encoded)]
        return answers[0] if single else answers

    def metrics(self, encoded: Any, outputs: np.ndarray) -> dict[str, Any]:
        """`rnnkit.metrics.transcripts.transcript_scores` of the greedy texts."""
        return transcript_scores(self._texts(outputs), encoded.texts)

    def statistics(self, encoded: Any, outputs: np.ndarray) -> Statistics:
        return transcript_statistics(self._texts(outputs), encoded.texts)

    def _texts(self, outputs: np.ndarray) -> list[str]:
        return [self.units.decode(collapse(row.argmax(axis=1).tolist())) for row in outputs]

    def plot(self, folder: Path, parts: Splits, outputs: np.ndarray) -> None:
        test: Any = parts.test
        draw_alignment(self, test, outputs, folder / "alignment.png")
        draw_confusions(self._texts(outputs), test.texts, folder / "confused_words.png")

    def draw_explanation(self, recording: Any, path: Path, **how: Any) -> None:
        """Plot when a recording says what, over its spectrogram; `how` as for `predict`."""
        draw_heard(self, recording, path, how)

    def exporter(self) -> Exporter:
        from rnnkit.tasks.speech_recognizer.export import SpeechRecognizerExporter

        return SpeechRecognizerExporter(self)

    def lite_outputs(self, encoded: Any) -> np.ndarray:
        found = np.empty(len(encoded), object)
        found[:] = self.open_lite().log_probs(self.exporter().rows(encoded))
        return found


def _open_model(name: Any) -> Any:
    """A language model of this name: a Run, or a bundle."""
    from rnnkit import tasks
    from rnnkit.lite.transcribing import open_bundle

    return tasks.load(name) if (Path(name) / "config.json").is_file() else open_bundle(name)


TASK = SpeechRecognizer
