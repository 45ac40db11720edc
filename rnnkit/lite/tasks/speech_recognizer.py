"""Write down speech with an exported recogniser, whole recordings or samples as they come, in chunks of any size."""

from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from threading import Lock
from typing import Any

import numpy as np

from rnnkit.codec.frame_settings import settings_of
from rnnkit.codec.ready_frames import ReadyFrames
from rnnkit.codec.samples import is_one_sound, samples_of
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.codec.transcript_units import units_of
from rnnkit.codec.wav import read_wav
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import parse_json
from rnnkit.lite.answers.transcripts import Transcript
from rnnkit.lite.bundle import Bundle
from rnnkit.lite.finite import finite
from rnnkit.lite.interpreter import open_model, padded, warm_up
from rnnkit.lite.speech_stream import SpeechStream
from rnnkit.lite.step_file import StepFile, state_names
from rnnkit.lite.transcribing import Transcriber

#: The names of what goes in and comes out.
SAMPLES, FRAMES, LOG_PROBS, VALID = "samples", "frames", "log_probs", "valid"
_MOST_STRIDE = 16
_SPECTROGRAM = "spectrogram.json"


class SpeechRecognizer:
    """Runs a bundle of the task "speech_recognizer"; `rnnkit.lite.load` makes it.

    A lock lets threads share one recogniser, one recording at a time; each stream is one thread's own.

    Args:
        bundle: what `read_bundle` gave.
        num_threads: threads the runtime may use.

    Raises:
        RnnkitError: a file of the bundle is missing or altered, or the files do not fit each other.
    """

    def __init__(self, bundle: Bundle, num_threads: int = 1):
        self.bundle = bundle
        self.units = units_of(self._json("units"), str(bundle.folder / bundle.setting("units", str)))
        words = self._json("words")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise RnnkitError(f"{bundle.folder}: the words are no list of texts. Export it again.")
        self.words: list[str] = words
        where = str(bundle.folder / bundle.setting("front_end", str))
        kind: Any = Spectrogram if bundle.setting("front_end", str) == _SPECTROGRAM else ReadyFrames
        self.front: Spectrogram | ReadyFrames = settings_of(kind, self._json("front_end"), where)
        self.stride = bundle.number("stride", 1, _MOST_STRIDE)
        self._states = state_names(bundle)
        self._lock = Lock()
        self._open_whole(num_threads)
        if self._states:
            if not isinstance(self.front, Spectrogram):
                raise RnnkitError(f"{bundle.folder}: ready-made frames have no streams of samples. Export it again.")
            takes, gives = (SAMPLES, self.step_size), (LOG_PROBS, self.units.classes)
            self._step = StepFile(bundle, num_threads, "recogniser of speech", takes, gives, more=(VALID,))

    def _json(self, name: str) -> Any:
        return parse_json(self.bundle.read(name), str(self.bundle.folder / self.bundle.setting(name, str)))

    @property
    def seconds(self) -> float:
        """From one step to the next."""
        front = self.front
        frame = front.hop_size / front.rate if isinstance(front, Spectrogram) else front.hop / 1000
        return self.stride * frame

    @property
    def hops(self) -> int:
        """Hops of samples that a frame reaches into."""
        assert isinstance(self.front, Spectrogram)
        return self.front.hops

    @property
    def step_size(self) -> int:
        """Samples of a step of a stream."""
        assert isinstance(self.front, Spectrogram)
        return self.stride * self.front.hop_size

    def transcriber(self, **how: Any) -> Transcriber:
        """What makes answers of log-probabilities, by `TranscriptOptions`; made once, it serves many recordings."""
        tail = self.front.tail_frames * self.seconds / self.stride
        return Transcriber(self.units, self.words, self.seconds, how, tail=tail)

    # ------------------------------------------------------------------ whole recordings

    def predict(self, sounds: Any, **how: Any) -> list[Transcript]:
        """Write down recordings: one answer for each; a single one counts as a list of one.

        Args:
            sounds: names of WAV files of one channel at the front end's rate, or samples at that rate, `[time]`, floats
                from -1 to 1 or int16; where it was trained on ready-made frames, those `[frames, features]`; or a list
                of these.
            **how: `rnnkit.lite.transcribing.TranscriptOptions`, such as lexicon="words"; `language_model` may also be
                what `rnnkit.lite.load` made of one.

        Raises:
            RnnkitError: one is none of these, is too short or too long; or an option is unknown or out of range.
        """
        transcriber = self.transcriber(**how)
        one = is_one_sound(sounds, frames=isinstance(self.front, ReadyFrames))
        return [transcriber.answer(row) for row in self.log_probs([sounds] if one else sounds)]

    def faults(self, sounds: Sequence[Any]) -> dict[int, str]:
        """The faults of recordings that cannot be read, by index."""
        found = {}
        for place, given in enumerate(sounds):
            try:
                self._given(given, f"Recording {place + 1}")
            except RnnkitError as error:
                found[place] = str(error)
        return found

    def run(self, sounds: Iterable[Any]) -> np.ndarray:
        """The probabilities of all steps of recordings, one behind the other, float32 `[steps, classes]`.

        Args:
            sounds: as for `predict`, a list.

        Raises:
            RnnkitError: as `predict`.
        """
        rows = self.log_probs(sounds)
        return np.exp(np.concatenate(rows)) if rows else np.zeros((0, self.units.classes), np.float32)

    def log_probs(self, sounds: Iterable[Any]) -> list[np.ndarray]:
        """The log-probabilities of each recording, float32 `[steps, classes]`.

        Args:
            sounds: as for `predict`, a list.

        Raises:
            RnnkitError: as `predict`.
        """
        return [self._run(self._given(given, f"Recording {place}")) for place, given in enumerate(sounds, 1)]

    def _given(self, given: Any, what: str) -> np.ndarray:
        """What the file takes of a recording."""
        named, front, most = isinstance(given, str | PathLike), self.front, self.bundle.max_length
        what = str(given) if named else what
        if isinstance(front, ReadyFrames):
            if named:
                raise RnnkitError(f"{what} is the name of a file; this bundle reads arrays [frames, {front.static}].")
            made, count = front.encode(given, what), len(given)
        else:
            made = read_wav(given, front.rate) if named else samples_of(given, what)
            count = len(made)
        noun = "samples" if isinstance(front, Spectrogram) else "frames"
        if count > most and self.bundle.fixed_length:
            raise RnnkitError(
                f"{what} has {count:,} {noun}; this bundle takes up to {most:,}: export it with --length N or "
                "--strategy loop, which take more."
            )
        if not self._steps(count) or count > most:
            raise RnnkitError(
                f"{what} has {count:,} {noun}; expected those of {self.seconds:.3g} seconds at least, and {most:,} at "
                "most."
            )
        return made

    def _steps(self, count: int) -> int:
        """The steps of so many samples or frames."""
        return (self.front.frames(count) if isinstance(self.front, Spectrogram) else count) // self.stride

    def _run(self, given: np.ndarray) -> np.ndarray:
        steps = self._steps(len(given))
        if self.bundle.fixed_length:
            given = padded(given, self.bundle.max_length, np.nan)
        with self._lock:
            taken = self._whole.get_input_details()[0]
            if taken["shape"][1] != len(given):
                self._whole.resize_tensor_input(taken["index"], [1, *given.shape])
                self._whole.allocate_tensors()
            self._whole.set_tensor(taken["index"], given[None])
            self._whole.invoke()
            answer = self._whole.get_tensor(self._whole.get_output_details()[0]["index"])
            if (found := answer.shape[1]) < steps:
                where = self.bundle.folder
                raise RnnkitError(f"{where}: the model gives {found:,} steps; expected {steps:,}. Export it again.")
            return np.array(finite(answer[0, :steps]))

    # ------------------------------------------------------------------ streams

    def open_stream(self, keep: bool | None = None, **how: Any) -> SpeechStream:
        """A stream at its beginning.

        Args:
            keep: whether it keeps all log-probabilities, as `SpeechStream`.
            **how: as for `predict`.

        Raises:
            RnnkitError: the network needs whole recordings; or as `predict`.
        """
        if not self._states:
            raise RnnkitError(
                f"{self.bundle.folder} answers whole recordings alone: its network reads them in both directions, "
                "needs frames to come, or normalises by the whole. Train with --no-bidirectional, --deltas 0 and "
                "--normalise running to have streams."
            )
        return SpeechStream(self, self.transcriber(**how), keep)

    def stream(self, chunks: Iterable[Any], **how: Any) -> Iterator[str]:
        """The text so far, each time it changes, on samples as they come, such as a microphone's.

        Args:
            chunks: samples at the front end's rate in chunks of any length; may have no end: the text alone grows.
            **how: as for `predict`.

        Raises:
            RnnkitError: a chunk is no samples, or as `open_stream`.

        Example:

        >>> import rnnkit.lite
        >>> digits = rnnkit.lite.load("saved_models/spoken_digits/lite")  # doctest: +SKIP
        >>> for text in digits.stream(microphone):  # doctest: +SKIP
        ...     print(text)
        """
        stream, said = self.open_stream(**{"keep": False, **how}), ""
        for chunk in chunks:
            text = stream.step(chunk)
            if text != said:
                yield (said := text)
        if (text := stream.finish_text()) != said:
            yield text

    def first_states(self) -> list[np.ndarray]:
        """The states before the first sample."""
        return self._step.first_states()

    def next_states(self, samples: np.ndarray, states: list[np.ndarray]) -> tuple[np.ndarray | None, list[np.ndarray]]:
        """The log-probabilities after a step of `step_size` samples, float32 `[classes]`, None before the first frames
        are whole; and the states then."""
        made, states = self._step.run(samples, states)
        return finite(made[LOG_PROBS][0]) if made[VALID][0] > 0.5 else None, states

    # ------------------------------------------------------------------ the files

    def _open_whole(self, num_threads: int) -> None:
        self._whole = open_model(self.bundle.read("model"), num_threads)
        details = (*self._whole.get_input_details(), *self._whole.get_output_details())
        shapes = [[int(side) for side in each["shape_signature"]] for each in details]
        length = self.bundle.max_length if self.bundle.fixed_length else -1
        takes = [1, length] if isinstance(self.front, Spectrogram) else [1, length, self.front.features]
        classes = [each[-1:] for each in shapes[1:]] == [[self.units.classes]]
        if shapes[0] != takes or not classes or any(np.dtype(each["dtype"]) != np.float32 for each in details):
            raise RnnkitError(
                f"{self.bundle.folder}: the model takes and gives {shapes}; expected {takes} and [1, steps, "
                f"{self.units.classes}]. Export it again."
            )
        if self.bundle.strategy == "padded":
            warm_up(self._whole.get_signature_runner())
