"""Frames that others made of sounds, with deltas and normalised: the front end where no samples are at hand."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from rnnkit.codec.filterbank import delta_filters
from rnnkit.codec.frame_scaling import beside, finished
from rnnkit.codec.spectrogram_settings import LEAST_VARIANCE, NORMALISE
from rnnkit.errors import RnnkitError

_LEAST_SHARE = 0.25  # of the median deviation of bands
_RANGES = {"static": (1, 8192), "hop": (0.5, 1000.0), "deltas": (0, 2), "delta_width": (1, 20), "memory": (1, 10**6)}


@dataclass(frozen=True)
class ReadyFrames:
    """A front end for ready-made frames, which adds deltas and normalises.

    Args:
        static: The features of a ready-made frame.
        hop: From one frame to the next, in milliseconds.
        deltas: As for `SpectrogramSettings`.
        delta_width: Likewise.
        normalise: Likewise.
        memory: Likewise.
        mean: Likewise.
        std: Likewise.

    Raises:
        RnnkitError: A setting is out of its range.

    Example:

    >>> ReadyFrames(13, deltas=2).encode(np.random.default_rng(0).normal(size=(50, 13))).shape
    (50, 39)
    """

    static: int
    hop: float = 10.0
    deltas: int = 0
    delta_width: int = 2
    normalise: str = "utterance"
    memory: int = 256
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            given = getattr(self, name)
            kind = int if isinstance(low, int) else (int, float)
            if isinstance(given, bool) or not isinstance(given, kind) or not low <= given <= high:
                raise RnnkitError(f"{name} is {given!r:.40}; expected a number from {low:g} to {high:g}.")
        if self.normalise not in NORMALISE:
            raise RnnkitError(f"normalise is {self.normalise!r:.40}; expected one of {', '.join(NORMALISE)}.")
        if {len(self.mean), len(self.std)} - {0, self.features} or len(self.mean) != len(self.std):
            raise RnnkitError(f"There are {len(self.mean)} means and {len(self.std)} deviations of {self.features}.")
        if not all(map(math.isfinite, (*self.mean, *self.std))) or any(each <= 0 for each in self.std):
            raise RnnkitError("A mean or standard deviation is no finite number, or a deviation is not above 0.")

    @property
    def features(self) -> int:
        """Features of a frame with its deltas."""
        return self.static * (self.deltas + 1)

    @property
    def context(self) -> int:
        """Frames on each side that deltas are taken over."""
        return self.deltas * self.delta_width

    @cached_property
    def slopes(self) -> np.ndarray:
        """The weights of deltas, float64 `[deltas + 1, 2 * context + 1]`."""
        return delta_filters(self.deltas, self.delta_width)

    def scales(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean and variance of each feature before anything is read, float64 `[features]` each.

        Raises:
            RnnkitError: They are not learnt yet, and are needed.
        """
        if self.normalise in ("none", "utterance"):
            return np.zeros(self.features), np.ones(self.features)
        if not self.mean:
            raise RnnkitError(f'normalise is "{self.normalise}", and no mean is known; learn it from frames: learnt()')
        return np.array(self.mean), np.square(self.std)

    def static_frames(self, frames: Any, place: str = "The sound") -> np.ndarray:
        """The frames as they were made, checked, float32 `[frames, static]`.

        Raises:
            RnnkitError: There is none, they have other features, or one is no finite number.
        """
        try:
            given = np.asarray(frames, np.float32)
        except (ValueError, TypeError):
            given = np.zeros(0, np.float32)
        if given.ndim != 2 or not len(given) or given.shape[1] != self.static:
            raise RnnkitError(f"{place} is {list(given.shape)}; expected ready-made frames, [frames, {self.static}].")
        if not np.isfinite(given).all():
            raise RnnkitError(f"{place} has a feature that is no finite number.")
        return given

    def encode(self, frames: Any, place: str = "The sound") -> np.ndarray:
        """What a network reads of the frames of a whole sound, float32 `[frames, features]`.

        Args:
            frames: Ready-made ones, `[frames, static]`.
            place: What messages call the sound.

        Raises:
            RnnkitError: As `static_frames`, or the scales are not learnt yet.
        """
        return finished(self.static_frames(frames, place), self)


def learnt_scales(settings: Any, sounds: Iterable[np.ndarray]) -> Any:
    """Settings of a front end with `mean` and `std` of training sounds, given as frames without deltas.

    Bands of one front end have like units. One that hardly moves in training (all above half the rate that sounds were
    recorded at) is divided by a quarter of the median, since the least noise would drown the others after its own.

    Args:
        settings: `ReadyFrames` or `Spectrogram`.
        sounds: The frames of each before deltas, `[frames, static]`, such as `static_frames` makes; one at least.

    Raises:
        RnnkitError: There is no sound.

    Example:

    >>> learnt_scales(ReadyFrames(1, normalise="corpus"), [np.array([[1.0], [3.0]])]).mean
    (2.0,)
    """
    count, total, squares = 0, np.zeros(settings.features), np.zeros(settings.features)
    for static in sounds:
        frames = beside(static.astype(np.float64), settings)
        count += len(frames)
        total += frames.sum(axis=0)
        squares += (frames**2).sum(axis=0)
    if not count:
        raise RnnkitError("There is no sound to learn mean and standard deviation from; give one at least.")
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, LEAST_VARIANCE))
    if not isinstance(settings, ReadyFrames):
        groups = std.reshape(len(settings.slopes), -1)
        std = np.maximum(groups, _LEAST_SHARE * np.median(groups, axis=1, keepdims=True)).ravel()
    return replace(settings, mean=tuple(mean.tolist()), std=tuple(std.tolist()))


def ready_frames_text(settings: ReadyFrames) -> str:
    """Settings as JSON.

    Example:

    >>> ready_frames_of(json.loads(ready_frames_text(ReadyFrames(13))), "it").static
    13
    """
    return json.dumps(asdict(settings), indent=1) + "\n"


def ready_frames_of(content: Any, where: str) -> ReadyFrames:
    """Settings from the parsed content of that file, which may come from anyone.

    Raises:
        RnnkitError: It is not what `ready_frames_text` writes.
    """
    known = [field.name for field in fields(ReadyFrames)]
    if not isinstance(content, dict) or set(content) != set(known):
        raise RnnkitError(f"{where} should have the settings {', '.join(known)}. It is broken; copy it again.")
    found = dict(content)
    for name in ("mean", "std"):
        numbers = found[name]
        if not isinstance(numbers, list) or not all(type(each) in (int, float) for each in numbers):
            raise RnnkitError(f"{where}: {name} is no list of numbers. It is broken; copy it again.")
        found[name] = tuple(map(float, numbers))
    try:
        return ReadyFrames(**found)
    except (RnnkitError, TypeError) as error:
        raise RnnkitError(f"{where}: {error}") from None
