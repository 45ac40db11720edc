"""The offline sample of gestures: made-up motions of a phone, as its accelerometer and gyroscope see them."""

import math
from typing import NamedTuple

import numpy as np

from rnnkit.data.samples import is_named_file
from rnnkit.tasks.sequence_classifier.sequences import Sequences
from rnnkit.tasks.sequence_classifier.source import open_sequences

#: The choice of made-up gestures.
SAMPLE = "sample"
CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
MOTIONS = ("circle", "circle_back", "raise", "lower", "shake", "tap")
#: The settings with which the sample is learnt.
SETTINGS = {
    "cell": "gru",
    "units": 48,
    "convolution": 5,
    "filters": 32,
    "epochs": 40,
    "learning_rate": 0.004,
    "crop": 0.5,
}
_STEPS = (16, 30)  # of a gesture
_PERSONS = 12


class Gesture(NamedTuple):
    """A gesture: float32 `[time, 6]`, the name of its motion, and who makes it."""

    values: np.ndarray
    motion: str
    person: str


def make_gestures(count: int = 600, persons: int = _PERSONS, seed: int = 0) -> list[Gesture]:
    """Gestures of unequal lengths, always the same for the same arguments; every motion is as frequent as the others.

    Two pairs of motions are each other backwards, `circle` and `circle_back`, `raise` and `lower`: mean and spread of
    the channels do not tell them apart, the order of the steps does.

    Args:
        count: How many.
        persons: Who make them, each in an own strength, speed and way to hold the phone.
        seed: Chooses them.

    Example:

    >>> gesture = make_gestures(6)[2]
    >>> gesture.values.shape[1], gesture.motion, gesture.person
    (6, 'raise', 'person 3')
    """
    return [_made(number, number // len(MOTIONS) + number, persons, seed) for number in range(count)]


def gesture_data(choice: str = SAMPLE) -> Sequences:
    """The gestures of the pipeline: the sample, or a file or folder of your own.

    Raises:
        RnnkitError: There is no such file, or it cannot be read.
    """
    if is_named_file(choice, (SAMPLE,)):
        return open_sequences(choice)
    made = make_gestures()
    labels, names = [each.motion for each in made], [str(number) for number in range(1, len(made) + 1)]
    values, groups = [each.values for each in made], [each.person for each in made]
    return Sequences("made-up gestures (offline sample)", CHANNELS, values, list(labels), names, groups=groups)


def _made(number: int, turn: int, persons: int, seed: int) -> Gesture:
    """A gesture by a person, all of whose gestures have something in common."""
    motion, person = MOTIONS[number % len(MOTIONS)], turn % persons
    own, chance = np.random.default_rng([seed, 1, person]), np.random.default_rng([seed, 2, number])
    strength, speed, noise = own.uniform(0.7, 1.4), own.uniform(0.85, 1.2), own.uniform(0.05, 0.2)
    tilt = own.normal(0, 0.15, 2)
    steps = int(np.clip(round(chance.integers(*_STEPS) / speed), *_STEPS))
    values = _motion(motion, steps, chance) * strength * chance.uniform(0.8, 1.2)
    values[:, :3] += np.array([math.sin(tilt[0]), math.sin(tilt[1]), 1.0])  # gravity
    values += chance.normal(0, noise, values.shape)
    return Gesture(np.round(values, 2).astype(np.float32), motion, f"person {person + 1}")


def _motion(motion: str, steps: int, chance: np.random.Generator) -> np.ndarray:
    """A motion without gravity and noise, `[time, 6]`: a stretch of the time, with rest before and after."""
    values, rest = np.zeros((steps, 6)), chance.uniform(0, 0.2, 2)
    time = np.clip((np.linspace(0, 1, steps) - rest[0]) / (1 - rest.sum()), 0, 1)
    moving = ((time > 0) & (time < 1)).astype(float)
    if motion in ("circle", "circle_back"):
        angle = chance.uniform(0, 2 * math.pi) + 2 * math.pi * chance.uniform(1, 1.6) * time
        side = 1 if motion == "circle" else -1
        values[:, 0], values[:, 1] = np.cos(angle) * moving, side * np.sin(angle) * moving
        values[:, 5] = 0.4 * np.sin(2 * angle) * moving
    elif motion in ("raise", "lower"):
        side = 1 if motion == "raise" else -1
        values[:, 2] = side * np.sin(2 * math.pi * time)
        values[:, 4] = 0.6 * side * np.sin(2 * math.pi * time + 0.4) * moving
    elif motion == "shake":
        values[:, 0] = 1.2 * np.sin(2 * math.pi * chance.uniform(4, 6) * time) * moving
        values[:, 5] = 0.5 * np.cos(2 * math.pi * chance.uniform(4, 6) * time) * moving
    else:
        for place in chance.uniform(0.2, 0.4), chance.uniform(0.55, 0.8):
            values[:, 2] += 1.5 * np.exp(-(((time - place) / 0.05) ** 2))
            values[:, 3] -= 0.7 * np.exp(-(((time - place) / 0.07) ** 2))
    return values
