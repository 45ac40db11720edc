"""Answer with a sound classifier for microcontrollers on a computer, as the board does: samples in, step by step."""

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.frame_settings import settings_of
from rnnkit.codec.samples import is_one_sound, samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.lite.answers.decisions import Decision, decisions
from rnnkit.lite.answers.labels import Prediction, prediction_of, require_labels
from rnnkit.lite.answers.silent_labels import silent_labels
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model
from rnnkit.lite.sound_stream import SoundSteps, SoundStream
from rnnkit.lite.step_file import state_names
from rnnkit.lite.tasks.sound_classifier import PROBABILITIES, SAMPLES


class MicroSound(SoundSteps):
    """Runs a sound classifier's bundle for microcontrollers with LiteRT; `rnnkit.lite.load` makes it.

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
        self.stride = bundle.number("stride", 1, 100)
        self._names = state_names(bundle)
        self._model = open_model(bundle.read("model"), num_threads)
        self._lock = Lock()
        self._run = self._model.get_signature_runner()
        given, made = self._run.get_input_details(), self._run.get_output_details()
        shapes = {name: [*map(int, each["shape"])] for name, each in given.items()}
        wanted = {SAMPLES, *self._names}
        gives = {name: [*map(int, each["shape"])] for name, each in made.items()}
        fits = set(shapes) == wanted and set(gives) == {PROBABILITIES, *self._names}
        fits = fits and all(shapes[name] == gives[name] for name in self._names)
        if not fits or shapes[SAMPLES] != [1, self.step_size] or gives[PROBABILITIES] != [1, len(self.labels)]:
            raise RnnkitError(f"{bundle.folder}: a step takes {shapes}, which do not fit. Export it again.")
        require_labels(self.labels, gives[PROBABILITIES][1], bundle.folder)

    def predict(self, sounds: Any) -> list[Prediction]:
        """Label sounds: one answer for each; a single one counts as a list of one.

        Args:
            sounds: samples at `rate`, `[time]`, floats from -1 to 1 or int16; or a list of these.

        Raises:
            RnnkitError: one is no samples, or is too short.
        """
        return [
            prediction_of(self._whole(each), self.labels) for each in ([sounds] if is_one_sound(sounds) else sounds)
        ]

    def _whole(self, samples: Any) -> np.ndarray:
        stream = SoundStream(self)
        stream.step(samples)
        return stream.finish()

    def stream(self, chunks: Iterable[Any], threshold: float = 0.8, hold: int = 5) -> Iterator[Decision]:
        """Decisions on samples as they come, as `rnnkit::Decider` of `rnnkit_micro.h` makes them, all of it one sound.

        Args:
            chunks: samples at `rate` in chunks of any length.
            threshold: the probability from which a label counts.
            hold: steps of `step_size` samples for which it has to.

        Raises:
            RnnkitError: a chunk is no samples.
        """
        stream = SoundStream(self)
        rows = (row for chunk in chunks for row in stream.step(samples_of(chunk, "The chunk")))
        return decisions(rows, self.labels, threshold, hold, silent_labels(self.labels))

    def first_states(self) -> list[np.ndarray]:
        """The states before the first sample: zeros."""
        details = self._run.get_input_details()
        return [np.zeros(details[name]["shape"], np.float32) for name in self._names]

    def next_states(self, samples: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
        """The probabilities after a step of `step_size` samples, float32 `[labels]`, and the states then."""
        with self._lock:
            made = self._run(**{SAMPLES: samples[None]}, **dict(zip(self._names, states, strict=True)))
        return finite(made[PROBABILITIES][0]), [made[name] for name in self._names]
