"""The settings of a front end: how samples become frames, and the fixed numbers that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from rnnkit.codec.filterbank import cosine_transform, hann_window, mel_filterbank
from rnnkit.codec.frame_settings import FrameSettings
from rnnkit.errors import RnnkitError

#: The least energy of a band; about what 16-bit samples have of noise from rounding. A power of two, as the next, so
#: that no file rounds it.
FLOOR = 2.0**-20
#: The least variance that a feature is divided by the root of.
LEAST_VARIANCE = 2.0**-10
#: The ranges of settings.
_RANGES = {
    "rate": (1_000, 768_000), "window": (1.0, 500.0), "hop": (0.5, 500.0), "bands": (1, 512), "coefficients": (0, 512),
    "low": (0.0, 384_000.0), "high": (0.0, 384_000.0), "pre_emphasis": (0.0, 1.0), "deltas": (0, 2),
    "delta_width": (1, 20), "memory": (1, 1_000_000), "tail": (0.0, 2_000.0),
}  # fmt: skip


@dataclass(frozen=True)
class SpectrogramSettings(FrameSettings):
    """How samples become frames.

    Args:
        rate: Samples a second.
        window: Length of a frame in milliseconds.
        hop: From one frame to the next, in milliseconds; at most `window`.
        bands: The number of mel bands.
        coefficients: The number of cepstral coefficients (MFCC), the zeroth among them; 0: the bands themselves.
        low: Where the lowest band begins, in hertz.
        high: Where the highest one ends, in hertz; 0: half the rate.
        pre_emphasis: The share of the sample before that is taken off each.
        deltas: 0: none; 1: slopes over time; 2: also the slopes of these.
        delta_width: Frames on each side that a slope is taken over.
        normalise: "none"; "utterance": by mean and variance of the whole sound; "corpus": by `mean` and `std`;
            "running": by a mean and variance that begin with those and follow the sound.
        memory: Frames after which a running mean has forgotten a step of the level to a third.
        tail: Milliseconds of silence that follow each sound, which give a network of one direction time for its last
            word.
        mean: Of each feature in the training data, as `learnt` finds it.
        std: The standard deviation of each.

    Raises:
        RnnkitError: A setting is out of its range, or two do not go together.

    Example:

    >>> settings = SpectrogramSettings(rate=8000, coefficients=13, deltas=2)
    >>> settings.window_size, settings.hop_size, settings.fft_size, settings.features, settings.context
    (200, 80, 256, 39, 4)
    """

    LATER: ClassVar[Mapping[str, Any]] = {"tail": 0.0}

    rate: int = 16_000
    window: float = 25.0
    hop: float = 10.0
    bands: int = 40
    coefficients: int = 0
    low: float = 20.0
    high: float = 0.0
    pre_emphasis: float = 0.97
    deltas: int = 0
    delta_width: int = 2
    normalise: str = "utterance"
    memory: int = 256
    tail: float = 0.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        self.require_ranges(_RANGES)
        if self.hop_size < 1 or self.hop_size > self.window_size:
            raise RnnkitError(
                f"hop is {self.hop:g} ms and window {self.window:g} ms; expected a sample at least, and at most "
                "the window."
            )
        if not self.low < self.highest <= self.rate / 2:
            raise RnnkitError(
                f"low is {self.low:g} Hz and high {self.highest:g} Hz; expected low < high <= {self.rate / 2:g}, half "
                "the rate."
            )
        if self.coefficients > self.bands:
            raise RnnkitError(f"coefficients is {self.coefficients}; expected at most the {self.bands} bands.")
        self.require_scales()
        self.filters  # noqa: B018  refuses bands that are too narrow

    # ------------------------------------------------------------------ sizes and matrices

    @property
    def window_size(self) -> int:
        """Samples of a frame."""
        return round(self.rate * self.window / 1000)

    @property
    def hop_size(self) -> int:
        """Samples from one frame to the next."""
        return round(self.rate * self.hop / 1000)

    @property
    def tail_size(self) -> int:
        """Samples of silence behind a sound."""
        return round(self.rate * self.tail / 1000)

    @property
    def tail_frames(self) -> int:
        """Frames that reach into the silence behind a sound, at most."""
        return -(-self.tail_size // self.hop_size)

    @property
    def hops(self) -> int:
        """Hops of samples that a frame reaches into."""
        return -(-self.window_size // self.hop_size)

    @property
    def fft_size(self) -> int:
        """Samples of the Fourier transform."""
        return 1 << max(self.window_size - 1, 1).bit_length()

    @property
    def highest(self) -> float:
        """Where the highest band ends, in hertz."""
        return float(self.high or self.rate / 2)

    @property
    def static(self) -> int:  # type: ignore[override]
        """Features of a frame without its deltas."""
        return self.coefficients or self.bands

    @cached_property
    def weights(self) -> np.ndarray:
        """The window, float64 `[window_size]`."""
        return hann_window(self.window_size)

    @cached_property
    def filters(self) -> np.ndarray:
        """The mel filters, float64 `[fft_size // 2 + 1, bands]`."""
        return self.filters_at(1.0)

    def filters_at(self, warp: float) -> np.ndarray:
        """The mel filters where frequencies are stretched by a factor (`rnnkit.codec.filterbank.warped`).

        Raises:
            RnnkitError: A filter is so narrow that it has no bin.
        """
        return mel_filterbank(self.bands, self.fft_size, self.rate, self.low, self.highest, warp)

    @cached_property
    def cosines(self) -> np.ndarray:
        """The cosine transform, float64 `[bands, coefficients]`."""
        return cosine_transform(self.bands, self.coefficients)

    def first_frame(self, stride: int) -> int:
        """The first frame that is kept of every `stride`, so that a stream keeps the same ones: the last of the frames
        that so many hops of samples complete.

        Example:

        >>> SpectrogramSettings(window=25, hop=10).first_frame(2), SpectrogramSettings(window=30, hop=10).first_frame(3)
        (1, 0)
        """
        return -self.hops % stride

    def shortest(self, stride: int) -> int:
        """The samples of the shortest sound with a frame that is kept of every `stride`.

        Example:

        >>> SpectrogramSettings(rate=8000, window=25, hop=10).shortest(2)
        280
        """
        return self.window_size + self.first_frame(stride) * self.hop_size

    def frames(self, samples: int) -> int:
        """How many frames a whole sound of so many samples has, with its tail.

        Example:

        >>> SpectrogramSettings().frames(16_000), SpectrogramSettings().frames(399)
        (98, 0)
        >>> SpectrogramSettings(tail=300).frames(16_000), SpectrogramSettings(tail=300).frames(399)
        (128, 0)
        """
        return self.filled(samples + self.tail_size) if samples >= self.window_size else 0

    def filled(self, samples: int) -> int:
        """How many frames so many samples fill."""
        return max(0, 1 + (samples - self.window_size) // self.hop_size)

    def require_stream(self) -> None:
        """Refuse settings that need the whole sound.

        Raises:
            RnnkitError: The frames are normalised by the whole sound, or by scales that are not learnt yet.
        """
        if self.normalise == "utterance":
            raise RnnkitError(
                'normalise is "utterance", which needs the whole sound; a stream takes none, corpus or running.'
            )
        self.scales()
