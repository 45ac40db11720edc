"""`SpeechRecognizer` as files: samples of a whole recording to log-probabilities, and where it can, as they come."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.data.bucketing import Ragged
from rnnkit.export.contract import Exporter
from rnnkit.export.padded import fill_up, real_steps
from rnnkit.export.parity import Agreement, Labels
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import FIXED, Input, Servable, ServableParts, Signature, named, unroll_of
from rnnkit.layers.spectrogram import SpectrogramLayer
from rnnkit.lite.step_file import RESET, STATE, STEP
from rnnkit.lite.tasks.speech_recognizer import FRAMES, LOG_PROBS, SAMPLES, VALID
from rnnkit.tasks.base.build import Build
from rnnkit.tasks.shared.sound_batches import EncodedSounds
from rnnkit.tasks.shared.sound_lengths import padded_length, up_to_length
from rnnkit.tasks.shared.sounds_in_chunks import fed, few_steps
from rnnkit.tasks.speech_recognizer.network import Stepping, is_streamable
from rnnkit.tasks.speech_recognizer.preprocessing import UNITS_FILE, WORDS_FILE

Tensor = Any
_MOST_STEPS = 1_000  # that are run one by one, to compare them with the whole


class SpeechRecognizerExporter(Exporter):
    """Exports a `SpeechRecognizer`; the front end of sounds is in the files, that of ready-made frames is not."""

    runner = "speech_recognizer"
    quantizations = ("none", "float16", "dynamic")
    strategies = ("padded", "loop")
    takes_length = True
    #: Most steps are blank, so hardly any may be another; at the edge of a spike a probability is easily far off.
    compares_as = Labels({"none": (1e-4, 1.0), "float16": (0.1, 0.999), "dynamic": (0.5, 0.995)})
    #: Samples, or ready-made frames, that the file takes; 0 for any number.
    fixed_length = 0

    @property
    def compared_noun(self) -> str:
        return "steps"

    @property
    def streams(self) -> bool:
        """Whether a file of a step is made."""
        return is_streamable(self.task.options, self.task.hearing.front)

    def _network(self, how: Build) -> Any:
        network = self.task.build(how)
        network.set_weights(self.task.network.get_weights())
        return network

    def servables(self, strategy: str) -> dict[str, Servable | ServableParts]:
        """The file of whole recordings, padded to a fixed length or of any; and that of a step and its states."""
        hearing, fixed = self.task.hearing, strategy in FIXED
        self.fixed_length = self._length() if fixed else 0
        network = self._network(Build(unroll=unroll_of(strategy), masked=False))
        front = SpectrogramLayer(hearing.front, name="front_end") if hearing.reads_samples else None
        least, by_step = self._least(), self._steps() if fixed else 0

        def log_probs(given: Tensor) -> Tensor:
            if fixed:  # NaN, which is no sample, is padding
                given = given[:, : ops.maximum(real_steps(given), least)]
            made = network(given if front is None else front(given), training=False)
            return fill_up(made, by_step) if fixed else made

        features = () if hearing.reads_samples else (hearing.front.features,)
        name = SAMPLES if hearing.reads_samples else FRAMES
        specs = (Input(name, (1, self.fixed_length or None, *features), "float32"),)
        found: dict[str, Servable | ServableParts] = {
            "model": Servable(network, log_probs, specs, LOG_PROBS, fixed_length=fixed)
        }
        if self.streams:
            found[STEP] = ServableParts(network, self._signatures(network), fixed_length=fixed)
        return found

    def _length(self) -> int:
        """Samples or frames of a file of a fixed length: those asked for, or twice those of the longest training
        recording."""
        learnt, hearing = self.task.preprocessing, self.task.hearing
        return self.length or padded_length(learnt.seconds, self.task.options.longest, hearing.per_second)

    def _least(self) -> int:
        """Samples or frames of the shortest recording: those of a step."""
        front, stride = self.task.hearing.front, int(self.task.options.stride)
        return front.window_size + (stride - 1) * front.hop_size if self.task.hearing.reads_samples else stride

    def _steps(self) -> int:
        """Steps of a file of a fixed length."""
        front, length = self.task.hearing.front, self.fixed_length
        frames = front.frames(length) if self.task.hearing.reads_samples else length
        return int(frames // self.task.options.stride)

    def fitting(self, examples: Any, strategy: str) -> Any:
        if strategy not in FIXED:
            return examples
        lengths = np.array([len(row) for row in self.rows(examples)])
        return up_to_length(examples, lengths, self._length(), self.task.hearing.noun)

    def _signatures(self, network: Any) -> dict[str, Signature]:
        """step: samples `[1, stride * hop]` and the states to log-probabilities, whether they are any (1: yes), and the
        new states; reset: nothing to the states before the first sample."""
        task, front = self.task, SpectrogramLayer(self.task.hearing.front, name="front_end")
        stepping, names = Stepping(network, task.options), list(front.state_shapes())
        hop = task.hearing.front.hop_size

        def step(samples: Tensor, *states: Tensor) -> dict[str, Tensor]:
            sound, before = dict(zip(names, states, strict=False)), states[len(names) :]
            frames, valid = [], None
            for place in range(task.options.stride):
                frame, valid, sound = front.step(samples[:, place * hop : (place + 1) * hop], sound)
                frames.append(frame)
            log_probs, after = stepping.step(frames, before)
            kept = ops.expand_dims(valid, -1)
            after = [ops.where(kept, new, old) for new, old in zip(after, before, strict=True)]
            new_states = named(STATE, [*(sound[name] for name in names), *after])
            return {LOG_PROBS: log_probs, VALID: ops.cast(valid, "float32"), **new_states}

        def reset() -> dict[str, Tensor]:
            sound = front.initial_states()
            sound["sound_hops"] = sound["sound_hops"] - float((1 - front.hops) % task.options.stride)
            return named(STATE, [*(sound[name] for name in names), *stepping.start()])

        shapes = [*front.state_shapes().values(), *((size,) for size in stepping.sizes)]
        carried = [Input(f"{STATE}_{number}", (1, *shape), "float32") for number, shape in enumerate(shapes)]
        given = Input(SAMPLES, (1, task.options.stride * hop), "float32")
        return {STEP: Signature(step, (given, *carried)), RESET: Signature(reset, ())}

    def describe(self) -> dict[str, Any]:
        task, hearing = self.task, self.task.hearing
        states = 0
        if self.streams:
            sound = SpectrogramLayer(hearing.front).state_shapes()
            states = len(sound) + len(Stepping(task.network, task.options).sizes)
        steps = self._steps() if self.fixed_length else None
        return {
            "max_length": self.fixed_length or int(task.options.longest * hearing.per_second),
            "outputs": [{"name": LOG_PROBS, "shape": [1, steps, task.units.classes], "dtype": "float32"}],
            "units": UNITS_FILE,
            "words": WORDS_FILE,
            "front_end": hearing.file,
            "stride": task.options.stride,
            "states": states,
        }

    # ------------------------------------------------------------------ comparing

    def rows(self, examples: Any) -> Sequence[Any]:
        hearing = self.task.hearing
        return [hearing.samples_of(row, name) for row, name in zip(examples.rows, examples.names, strict=True)]

    def expected(self, examples: Any) -> np.ndarray:
        """Keras's probabilities of all steps, `[steps, classes]`, for the very samples that the file is given."""
        return np.exp(np.concatenate(list(self._outputs(self.rows(examples)))))

    def _outputs(self, rows: Sequence[np.ndarray]) -> np.ndarray:
        frames = Ragged.from_iterable(self.task.hearing.front.encode(row) for row in rows)
        nothing = Ragged(np.zeros(0, np.int32), np.zeros(len(rows) + 1, np.int64))
        found: np.ndarray = self.task.outputs(EncodedSounds(frames, nothing, [""] * len(rows)))
        return found

    def truth(self, examples: Any) -> None:
        """None: nobody has aligned the transcripts."""

    def other_outputs(self, runner: Any, examples: Any) -> tuple[np.ndarray, np.ndarray] | None:
        """The probabilities of some recordings that came in chunks, and Keras's for the whole."""
        if not self.streams:
            return None
        some = few_steps(examples, self.task.options.stride, _MOST_STEPS)
        found = [self._in_chunks(runner, row) for row in self.rows(some)]
        return np.exp(np.concatenate(found)), self.expected(some)

    def _in_chunks(self, runner: Any, samples: np.ndarray) -> np.ndarray:
        stream = fed(runner, samples, keep=True)
        stream.finish()
        found: np.ndarray = stream.log_probs
        return found

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signature `serving_default` (samples `[batch, time]`, and in `lengths` how many of each row are of
        its recording; or frames `[batch, time, features]`, NaN where they are padded), and where the network can run as
        samples come `step` and `reset`."""
        network, hearing = self._network(Build(masked=True)), self.task.hearing

        if hearing.reads_samples:
            front = SpectrogramLayer(hearing.front, name="front_end")

            def serve(samples: Tensor, lengths: Tensor) -> dict[str, Tensor]:
                frames, mask = front(samples, lengths), front.mask(samples, lengths)
                padded = ops.where(ops.expand_dims(mask, -1), frames, np.float32(np.nan))
                return {LOG_PROBS: network(padded, training=False)}

            specs: tuple[Input, ...] = (Input(SAMPLES, (None, None), "float32"), Input("lengths", (None,), "int32"))
            signatures = {"serving_default": Signature(serve, specs)}
        else:

            def serve_frames(frames: Tensor) -> dict[str, Tensor]:
                return {LOG_PROBS: network(frames, training=False)}

            specs = (Input(FRAMES, (None, None, hearing.front.features), "float32"),)
            signatures = {"serving_default": Signature(serve_frames, specs)}
        if self.streams:
            signatures |= self._signatures(network)

        def agreement_of(saved: Path) -> Agreement:
            run = tf.saved_model.load(str(saved)).signatures["serving_default"]
            theirs = np.concatenate([self._served(run, row) for row in self.rows(compared)])
            return self.agreement(compared, theirs, source)

        return write_saved_model(folder, ServableParts(network, signatures).save, agreement_of, self.compares_as)

    def _served(self, run: Any, row: np.ndarray) -> np.ndarray:
        """The probabilities of a recording, by the function of a SavedModel."""
        if self.task.hearing.reads_samples:
            made = run(samples=tf.constant(row[None]), lengths=tf.constant([len(row)]))
        else:
            made = run(frames=tf.constant(self.task.hearing.front.encode(row)[None]))
        return np.exp(made[LOG_PROBS].numpy()[0])
