"""Random changes of training sounds: speed, noise and frequencies of samples; speed and hidden parts of frames."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.data.sounds import resampled

_STEEPEST = 1.0  # exponent of the spectrum of noise: 0 is white, 1 pink
_GRAIN = 100  # speeds differ by one in so many, since resampling by odd ratios takes long


def changed_samples(
    samples: np.ndarray, options: Any, random: np.random.Generator, backgrounds: Sequence[np.ndarray] = ()
) -> np.ndarray:
    """A sound at another speed and with noise, float32 `[time]`.

    Args:
        samples: float32 `[time]`.
        options: `SoundAugmentationOptions`; 0 leaves a change out.
        random: Where the changes come from.
        backgrounds: Recordings of noise, each `[time]`; without them the noise is between white and pink.

    Example:

    >>> from rnnkit.tasks.shared.sound_options import SoundAugmentationOptions
    >>> options = SoundAugmentationOptions(speed=0.2, noise=0.5)
    >>> lengths = {len(changed_samples(np.ones(800, "f"), options, np.random.default_rng(seed))) for seed in range(9)}
    >>> min(lengths) < 800 < max(lengths)
    True

    Reference:
        Ko et al., Audio Augmentation for Speech Recognition, Interspeech 2015 (speed).
    """
    if options.speed:
        percent = round(_GRAIN * (1 + random.uniform(-options.speed, options.speed)))
        samples = resampled(samples, percent, _GRAIN)
    if options.noise and len(samples):
        share = options.noise * random.random()
        noise = _cut(backgrounds, len(samples), random) if len(backgrounds) else coloured(len(samples), random)
        loud = float(np.sqrt(np.mean(np.square(noise)))) or 1.0
        samples = samples + noise * np.float32(share * float(np.sqrt(np.mean(np.square(samples)))) / loud)
    return np.asarray(samples, np.float32)


def random_warp(options: Any, random: np.random.Generator) -> float:
    """A factor by which frequencies are stretched; 1 where that is off, and nothing is drawn."""
    return 1 + random.uniform(-options.warp, options.warp) if options.warp else 1.0


def coloured(size: int, random: np.random.Generator) -> np.ndarray:
    """Noise between white and pink, float32 `[size]`, of about loudness 1."""
    spectrum = np.fft.rfft(random.normal(size=size))
    tilt = np.maximum(np.arange(len(spectrum)), 1.0) ** (-_STEEPEST * random.random() / 2)
    noise = np.fft.irfft(spectrum * tilt, size)
    return (noise / max(float(noise.std()), 1e-9)).astype(np.float32)


def changed_speed(static: np.ndarray, options: Any, random: np.random.Generator) -> np.ndarray:
    """Ready-made frames at another speed, each between two of them, float32 `[frames, features]`; the pitch stays.

    Args:
        static: Frames without deltas, `[frames, features]`.
        options: `SoundAugmentationOptions`.
        random: Where the speed comes from.
    """
    if not options.speed or len(static) < 2:
        return static
    count = max(round(len(static) / (1 + random.uniform(-options.speed, options.speed))), 1)
    at = np.linspace(0, len(static) - 1, count)
    before = np.minimum(at.astype(np.int64), len(static) - 2)
    share = (at - before)[:, None].astype(np.float32)
    return static[before] * (1 - share) + static[before + 1] * share


def masked_frames(frames: np.ndarray, options: Any, hop: float, random: np.random.Generator) -> np.ndarray:
    """Frames of which stretches of time and ranges of features are 0, their mean, float32 `[frames, features]`.

    Args:
        frames: Normalised ones.
        options: `SoundAugmentationOptions`.
        hop: From one frame to the next, in milliseconds.
        random: Where the masks come from.

    Reference:
        Park et al., SpecAugment, Interspeech 2019 (arXiv:1904.08779), section 2.
    """
    frames = frames.copy()
    count, features = frames.shape
    longest = round(1000 * options.time_mask / hop)
    for _ in range(options.time_masks if longest else 0):
        size = min(int(random.integers(0, longest + 1)), count // 2)  # no mask hides most of a short word
        first = int(random.integers(0, count - size + 1))
        frames[first : first + size] = 0
    widest = round(features * options.frequency_mask)
    for _ in range(options.frequency_masks if widest else 0):
        size = int(random.integers(0, widest + 1))
        first = int(random.integers(0, features - size + 1))
        frames[:, first : first + size] = 0
    return frames


def _cut(backgrounds: Sequence[np.ndarray], size: int, random: np.random.Generator) -> np.ndarray:
    """A stretch of a recording of noise, which repeats where it is shorter."""
    noise = backgrounds[int(random.integers(len(backgrounds)))]
    first = int(random.integers(len(noise)))
    return np.resize(np.roll(noise, -first), size) if size > len(noise) - first else noise[first : first + size]
