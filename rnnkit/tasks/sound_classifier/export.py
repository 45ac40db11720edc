"""`SoundClassifier` as files: samples of a whole sound in, probabilities out; and where it can, as the samples come."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.data.bucketing import Ragged
from rnnkit.export.contract import Exporter
from rnnkit.export.padded import real_steps
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import FIXED, Input, Servable, ServableParts, Signature, named, unroll_of
from rnnkit.layers.spectrogram import SpectrogramLayer
from rnnkit.lite.step_file import RESET, STATE, STEP
from rnnkit.lite.tasks.sound_classifier import PROBABILITIES, SAMPLES
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.shared.hearing import SPECTROGRAM_FILE
from rnnkit.tasks.shared.sound_batches import EncodedSounds, float_samples
from rnnkit.tasks.shared.sound_lengths import padded_length, up_to_length
from rnnkit.tasks.shared.sounds_in_chunks import fed, few_steps
from rnnkit.tasks.sound_classifier.micro import SoundClassifierMicro
from rnnkit.tasks.sound_classifier.network import Stepping, is_streamable

Tensor = Any
_MOST_STEPS = 2_000  # that are run one by one, to compare them with the whole


class SoundClassifierExporter(Exporter):
    """Exports a `SoundClassifier`; the front end is in the files."""

    runner = "sound_classifier"
    quantizations = ("none", "float16", "dynamic")
    strategies = ("padded", "loop")
    takes_length = True
    #: Samples that the file takes; 0 for any number.
    fixed_length = 0

    @property
    def streams(self) -> bool:
        """Whether a file of a step is made."""
        return is_streamable(self.task.options, self.task.preprocessing.front)

    def servables(self, strategy: str) -> dict[str, Servable | ServableParts]:
        """The file of whole sounds, padded to a fixed length or of any; and that of a step and its states."""
        task, fixed = self.task, strategy in FIXED
        self.fixed_length = self._samples() if fixed else 0
        network = task.build(Build(unroll=unroll_of(strategy), masked=False))
        network.set_weights(task.network.get_weights())
        front = SpectrogramLayer(task.preprocessing.front, name="front_end")

        def probabilities(samples: Tensor) -> Tensor:
            if fixed:  # NaN, which is no sample, is padding
                samples = samples[:, : ops.maximum(real_steps(samples), front.settings.window_size)]
            return ops.softmax(network(front(samples), training=False))

        specs = (Input(SAMPLES, (1, self.fixed_length or None), "float32"),)
        found: dict[str, Servable | ServableParts] = {
            "model": Servable(network, probabilities, specs, PROBABILITIES, fixed_length=fixed)
        }
        if self.streams:
            found[STEP] = ServableParts(network, self._signatures(network), fixed_length=fixed)
        return found

    def _samples(self) -> int:
        """Samples of a file of a fixed length: those asked for, or twice those of the longest training sound."""
        learnt = self.task.preprocessing
        return self.length or padded_length(learnt.seconds, self.task.options.longest, learnt.front.rate)

    def fitting(self, examples: Any, strategy: str) -> Any:
        if strategy not in FIXED:
            return examples
        return up_to_length(examples, examples.samples.lengths, self._samples(), "samples")

    def _signatures(self, network: Any) -> dict[str, Signature]:
        """step: samples of a step `[1, stride * hop]` and the states to probabilities and the new states; reset:
        nothing to the states before the first sample."""
        stepping = Stepping(network, self.task.options, self.task.preprocessing.front)
        names = list(stepping.sizes)

        def step(samples: Tensor, *states: Tensor) -> dict[str, Tensor]:
            logits, new = stepping.step(samples, dict(zip(names, states, strict=True)))
            return {PROBABILITIES: ops.softmax(logits), **named(STATE, [new[name] for name in names])}

        def reset() -> dict[str, Tensor]:
            first = stepping.start()
            return named(STATE, [first[name] for name in names])

        shapes = enumerate(stepping.sizes.values())
        carried = [Input(f"{STATE}_{number}", (1, *shape), "float32") for number, shape in shapes]
        given = Input(SAMPLES, (1, stepping.samples), "float32")
        return {STEP: Signature(step, (given, *carried)), RESET: Signature(reset, ())}

    def micro(self) -> SoundClassifierMicro | None:
        return SoundClassifierMicro(self.task) if self.streams else None

    def describe(self) -> dict[str, Any]:
        task, front = self.task, self.task.preprocessing.front
        states = len(Stepping(task.network, task.options, front).sizes) if self.streams else 0
        return {
            "max_length": self.fixed_length or int(task.options.longest * front.rate),
            "outputs": [{"name": PROBABILITIES, "shape": [1, len(task.labels)], "dtype": "float32"}],
            "labels": "labels.txt",
            "spectrogram": SPECTROGRAM_FILE,
            "stride": task.options.stride,
            "states": states,
        }

    def rows(self, examples: Any) -> Sequence[Any]:
        return [float_samples(examples, place) for place in range(len(examples))]

    def expected(self, examples: Any) -> np.ndarray:
        """Keras's probabilities for the very samples that the file is given."""
        front = self.task.preprocessing.front
        frames = Ragged.from_iterable(front.encode(row) for row in self.rows(examples))
        same = EncodedSounds(frames, examples.targets, examples.names, None, examples.samples)
        found: np.ndarray = self.task.probabilities(self.task.outputs(same))
        return found

    def other_outputs(self, runner: Any, examples: Any) -> tuple[np.ndarray, np.ndarray] | None:
        """The probabilities of some sounds that came in chunks, and Keras's for the whole."""
        if not self.streams:
            return None
        some = few_steps(examples, self.task.options.stride, _MOST_STEPS)
        return np.stack([fed(runner, row).finish() for row in self.rows(some)]), self.expected(some)

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signature `serving_default` (samples `[batch, time]`, and in `lengths` how many of each row are of
        its sound), and where the network can run as samples come `step` and `reset`."""
        task = self.task
        network = task.build(Build(masked=True))
        network.set_weights(task.network.get_weights())
        front = SpectrogramLayer(task.preprocessing.front, name="front_end")

        def serve(samples: Tensor, lengths: Tensor) -> dict[str, Tensor]:
            frames, mask = front(samples, lengths), front.mask(samples, lengths)
            padded = ops.where(ops.expand_dims(mask, -1), frames, np.float32(np.nan))
            return {PROBABILITIES: ops.softmax(network(padded, training=False))}

        specs = (Input(SAMPLES, (None, None), "float32"), Input("lengths", (None,), "int32"))
        signatures = {"serving_default": Signature(serve, specs)}
        if self.streams:
            signatures |= self._signatures(network)

        def agreement_of(saved: Path) -> Agreement:
            loaded = tf.saved_model.load(str(saved)).signatures
            run, rows = loaded["serving_default"], self.rows(compared)
            theirs = [
                run(samples=tf.constant(row[None]), lengths=tf.constant([len(row)]))[PROBABILITIES].numpy()[0]
                for row in rows
            ]
            if self.streams:
                some = few_steps(compared, self.task.options.stride, _MOST_STEPS)
                stepped = np.stack([self._stepped(loaded, row) for row in self.rows(some)])
                expected = np.stack([self._whole_steps(row) for row in self.rows(some)])
                self.compares_as.require(self.compares_as.compare(expected, stepped, None, source), "none", "step")
            return self.agreement(compared, np.stack(theirs), source)

        return write_saved_model(folder, ServableParts(network, signatures).save, agreement_of, self.compares_as)

    def _step_samples(self) -> int:
        front: Any = self.task.preprocessing.front
        return int(self.task.options.stride * front.hop_size)

    def _stepped(self, signatures: Any, samples: np.ndarray) -> np.ndarray:
        """The probabilities after the whole steps of a sound, by the functions of a SavedModel."""
        states, size = dict(signatures[RESET]()), self._step_samples()
        made: dict[str, Any] = {}
        for first in range(0, len(samples) - size + 1, size):
            made = signatures[STEP](**{SAMPLES: tf.constant(samples[None, first : first + size])}, **states)
            states = {name: made[name] for name in states}
        found: np.ndarray = made[PROBABILITIES].numpy()[0]
        return found

    def _whole_steps(self, samples: np.ndarray) -> np.ndarray:
        """Keras's for the same samples at once."""
        front, size = self.task.preprocessing.front, self._step_samples()
        frames = front.encode(samples[: len(samples) // size * size])
        found: np.ndarray = self.task.probabilities(self.task.network.predict_on_batch(frames[None]))[0]
        return found
