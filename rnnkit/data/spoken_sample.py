"""The sample of sounds: words spoken by many made-up speakers, and noises without words."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnkit.data.espeak import RATE, Spoken, speak
from rnnkit.data.sounds import resampled
from rnnkit.errors import RnnkitError

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
KEY_WORDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
#: Words that are none of them, for the label "unknown".
OTHER_WORDS = (
    "bed", "bird", "cat", "dog", "happy", "house", "tree", "water", "seven", "three", "marvin", "sheila", "maybe",
    "yellow", "under", "nothing", "lift", "write", "often", "goat",
)  # fmt: skip
NOISES = ("white", "pink", "brown", "hum", "clicks", "machine")
#: Accents of English; each speaker has one, and one of the voices.
_ACCENTS = ("en", "en-us", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-gb-x-gbclan", "en-gb-x-gbcwmd",
            "en-us-nyc")  # fmt: skip
_VOICES = (
    "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Henrique", "Hugo", "Lee", "Mario",
    "Michael", "Mike", "Nguyen", "Reed", "adam", "anika", "announcer", "aunty", "belinda", "benjamin", "boris", "caleb",
    "david", "ed", "edward", "edward2", "f1", "f2", "f3", "f4", "f5", "grandma", "grandpa", "gustave", "ian", "iven3",
    "john", "kaukovalta", "linda", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "marcelo", "max", "michel", "miguel",
    "mike2", "norbert", "paul", "quincy", "rob", "robert", "shelby", "steph", "steph2", "travis", "victor", "zac",
)  # fmt: skip
_SPEEDS, _PITCHES, _MELODIES = (120, 240), (25, 76), (25, 76)
_EDGE = 0.15  # seconds of room before and behind a word at most
_QUIET = 0.01  # of the loudest sample; what is below, at both ends of an utterance, is cut off
_LOUDNESS = (0.15, 0.7)  # of the loudest sample
_NOISE = (-60.0, -25.0)  # decibels below it


class Speaker(NamedTuple):
    """A made-up speaker: a voice of eSpeak NG in a speed, pitch and melody of its own."""

    name: str
    voice: str
    speed: int
    pitch: int
    melody: int


class Recording(NamedTuple):
    """Samples, float32 `[time]`; the words in it; and the name of the speaker, "" for a noise."""

    samples: np.ndarray
    text: str
    speaker: str


def made_up_speakers(count: int, seed: int = 0) -> list[Speaker]:
    """Speakers that differ from each other in accent or voice, always the same for the same arguments.

    Args:
        count: How many; at most 520.
        seed: Chooses them.

    Raises:
        RnnkitError: There are not as many.

    Example:

    >>> first, second = made_up_speakers(2)
    >>> first.name, first.voice != second.voice
    ('speaker 1', True)
    """
    pairs = list(dict.fromkeys(f"{accent}+{voice}" for voice in _VOICES for accent in _ACCENTS))
    if not 0 < count <= len(pairs):
        raise RnnkitError(f"{count} speakers are wanted; there are 1 to {len(pairs)}.")
    random = np.random.default_rng([seed, 1])
    voices = [pairs[place] for place in random.permutation(len(pairs))[:count]]
    drawn = [[int(random.integers(*each)) for each in (_SPEEDS, _PITCHES, _MELODIES)] for _ in voices]
    return [Speaker(f"speaker {n}", voice, *each) for n, (voice, each) in enumerate(zip(voices, drawn, strict=True), 1)]


def spoken(
    texts: Sequence[str], speakers: Sequence[Speaker], takes: int = 1, rate: int = 16_000, seed: int = 0
) -> list[Recording]:
    """Each text spoken by each speaker, always the same for the same arguments.

    Takes differ a little in speed, pitch and melody; each has a room of its own: silence around the word, a loudness
    and a quiet noise.

    Args:
        texts: What is said: words, or several in a row.
        speakers: Who say it.
        takes: How often each says each.
        rate: Samples a second of the recordings.
        seed: Chooses the takes.

    Raises:
        RnnkitError: As `rnnkit.data.espeak.speak`, such as where the wheel is missing.

    Example:

    >>> made = spoken(DIGITS, made_up_speakers(2), rate=8000)  # doctest: +SKIP
    >>> len(made), made[3].text, made[3].speaker  # doctest: +SKIP
    (20, 'three', 'speaker 1')
    """
    random = np.random.default_rng([seed, 2])
    wanted = list[tuple[Speaker, Spoken]]()
    for who in speakers:
        for text in texts:
            for _ in range(takes):
                faster, higher, livelier = random.normal(1.0, 0.08), random.normal(0, 4), random.normal(0, 8)
                speed = int(np.clip(who.speed * faster, 80, 400))
                pitch, melody = (int(np.clip(each, 0, 99)) for each in (who.pitch + higher, who.melody + livelier))
                wanted.append((who, Spoken(text, who.voice, speed, pitch, melody)))
    sounds = speak([how for _, how in wanted])
    return [
        Recording(_in_a_room(resampled(trimmed(sound), RATE, rate), rate, random), how.text, who.name)
        for (who, how), sound in zip(wanted, sounds, strict=True)
    ]


def noise(kind: str, seconds: float, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """A noise without words, float32 `[time]`, always the same for the same arguments.

    Args:
        kind: One of `NOISES`.
        seconds: How long it lasts.
        rate: Samples a second.
        seed: Chooses it.

    Raises:
        RnnkitError: There is no such kind.

    Example:

    >>> [len(noise(kind, 0.5, 8000)) for kind in NOISES]
    [4000, 4000, 4000, 4000, 4000, 4000]
    """
    if kind not in NOISES:
        raise RnnkitError(f"There is no noise {kind!r:.40}; expected one of {', '.join(NOISES)}.")
    count, random = round(seconds * rate), np.random.default_rng([seed, NOISES.index(kind), 3])
    time = np.arange(count) / rate
    if kind in ("white", "pink", "brown"):
        made = _coloured(random, count, {"white": 0.0, "pink": 0.5, "brown": 1.0}[kind])
    elif kind == "hum":
        base = random.uniform(45, 130)
        made = sum(random.uniform(0.1, 1) / k * np.sin(2 * np.pi * (k * base * time + random.random()))
                   for k in range(1, 9)) + 0.1 * _coloured(random, count, 0.5)  # fmt: skip
    elif kind == "clicks":
        made = 0.02 * _coloured(random, count, 0.0)
        ring = np.exp(-np.arange(rate // 50) / (rate / 400))
        for start in random.integers(0, max(count, 1), max(round(4 * seconds), 1)):
            tail = ring[: count - start] * random.normal(size=min(len(ring), count - start))
            made[start : start + len(tail)] += tail
    else:  # a machine: noise that swells many times a second
        swell = 1 + np.sin(2 * np.pi * random.uniform(3, 25) * time)
        made = swell * _coloured(random, count, 0.7)
    return (random.uniform(*_LOUDNESS) * made / max(float(np.abs(made).max(initial=0)), 1e-9)).astype(np.float32)


def _coloured(random: np.random.Generator, count: int, fall: float) -> np.ndarray:
    """Noise whose amplitude falls with the frequency to that power."""
    spectrum = np.fft.rfft(random.normal(size=count))
    spectrum /= np.maximum(np.arange(len(spectrum)), 8.0) ** fall
    made: np.ndarray = np.fft.irfft(spectrum, count)
    return made / max(float(np.abs(made).max(initial=0)), 1e-9)


def trimmed(sound: np.ndarray) -> np.ndarray:
    """A sound without what is quiet at both ends, `[time]`; one that is not silent."""
    heard = np.flatnonzero(np.abs(sound) > _QUIET * np.abs(sound).max())
    return sound[heard[0] : heard[-1] + 1]


def _in_a_room(word: np.ndarray, rate: int, random: np.random.Generator) -> np.ndarray:
    """The word in silence of random length, at a random loudness, with a quiet noise over all."""
    before, behind = (round(random.uniform(0.02, _EDGE) * rate) for _ in range(2))
    loud = random.uniform(*_LOUDNESS)
    quiet = loud * 10 ** (random.uniform(*_NOISE) / 20)
    whole = np.pad(word * (loud / max(float(np.abs(word).max()), 1e-9)), (before, behind))
    return (whole + quiet * _coloured(random, len(whole), random.uniform(0, 1))).astype(np.float32)
