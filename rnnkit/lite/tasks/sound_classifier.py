"""Label sounds with an exported classifier, whole or as their samples come, in chunks of any size."""

from collections.abc import Iterable, Iterator
from os import PathLike
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.frame_settings import settings_of
from rnnkit.codec.samples import is_one_sound, samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.codec.wav import read_wav
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.lite.answers.decisions import Decision, decisions
from rnnkit.lite.answers.labels import Prediction, prediction_of, require_labels
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model, padded, warm_up
from rnnkit.lite.sound_stream import SoundSteps, SoundStream
from rnnkit.lite.step_file import StepFile, state_names

#: The names of what goes in and comes out.
SAMPLES, PROBABILITIES = "samples", "probabilities"
_MOST_STRIDE = 100


class SoundClassifier(SoundSteps):
    """Runs a bundle of the task "sound_classifier"; `rnnkit.lite.load` makes it.

    A lock lets threads share one classifier, one sound at a time; each stream is one thread's own.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.labels = tuple(bundle.read_lines("labels"))
        where = str(bundle.folder / bundle.setting("spectrogram", str))
        self.front = settings_of(Spectrogram, parse_json(bundle.read("spectrogram"), where), where)
        self.stride = bundle.number("stride", 1, _MOST_STRIDE)
        self._states = state_names(bundle)
        self._lock = Lock()
        self._open_whole(num_threads)
        if self._states:
            takes, gives = (SAMPLES, self.step_size), (PROBABILITIES, len(self.labels))
            self._step = StepFile(bundle, num_threads, "sound classifier", takes, gives)

    # ------------------------------------------------------------------ whole sounds

    def predict(self, sounds: Any) -> list[Prediction]:
        """Label sounds: one answer for each; a single one counts as a list of one.

        Args:
            sounds: names of WAV files of one channel at `rate`, or samples at that rate: `[time]`, floats from -1 to 1
                or int16; or a list of these.

        Raises:
            RnnkitError: one is none of these, is too short or too long.
        """
        return [prediction_of(row, self.labels) for row in self.run([sounds] if is_one_sound(sounds) else sounds)]

    def run(self, sounds: Iterable[Any]) -> np.ndarray:
        """The probabilities for sounds, float32 `[sounds, labels]`.

        Args:
            sounds: as for `predict`, a list.

        Raises:
            RnnkitError: as `predict`.
        """
        rows = [self._run(self._heard(given, f"Sound {place}")) for place, given in enumerate(sounds, 1)]
        return np.stack(rows) if rows else np.zeros((0, len(self.labels)), np.float32)

    def _heard(self, given: Any, what: str) -> np.ndarray:
        named = isinstance(given, str | PathLike)
        samples = read_wav(given, self.rate) if named else samples_of(given, what)
        seconds, most = len(samples) / self.rate, self.bundle.max_length / self.rate
        if not self.least <= len(samples) <= self.bundle.max_length:
            longer = self.bundle.fixed_length and len(samples) > self.bundle.max_length
            raise RnnkitError(
                f"{given if named else what} lasts {seconds:.4g} seconds; expected {self.least / self.rate:.4g} to "
                f"{most:.4g}, at {self.rate:,} samples a second"
                f"{': export it with --length N or --strategy loop, which take more' if longer else ''}."
            )
        return samples

    def _run(self, samples: np.ndarray) -> np.ndarray:
        if self.bundle.fixed_length:
            samples = padded(samples, self.bundle.max_length, np.nan)
        with self._lock:
            given = self._whole.get_input_details()[0]
            if given["shape"][1] != len(samples):
                self._whole.resize_tensor_input(given["index"], [1, len(samples)])
                self._whole.allocate_tensors()
            self._whole.set_tensor(given["index"], samples[None])
            self._whole.invoke()
            answer = self._whole.get_tensor(self._whole.get_output_details()[0]["index"])
            return np.array(finite(answer[0]))

    # ------------------------------------------------------------------ streams

    def open_stream(self) -> SoundStream:
        """A stream at its beginning.

        Raises:
            RnnkitError: the network needs whole sounds.
        """
        if not self._states:
            raise RnnkitError(
                f"{self.bundle.folder} answers whole sounds alone: its network reads them in both directions, weighs "
                "all their steps, or normalises by the whole. Train with --no-bidirectional, another --pooling and "
                "--normalise corpus to have streams."
            )
        return SoundStream(self)

    def stream(
        self, chunks: Iterable[Any], threshold: float = 0.8, hold: float = 0.1, window: float | None = 1.0
    ) -> Iterator[Decision]:
        """Decisions on samples as they come, such as a microphone's. What is background or unknown is never decided.

        Args:
            chunks: samples at `rate` in chunks of any length, arrays as for `predict`; may have no end.
            threshold: the probability from which a label counts.
            hold: seconds for which it has to.
            window: what is answered rests on the last seconds, between half and all of so many, and nothing is answered
                before; None: on all since the beginning.

        Returns:
            Decisions, whose `step` counts the answers: there is one every `step_size` samples.

        Raises:
            RnnkitError: a chunk is no samples, or the network needs whole sounds.

        Example:

        >>> import rnnkit.lite
        >>> words = rnnkit.lite.load("saved_models/key_words/lite")  # doctest: +SKIP
        >>> for decision in words.stream(microphone):  # doctest: +SKIP
        ...     print(decision.label)
        """
        steps = max(round(hold * self.rate / self.step_size), 1)
        rows = self.probabilities(chunks, window)
        return decisions(rows, self.labels, threshold, steps, silent_labels(self.labels))

    def probabilities(self, chunks: Iterable[Any], window: float | None = None) -> Iterator[np.ndarray]:
        """The probabilities after each step of `step_size` samples, float32 `[labels]`; the first ones come once a
        first frame is whole. With a window two streams run, the younger by half a window: the older one answers from
        half a window on until it is a window old.

        Args:
            chunks: as for `stream`.
            window: likewise.

        Raises:
            RnnkitError: as `stream`.
        """
        half = 0 if window is None else round(window * self.rate / self.step_size / 2)
        if window is not None and half * self.step_size < self.least:
            raise RnnkitError(
                f"window is {window:g} seconds; expected {2 * self.least / self.rate:.2g} or more, or None."
            )
        streams = [self.open_stream()]
        left = np.zeros(0, np.float32)
        steps = 0
        for chunk in chunks:
            left = np.concatenate([left, samples_of(chunk, "The chunk")])
            while len(left) >= self.step_size:
                if half and steps and steps % half == 0:
                    streams = [streams[-1], self.open_stream()]
                found = [stream.take(left[: self.step_size]) for stream in streams]
                left, steps = left[self.step_size :], steps + 1
                if (row := found[0]) is not None and steps >= half:
                    yield row

    # ------------------------------------------------------------------ the files

    def _open_whole(self, num_threads: int) -> None:
        self._whole = open_model(self.bundle.read("model"), num_threads)
        details = (*self._whole.get_input_details(), *self._whole.get_output_details())
        shapes = [[int(side) for side in each["shape_signature"]] for each in details]
        floats = all(np.dtype(each["dtype"]) == np.float32 for each in details)
        length = self.bundle.max_length if self.bundle.fixed_length else -1
        if len(shapes) != 2 or not floats or shapes[0] != [1, length] or len(shapes[1]) != 2:
            raise RnnkitError(
                f"{self.bundle.folder}: the model takes and gives {shapes}; expected samples [1, {length}] and "
                "[1, labels]. Export it again."
            )
        require_labels(self.labels, shapes[1][1], self.bundle.folder)
        if self.bundle.strategy == "padded":
            warm_up(self._whole.get_signature_runner())

    def first_states(self) -> list[np.ndarray]:
        return self._step.first_states()

    def next_states(self, samples: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        made, states = self._step.run(samples, states)
        return finite(made[PROBABILITIES][0]), states
