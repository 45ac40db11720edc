"""How a task hears: files or samples to frames, with a front end that stays with the Run."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.codec.frame_scaling import finished
from rnnkit.codec.frame_settings import settings_of, settings_text
from rnnkit.codec.ready_frames import ReadyFrames, learnt_scales
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.data.bucketing import Ragged
from rnnkit.data.sound_findings import SoundFacts, facts_of
from rnnkit.data.sound_frames import read_frames
from rnnkit.data.sounds import Sound, open_sound, samples_at
from rnnkit.errors import RnnkitError
from rnnkit.files.reading import read_json
from rnnkit.tasks.shared.frame_cache import FrameCache
from rnnkit.tasks.shared.heard import Heard as Heard
from rnnkit.tasks.shared.heard import kept
from rnnkit.tasks.shared.recordings import FRAME_SUFFIXES, Recording, frames_width
from rnnkit.tasks.shared.sound_options import AUTO
from rnnkit.training.bars import counted

#: The file of the front end, in a Run and in a bundle: of sounds, and of ready-made frames.
SPECTROGRAM_FILE, FRAMES_FILE = "spectrogram.json", "frames.json"
_BLOCK = 256  # recordings that are kept in a file of the cache
#: Settings of frames that are applied behind the cache.
_BEHIND = ("deltas", "delta_width", "normalise", "memory", "mean", "std")


class Hearing:
    """The front end of a task, and how recordings reach it.

    Args:
        options: The task's, with `SoundOptions`.
        front: The front end, where it is known.

    Example:

    >>> from rnnkit.tasks.shared.sound_options import SoundOptions
    >>> hearing = Hearing(SoundOptions(rate=8000))
    >>> hearing.choose([Recording(np.zeros(80), "no", "it")], "utterance")
    >>> hearing.front.encode(hearing.samples_of(np.sin(np.arange(8000)).astype("float32"), "it")).shape
    (98, 40)
    """

    def __init__(self, options: Any, front: Spectrogram | ReadyFrames | None = None) -> None:
        self.options, self._front = options, front

    @property
    def front(self) -> Spectrogram | ReadyFrames:
        """The front end.

        Raises:
            RnnkitError: It is not chosen yet.
        """
        if self._front is None:
            raise RnnkitError("This task has not heard anything yet; call fit(...) first.")
        return self._front

    @property
    def reads_samples(self) -> bool:
        """Whether inputs are sounds rather than ready-made frames."""
        return isinstance(self.front, Spectrogram)

    @property
    def seconds_a_frame(self) -> float:
        """From one frame to the next."""
        front = self.front
        return front.hop_size / front.rate if isinstance(front, Spectrogram) else front.hop / 1000

    @property
    def per_second(self) -> float:
        """Samples, or ready-made frames, in a second of what a file takes."""
        front = self.front
        return front.rate if isinstance(front, Spectrogram) else 1000 / front.hop

    @property
    def noun(self) -> str:
        """The noun for these, in the plural."""
        return "samples" if self.reads_samples else "frames"

    # ------------------------------------------------------------------ choosing and learning

    def choose(self, rows: Sequence[Recording], normalise: str, tail: float = 0.0) -> None:
        """Set the front end by what the first recording is; of ready-made frames, the first that can be read.

        Args:
            rows: Recordings of the data.
            normalise: What "auto" stands for in the options.
            tail: Seconds of silence behind each sound.

        Raises:
            RnnkitError: None can be read, or the options do not go together.
        """
        options = self.options
        how = options.normalise if options.normalise != AUTO else normalise
        if not rows[0].is_frames:
            names = ("rate", "window", "hop", "bands", "coefficients", "low", "high", "pre_emphasis", "deltas")
            self._front = Spectrogram(
                **{name: getattr(options, name) for name in names}, normalise=how, tail=1000 * tail
            )
            self._front.filters_at(1 - getattr(options, "warp", 0))  # refuses bands that become too narrow
            return
        for name in ("noise", "warp"):
            if getattr(options, name, 0):
                raise RnnkitError(f"{name} changes sounds, and these data are ready-made frames. Leave --{name} out.")
        self._front = ReadyFrames(frames_width(rows), options.hop, options.deltas, normalise=how)

    def learn_scales(self, static: Iterable[np.ndarray]) -> None:
        """Learn mean and standard deviation from training frames, where the normalisation needs them."""
        if self.front.normalise in ("corpus", "running"):
            self._front = learnt_scales(replace(self.front, mean=(), std=()), static)

    # ------------------------------------------------------------------ recordings to frames

    def read(
        self,
        rows: Sequence[Recording],
        *,
        keep_samples: bool = False,
        silent: bool = False,
        cached: bool = True,
    ) -> Heard:
        """The frames of recordings, with a bar on the screen; those that cannot be read are told and left out.

        Args:
            rows: The recordings.
            keep_samples: Whether samples are wanted, too, to change them in training.
            silent: Whether a recording may be silent.
            cached: Whether frames that the cache has are taken from it, and others are put there.
        """
        cache = FrameCache(self._cached_by(), keep=self.options.cache and cached)
        heard = Heard(np.zeros(0, np.int64), Ragged.from_iterable([]), None, [])
        places, static, samples, new = list[int](), list[np.ndarray](), list[np.ndarray](), dict[str, np.ndarray]()
        for place, row in enumerate(counted(rows, "recordings")):
            try:
                digest = row.digest()
                frames = cache.get(digest)
                given: Any = None
                if frames is None or keep_samples:
                    given = self._opened(row.given, row.name, silent, heard.facts)
                if frames is None:
                    frames = new[digest] = self.front.static_frames(given, row.name).astype(np.float32)
            except RnnkitError as error:
                heard.faults[place] = str(error)
                continue
            places.append(place)
            static.append(frames)
            if keep_samples:
                samples.append(kept(given))
            heard.digests.append(digest)
            if len(new) >= _BLOCK:
                cache.put(list(new), list(new.values()))
                new.clear()
        cache.put(list(new), list(new.values()))
        heard.places = np.array(places, np.int64)
        heard.static = Ragged.from_iterable(static)
        heard.samples = Ragged.from_iterable(samples) if keep_samples else None
        return heard

    def finish(self, static: Ragged) -> Ragged:
        """What the network reads of frames before deltas and normalisation, float32 `[frames, features]` each."""
        return Ragged.from_iterable(finished(row, self.front) for row in static)

    def samples_of(self, given: Any, place: str, silent: bool = True) -> np.ndarray:
        """The samples of a recording at the front end's rate, float32 `[time]`; ready-made frames as they are, checked.

        Args:
            given: As for `Recording`.
            place: What messages call it.
            silent: Whether it may be silent.

        Raises:
            RnnkitError: It cannot be read, is another kind than the training data, or too long.
        """
        return np.asarray(self._opened(given, place, silent))

    def _opened(self, given: Any, place: str, silent: bool, facts: list[SoundFacts] | None = None) -> Any:
        front, longest = self.front, self.options.longest
        given = Path(given) if isinstance(given, str) else given
        if isinstance(front, ReadyFrames):
            if isinstance(given, Path) and given.suffix.lower() not in FRAME_SUFFIXES:
                raise RnnkitError(f"{place} is no file of frames; this network reads {', '.join(FRAME_SUFFIXES)}.")
            frames = front.static_frames(read_frames(given, front.static) if isinstance(given, Path) else given, place)
            if len(frames) * self.seconds_a_frame > longest:
                raise RnnkitError(
                    f"{place} lasts {len(frames) * self.seconds_a_frame:.1f} s; --longest is {longest:g}."
                )
            return frames
        if isinstance(given, Path):
            if given.suffix.lower() in FRAME_SUFFIXES:
                raise RnnkitError(f"{place} has ready-made frames; this network reads sounds.")
            sound = open_sound(given, front.rate, longest, silent)
            if facts is not None:
                facts.append(facts_of(place, sound))
            return sound.samples
        if isinstance(given, Sound):
            given = (given.samples, given.rate)
        made = samples_at(given, front.rate, place)
        if len(made) > longest * front.rate:
            raise RnnkitError(f"{place} lasts {len(made) / front.rate:.1f} s; --longest is {longest:g}.")
        return made

    def _cached_by(self) -> dict[str, Any]:
        settings = {name: value for name, value in asdict(self.front).items() if name not in _BEHIND}
        return {**settings, "kind": type(self.front).__name__, "longest": self.options.longest}

    def shown(self, frames: np.ndarray) -> np.ndarray:
        """What a picture shows of finished frames: their bands, `[frames, bands]`, smoothed where they are of cepstra;
        of ready-made frames these, without deltas."""
        front = self.front
        static = frames[:, : front.static]
        if not isinstance(front, Spectrogram) or not front.coefficients:
            return static
        spread = np.array(front.std[: front.static]) if front.std else np.ones(front.static)
        bands: np.ndarray = (static * spread) @ front.cosines.T
        return bands

    # ------------------------------------------------------------------ the Run

    @property
    def file(self) -> str:
        """The name of the front end's file."""
        return SPECTROGRAM_FILE if self.reads_samples else FRAMES_FILE

    def text(self) -> str:
        """The content of that file."""
        return settings_text(self.front)

    def save(self, folder: Path) -> None:
        """Write the front end's settings."""
        (folder / self.file).write_text(self.text(), encoding="utf-8")

    def load(self, folder: Path) -> None:
        """Read what `save` wrote.

        Raises:
            RnnkitError: The file is missing or damaged.
        """
        ready = folder / FRAMES_FILE
        path = ready if ready.is_file() else folder / SPECTROGRAM_FILE
        content = read_json(path)
        kind: Any = ReadyFrames if path == ready else Spectrogram
        self._front = settings_of(kind, content, str(path))
