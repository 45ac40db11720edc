"""From the samples of a sound to frames: log-mel bands or MFCC, the same in training, on a phone and in a browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from rnnkit.codec.frame_scaling import finished, normalised, with_slopes
from rnnkit.codec.ready_frames import learnt_scales
from rnnkit.codec.samples import samples_of
from rnnkit.codec.spectrogram_settings import FLOOR, SpectrogramSettings
from rnnkit.errors import RnnkitError

#: Frames that are made together, whose spectra take 16 MiB.
_AT_ONCE = 4096


@dataclass(frozen=True)
class Spectrogram(SpectrogramSettings):
    """A front end: the frames of a sound, made with the settings that `SpectrogramSettings` describes.

    A frame is `window` of samples, the next begins `hop` later. Nothing but `tail` is padded: frame t is of the samples
    from t * hop on, whatever comes in which chunks, and samples that fill no frame at the end give none.

    Equations:
        x_n = w_n (s_n - pre_emphasis s_{n-1})       w: Hann; the first sample of a frame has weight 0
        P_k = |sum_n x_n exp(-2 pi i k n / N)|^2     N: the power of two from `window` up
        c   = log(max(M P, 2^-20))                    M: `bands` mel filters from `low` to `high`
        c   = D c                                    D: DCT-II, where `coefficients` are wanted (MFCC)

    Deltas stand behind them, then each feature is normalised.

    Example:

    >>> spectrogram = Spectrogram(rate=8000, bands=20, coefficients=13, deltas=2)
    >>> second = np.sin(np.arange(8000) * 0.2).astype("float32")
    >>> spectrogram.encode(second).shape
    (98, 39)

    Reference:
        Davis and Mermelstein, 1980 (MFCC); Furui, 1986 (deltas); Viikki and Laurila, Cepstral Domain Segmental Feature
        Vector Normalization, Speech Communication 25, 1998 (normalisation by what was heard).
    """

    # ------------------------------------------------------------------ whole sounds

    def encode(self, samples: Any, place: str = "The sound", warp: float = 1.0) -> np.ndarray:
        """The frames of a whole sound, float32 `[frames, features]`.

        Args:
            samples: `[time]` at `rate`, as for `samples_of`.
            place: What messages call the sound.
            warp: A factor by which frequencies are stretched, as if another one spoke.

        Raises:
            RnnkitError: It is no sound, is shorter than a frame, or is to be normalised by scales not learnt yet.
        """
        return finished(self.static_frames(samples, place, warp), self)

    def static_frames(self, samples: Any, place: str = "The sound", warp: float = 1.0) -> np.ndarray:
        """The frames of a whole sound before deltas and normalisation, float64 `[frames, static]`.

        Args:
            samples: As for `encode`.
            place: Likewise.
            warp: Likewise.

        Raises:
            RnnkitError: It is no sound, or is shorter than a frame.
        """
        heard = samples_of(samples, place)
        if len(heard) < self.window_size:
            raise RnnkitError(
                f"{place} has {len(heard):,} samples, {1000 * len(heard) / self.rate:.3g} ms; a frame takes "
                f"{self.window_size:,}, {self.window:g} ms."
            )
        whole = np.pad(heard, (0, self.tail_size))
        return self._static(whole, self.filters if warp == 1 else self.filters_at(warp))

    def learnt(self, sounds: Iterable[Any]) -> "Spectrogram":
        """These settings with `mean` and `std` of the frames of training sounds, an iterable of samples; one at least.

        Example:

        >>> noise = np.random.default_rng(0).normal(0, 0.1, (3, 4000)).astype("float32")
        >>> spectrogram = Spectrogram(rate=8000, bands=4, normalise="corpus").learnt(noise)
        >>> frames = np.concatenate([spectrogram.encode(sound) for sound in noise])
        >>> frames.mean(axis=0).round(3).tolist(), frames.std(axis=0).round(3).tolist()
        ([0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0])
        """
        frames = (self.static_frames(sound, f"Sound {number}") for number, sound in enumerate(sounds, 1))
        return cast("Spectrogram", learnt_scales(self, frames))

    # ------------------------------------------------------------------ streams

    def start(self) -> "Heard":
        """What was heard before the first sample of a stream.

        Raises:
            RnnkitError: The frames are normalised by the whole sound, or by scales that are not learnt yet.
        """
        self.require_stream()
        mean, variance = self.scales()
        return Heard(np.zeros(0, np.float32), np.zeros((0, self.static)), mean, variance)

    def step(self, samples: Any, heard: "Heard", place: str = "The chunk") -> tuple[np.ndarray, "Heard"]:
        """The frames that a chunk completes, float32 `[frames, features]`, and what has been heard then.

        All of them joined, and `finish` behind them, are `encode` of the whole, whatever the chunks. A frame comes
        `context` frames late.

        Args:
            samples: A chunk of any length, `[time]`, as for `samples_of`.
            heard: What `start` or the step before gave.
            place: What messages call the chunk.

        Raises:
            RnnkitError: It is no sound.

        Example:

        >>> spectrogram = Spectrogram(rate=8000, bands=4, deltas=1, normalise="none")
        >>> frames, heard = spectrogram.step(np.ones(300, "float32"), spectrogram.start())
        >>> more, heard = spectrogram.step(np.ones(300, "float32"), heard)
        >>> len(frames), len(more), len(spectrogram.finish(heard))
        (0, 4, 2)
        """
        joined = np.concatenate([heard.samples, samples_of(samples, place)])
        static = self._static(joined, self.filters)
        rest = joined[len(static) * self.hop_size :]
        first = np.repeat(static[:1], self.context, axis=0) if not len(heard.frames) else static[:0]
        around = np.concatenate([heard.frames, first, static])
        frames, mean, variance = normalised(with_slopes(around, self), self, heard.mean, heard.variance)
        kept = around[max(0, len(around) - 2 * self.context) :] if self.context else around[:0]
        return frames, Heard(rest, kept, mean, variance)

    def finish(self, heard: "Heard") -> np.ndarray:
        """The last frames of a stream, float32 `[frames, features]`: those of the tail, and what waited for them."""
        tail, heard = self.step(np.zeros(self.tail_size, np.float32), heard)
        around = np.concatenate([heard.frames, np.repeat(heard.frames[-1:], self.context, axis=0)])
        last = normalised(with_slopes(around, self), self, heard.mean, heard.variance)[0]
        return np.concatenate([tail, last])

    # ------------------------------------------------------------------ parts of a frame

    def _static(self, samples: np.ndarray, filters: np.ndarray) -> np.ndarray:
        """Frames without deltas, float64 `[frames, static]`."""
        count = self.filled(len(samples))
        if not count:
            return np.zeros((0, self.static))
        views = np.lib.stride_tricks.sliding_window_view(samples, self.window_size)[:: self.hop_size]
        parts = [self._spectra(views[first : first + _AT_ONCE], filters) for first in range(0, count, _AT_ONCE)]
        return np.concatenate(parts)

    def _spectra(self, views: np.ndarray, filters: np.ndarray) -> np.ndarray:
        frames = views.astype(np.float64)
        frames[:, 1:] -= self.pre_emphasis * frames[:, :-1].copy()
        power = np.abs(np.fft.rfft(frames * self.weights, self.fft_size)) ** 2
        bands = np.log(np.maximum(power @ filters, FLOOR))
        return bands @ self.cosines if self.coefficients else bands


@dataclass(frozen=True)
class Heard:
    """What a stream has heard.

    Attributes:
        samples: Those that filled no frame yet, float32 `[time]`.
        frames: The last frames without deltas, float64 `[up to 2 * context, static]`.
        mean: Of each feature as it is now, float64 `[features]`.
        variance: The same.
    """

    samples: np.ndarray
    frames: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
