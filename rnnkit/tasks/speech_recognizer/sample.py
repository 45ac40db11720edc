"""Made-up recordings that are quickly learnt: telephone numbers, dialled by tones."""

import io
import wave
from typing import NamedTuple

import numpy as np

RATE = 8_000
_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477)  # hertz, ITU-T Q.23
_KEYS = ("123", "456", "789", "*0#")
#: The two tones of each digit.
TONES = {
    key: (_LOW[row], _HIGH[column])
    for row, keys in enumerate(_KEYS)
    for column, key in enumerate(keys)
    if key.isdecimal()
}


class Dialled(NamedTuple):
    """A recording of a dialled number.

    Attributes:
        samples: float32 `[time]` at `RATE`.
        text: The digits with blanks between them.
        line: Whose telephone it is, with its own loudness, speed and noise.
    """

    samples: np.ndarray
    text: str
    line: str


def dialled(count: int, lines: int = 6, seed: int = 0, most: int = 7) -> list[Dialled]:
    """Dialled numbers; the same seed gives the same.

    Args:
        count: How many.
        lines: Telephones that they come from.
        seed: Of the random numbers.
        most: Digits of a number at most.

    Example:

    >>> one, other = dialled(2)
    >>> one.text, round(len(one.samples) / RATE, 1), one.line
    ('6 5 2 3 0 0', 2.0, 'line 1')
    """
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        line = number % lines
        own = np.random.default_rng([seed, line])
        loud, speed, hiss = own.uniform(0.1, 0.3), own.uniform(0.85, 1.2), own.uniform(0.02, 0.1)
        digits = [str(digit) for digit in random.integers(0, 10, int(random.integers(1, most + 1)))]
        parts = [_pause(random, speed)]
        for digit in digits:
            parts += [_tone(digit, random, speed), _pause(random, speed)]
        clean = np.concatenate(parts) * loud
        noisy = clean + random.normal(0, hiss * loud, len(clean))
        made.append(Dialled(noisy.astype(np.float32), " ".join(digits), f"line {line + 1}"))
    return made


def wav_bytes(samples: np.ndarray) -> bytes:
    """Samples as the bytes of a WAV file of 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as made:
        made.setparams((1, 2, RATE, 0, "NONE", ""))
        made.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return file.getvalue()


def _tone(digit: str, random: np.random.Generator, speed: float) -> np.ndarray:
    size = round(RATE * random.uniform(0.12, 0.2) / speed)
    time, edge = np.arange(size) / RATE, np.minimum(np.minimum(np.arange(size), np.arange(size)[::-1]) / 40, 1)
    low, high = (np.sin(2 * np.pi * pitch * time + random.uniform(0, 6)) for pitch in TONES[digit])
    return np.asarray((low + high) / 2 * edge)


def _pause(random: np.random.Generator, speed: float) -> np.ndarray:
    return np.zeros(round(RATE * random.uniform(0.08, 0.16) / speed))
