"""Small made-up sequences of numbers, and Runs trained on them, made once for all tests of a process."""

import functools

import numpy as np
from tasks import tiny

OPTIONS = {"units": 6, "epochs": 2, "batch_size": 16}
NAN = float("nan")


def rows(count=60, seed=0, missing=0.0, steps=False, channels=2):
    """Slow and fast waves beside noise, of 4 to 20 steps; with a label for each, or for every step."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        length, label = int(random.integers(4, 21)), "slow fast".split()[number % 2]
        angle = random.uniform(0, 6) + np.arange(length) * (0.3, 1.1)[number % 2]
        values = np.column_stack([np.sin(angle), *random.normal(size=(channels - 1, length))]).round(3)
        values[random.random(values.shape) < missing] = NAN
        values[0] = 0.5
        half = length // 2
        made.append((values, [label] * half + ["rest"] * (length - half) if steps else label))
    return made


@functools.cache
def trained():
    """A trained classifier, saved as a Run. Do not change either."""
    import rnnkit

    return rnnkit.SequenceClassifier(**OPTIONS).fit(rows(120), to=tiny.folder() / "sequences")


@functools.cache
def trained_steps():
    """One with a label for every step, of sequences with missing values. Do not change either."""
    import rnnkit

    options = {**OPTIONS, "per_step": True, "convolution": 3, "cell": "lstm", "layers": 2}
    data = rows(60, missing=0.1, steps=True)
    return rnnkit.SequenceClassifier(**options).fit(data, to=tiny.folder() / "steps")
