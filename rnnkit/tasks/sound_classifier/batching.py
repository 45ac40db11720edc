"""Batches of sounds, changed at random where training shuffles them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.sound_augmentation import changed_samples, masked_frames, random_warp
from rnnkit.tasks.shared.sound_batches import EncodedSounds
from rnnkit.tasks.shared.sound_options import changes_sounds

_FULL = np.float32(32_767)  # of the samples that `Hearing` keeps


def float_samples(encoded: EncodedSounds, index: int) -> np.ndarray:
    """The samples of a sound that `Hearing` kept, float32 `[time]`."""
    if encoded.samples is None:
        raise ValueError("these sounds were encoded without their samples")
    found: np.ndarray = encoded.samples[index] / _FULL
    return found


def changes_samples(options: Any) -> bool:
    """Whether samples are changed, and not their frames alone."""
    return bool(changes_sounds(options) or options.shift or options.gain)


def heard_frames(
    encoded: EncodedSounds,
    index: int,
    hearing: Hearing,
    options: Any,
    seed: tuple[int, ...],
    backgrounds: Sequence[np.ndarray] = (),
) -> np.ndarray:
    """The frames of a sound as a training step hears it, float32 `[frames, features]`; the same seed changes it in the
    same way.

    Args:
        encoded: The training part.
        index: Which of its sounds.
        hearing: The task's front end.
        options: `SoundClassifierOptions`; 0 leaves a change out.
        seed: Of the training, the epoch and the sound.
        backgrounds: Recordings without words, to mix in, each `[time]`.
    """
    random, front = np.random.default_rng(seed), hearing.front
    frames = encoded.inputs[index]
    if encoded.samples is not None and isinstance(front, Spectrogram) and changes_samples(options):
        later = _later(float_samples(encoded, index), options.shift * front.rate, random)
        samples = changed_samples(later, options, random, backgrounds)
        samples = samples * np.float32(10 ** (random.uniform(-1, 1) * options.gain / 20))
        if front.frames(len(samples)) >= min(len(frames), options.stride + 1):
            frames = front.encode(samples, warp=random_warp(options, random))
    return masked_frames(frames, options, 1000 * hearing.seconds_a_frame, random)


def _later(samples: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """A sound with a quiet noise of random lengths before and behind it, each of so many samples at most."""
    before, behind = (1e-4 * random.normal(size=round(most * random.random())) for _ in range(2))
    return np.concatenate([before, samples, behind]).astype(np.float32)
