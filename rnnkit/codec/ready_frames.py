"""Frames that others made of sounds, with deltas and normalised: the front end where no samples are at hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnkit.codec.frame_scaling import beside, finished
from rnnkit.codec.frame_settings import FrameSettings
from rnnkit.codec.spectrogram_settings import LEAST_VARIANCE
from rnnkit.errors import RnnkitError

_LEAST_SHARE = 0.25  # of the median deviation of bands
_RANGES = {"static": (1, 8192), "hop": (0.5, 1000.0), "deltas": (0, 2), "delta_width": (1, 20), "memory": (1, 10**6)}


@dataclass(frozen=True)
class ReadyFrames(FrameSettings):
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
        self.require_ranges(_RANGES)
        self.require_scales()

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
    Frames that reach into the tail of silence do not count.

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
        frames = frames[: len(frames) - settings.tail_frames]
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
