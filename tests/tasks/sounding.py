"""Small sounds: rising and falling tones, and noise as their background."""

import functools
import wave

import numpy as np
from tasks import tiny

RATE = 4_000
OPTIONS = {"rate": RATE, "units": 8, "bands": 12, "filters": 8, "epochs": 3, "learning_rate": 0.02}


def tone(label, seconds=0.3, seed=0):
    """A tone that rises or falls, or noise, float32 `[time]`."""
    random = np.random.default_rng(seed)
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    noise = 0.01 * random.normal(size=count)
    if label == "background":
        return (10 * noise).astype(np.float32)
    slope = {"up": 1, "down": -1}[label] * random.uniform(600, 900)
    start = random.uniform(500, 600) + (900 if label == "down" else 0)
    return (0.3 * np.sin(2 * np.pi * (start + slope * time / 2) * time) + noise).astype(np.float32)


def rows(count=42):
    """Labelled tones of different lengths."""
    labels = ("up", "down", "background")
    return [(tone(labels[n % 3], 0.2 + 0.03 * (n % 5), n), labels[n % 3]) for n in range(count)]


def save(path, samples, rate=RATE):
    """A WAV file of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return path


@functools.cache
def trained():
    """A trained classifier, saved as a Run. Do not change either."""
    import rnnkit

    return rnnkit.SoundClassifier(**OPTIONS).fit(rows(60), to=tiny.folder() / "sounds")
