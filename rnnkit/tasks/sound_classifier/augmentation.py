"""Random changes of the samples of training sounds."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnkit.tasks.shared.sound_augmentation import changed_samples
from rnnkit.tasks.shared.sound_options import changes_sounds


def changes_samples(options: Any) -> bool:
    """Whether samples are changed, and not their frames alone."""
    return bool(changes_sounds(options) or options.shift or options.gain)


def changed_sound(
    samples: np.ndarray, random: np.random.Generator, options: Any, rate: int, backgrounds: Sequence[np.ndarray] = ()
) -> np.ndarray:
    """A sound with silence around it, at another speed, with noise and louder or quieter, float32 `[time]`.

    Args:
        samples: float32 `[time]`.
        random: Where the changes come from.
        options: `SoundClassifierOptions`; 0 leaves a change out.
        rate: Samples a second.
        backgrounds: Recordings without words, to mix in, each `[time]`.
    """
    later = _later(samples, options.shift * rate, random)
    changed = changed_samples(later, options, random, backgrounds)
    return changed * np.float32(10 ** (random.uniform(-1, 1) * options.gain / 20))


def _later(samples: np.ndarray, most: float, random: np.random.Generator) -> np.ndarray:
    """A sound with a quiet noise of random lengths before and behind it, each of so many samples at most."""
    before, behind = (1e-4 * random.normal(size=round(most * random.random())) for _ in range(2))
    return np.concatenate([before, samples, behind]).astype(np.float32)
