"""Encoded recordings, and batches of them that training changes at random."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnkit.codec.frame_scaling import finished
from rnnkit.codec.spectrogram import Spectrogram
from rnnkit.data.batches import Batch, Batches
from rnnkit.data.bucketing import Ragged
from rnnkit.tasks.base.examples import Encoded
from rnnkit.tasks.shared.heard import as_heard
from rnnkit.tasks.shared.hearing import Hearing
from rnnkit.tasks.shared.sound_augmentation import changed_speed, masked_frames, random_warp
from rnnkit.tasks.shared.sound_options import augments

#: `(samples, random) -> samples`, all float32 `[time]`.
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@dataclass
class EncodedSounds(Encoded):
    """Recordings as numbers: `inputs` are the frames that the network reads, float32 `[frames, features]` each.

    Attributes:
        names: Of the recordings.
        static: Frames before deltas and normalisation, to change their speed; None where nothing is changed.
        samples: int16 samples, to change them; None likewise, and for ready-made frames.
    """

    targets: Any
    names: list[str]
    static: Ragged | None = None
    samples: Ragged | None = None

    def take(self, indices: np.ndarray) -> "EncodedSounds":
        def some(ragged: Ragged | None) -> Ragged | None:
            return None if ragged is None else ragged.take(indices)

        targets = self.targets.take(indices) if isinstance(self.targets, Ragged) else self.targets[indices]
        names = [self.names[int(index)] for index in indices]
        return EncodedSounds(self.inputs.take(indices), targets, names, some(self.static), some(self.samples))


def float_samples(encoded: EncodedSounds, index: int) -> np.ndarray:
    """The samples of a recording that were kept, float32 `[time]`."""
    if encoded.samples is None:
        raise ValueError("these recordings were encoded without their samples")
    return as_heard(encoded.samples[index])


def changed_frames(
    encoded: EncodedSounds,
    index: int,
    hearing: Hearing,
    options: Any,
    seed: tuple[int, ...],
    change: Change | None = None,
    least: int = 1,
) -> np.ndarray:
    """The frames of a recording as a training step sees them, float32 `[frames, features]`; the same seed changes it in
    the same way.

    Args:
        encoded: The training part.
        index: Which of its recordings.
        hearing: The task's front end.
        options: `SoundAugmentationOptions`.
        seed: Of the training, the epoch and the recording.
        change: Changes samples; None where frames are changed alone.
        least: Frames that it must keep; where another speed leaves fewer, the recording stays as it is.
    """
    random, front = np.random.default_rng(seed), hearing.front
    frames = encoded.inputs[index]
    if change is not None and encoded.samples is not None and isinstance(front, Spectrogram):
        samples = change(float_samples(encoded, index), random)
        if front.frames(len(samples)) >= least:
            frames = front.encode(samples, warp=random_warp(options, random))
    elif encoded.static is not None and options.speed:
        static = changed_speed(encoded.static[index], options, random)
        if len(static) >= least:
            frames = finished(static, front)
    return masked_frames(frames, options, 1000 * hearing.seconds_a_frame, random)


class SoundBatches(Batches):
    """Batches of like lengths; shuffled for training, their recordings are changed as the options say.

    Args:
        buckets: As for `Batches`.
        collate: Likewise.
        options: The task's.
        changed: Makes a batch of the recordings with these indices in this epoch, changed.
    """

    def __init__(self, buckets: Any, collate: Any, options: Any, changed: Callable[[np.ndarray, int], Batch]) -> None:
        super().__init__(buckets, collate)
        self.options, self.changed = options, changed

    def learnt(self, indices: np.ndarray, epoch: int) -> Batch:
        return self.changed(indices, epoch) if augments(self.options) else self.collate(indices)
