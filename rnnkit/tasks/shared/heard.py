"""Recordings that were read: their frames, and what is wrong with those that could not be."""

from dataclasses import dataclass, field

import numpy as np

from rnnkit.data.bucketing import Ragged
from rnnkit.data.sound_findings import SoundFacts

_FULL = 32_767


@dataclass
class Heard:
    """Recordings as frames.

    Attributes:
        places: Which recordings could be read, int64 `[read]`; the others are in `faults`.
        static: The frames of each before deltas and normalisation, float32 `[frames, static]`.
        samples: The samples of each, int16; None where they were not asked for.
        digests: Of each.
        faults: What is wrong with those that cannot be read, by place.
        facts: Of each sound that was opened now.
    """

    places: np.ndarray
    static: Ragged
    samples: Ragged | None
    digests: list[str]
    faults: dict[int, str] = field(default_factory=dict)
    facts: list[SoundFacts] = field(default_factory=list)


def kept(samples: np.ndarray) -> np.ndarray:
    """Samples from -1 to 1 in half the memory, int16 `[time]`.

    Example:

    >>> as_heard(kept(np.array([0.5, -1.0]))).round(4).tolist()
    [0.5, -1.0]
    """
    return np.round(np.clip(samples, -1, 1) * _FULL).astype(np.int16)


def as_heard(samples: np.ndarray) -> np.ndarray:
    """What `kept` kept, float32 `[time]`."""
    return samples / np.float32(_FULL)
