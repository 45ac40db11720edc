"""Sounds in chunks of random sizes, to compare a stream with the whole."""

from typing import Any

import numpy as np

from rnnkit.tasks.shared.sound_batches import EncodedSounds


def few_steps(examples: EncodedSounds, stride: int, most: int) -> EncodedSounds:
    """The first examples, one at least, which have so many steps at most.

    Args:
        examples: Encoded sounds.
        stride: Frames of a step.
        most: The number of steps.
    """
    steps = np.cumsum(examples.inputs.lengths) // stride
    found: EncodedSounds = examples.some(max(int((steps <= most).sum()), 1))  # type: ignore[assignment]
    return found


def fed(runner: Any, samples: np.ndarray, **how: Any) -> Any:
    """A stream of a runner of sounds that took samples in chunks of random sizes, some of several steps, some of none.

    Args:
        runner: A runner with `open_stream` and `step_size`.
        samples: float32 `[time]`.
        **how: As for `open_stream`.
    """
    stream, random = runner.open_stream(**how), np.random.default_rng(len(samples))
    while len(samples):
        size = int(random.integers(1, 2 * runner.step_size))
        stream.step(samples[:size])
        samples = samples[size:]
    return stream
