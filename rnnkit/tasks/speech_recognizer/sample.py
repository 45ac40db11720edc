"""Made-up recordings: telephone numbers, dialled by tones, and strings of digits that made-up speakers say."""

import io
import wave
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnkit.data.findings import counted
from rnnkit.data.sounds import open_sound, samples_at
from rnnkit.data.spoken_sample import DIGITS, made_up_speakers, spoken
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recordings import Recording, Recordings
from rnnkit.tasks.shared.tfds_recordings import SPOKEN_DIGIT, set_named, tfds_recordings
from rnnkit.tasks.speech_recognizer.source import open_speech

RATE = 8_000
#: The choice of made-up digits in the pipeline.
SAMPLE = "sample"
#: The settings with which they are learnt.
SETTINGS = {
    "cell": "gru", "units": 96, "layers": 2, "filters": 96, "stride": 2, "bidirectional": False, "rate": RATE,
    "bands": 24, "coefficients": 13, "speed": 0.2, "noise": 0.3, "time_masks": 1, "frequency_masks": 1,
    "tail": 0.3, "average": 0.99, "epochs": 24, "patience": 24, "learning_rate": 0.003,
}  # fmt: skip
_SPEAKERS = 60
_FIGURES = tuple(map(str, range(10)))
_FAINT, _BETWEEN = 1e-3, (0.05, 0.25)  # loudness and seconds of a pause between words
Row = tuple[np.ndarray, str, str]  # samples, text, speaker
Said = tuple[np.ndarray, str]  # samples, word
_LOW, _HIGH = (697, 770, 852, 941), (1209, 1336, 1477)  # hertz, ITU-T Q.23
_KEYS = ("123", "456", "789", "*0#")
#: Seconds of a tone and of a pause; quicker at a low rate.
_TONE = ((0.12, 0.2), (0.08, 0.16))
_PAUSE = ((0.08, 0.16), (0.06, 0.1))
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


def dialled(count: int, lines: int = 6, seed: int = 0, most: int = 7, rate: int = RATE) -> list[Dialled]:
    """Dialled numbers; the same seed gives the same.

    Args:
        count: How many.
        lines: Telephones that they come from.
        seed: Of the random numbers.
        most: Digits of a number at most.
        rate: Samples a second; below 8,000 everything is quicker, and the tones are an octave lower.

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
        parts = [_pause(random, speed, rate)]
        for digit in digits:
            parts += [_tone(digit, random, speed, rate), _pause(random, speed, rate)]
        clean = np.concatenate(parts) * loud
        noisy = clean + random.normal(0, hiss * loud, len(clean))
        made.append(Dialled(noisy.astype(np.float32), " ".join(digits), f"line {line + 1}"))
    return made


def wav_bytes(samples: np.ndarray, rate: int = RATE, width: int = 2) -> bytes:
    """Samples as the bytes of a WAV file, of 16 bits or (`width` 1) of 8."""
    file, clipped = io.BytesIO(), np.clip(samples, -1, 1)
    with wave.open(file, "wb") as made:
        made.setparams((1, width, rate, 0, "NONE", ""))
        numbers = np.round(clipped * 127 + 128).astype("u1") if width == 1 else np.round(clipped * 32767).astype("<i2")
        made.writeframes(numbers.tobytes())
    return file.getvalue()


def _tone(digit: str, random: np.random.Generator, speed: float, rate: int) -> np.ndarray:
    size = round(rate * random.uniform(*_TONE[rate < RATE]) / speed)
    time, places = np.arange(size) / rate, np.arange(size)
    edge = np.minimum(np.minimum(places, places[::-1]) / (0.005 * rate), 1)
    octave = 2 if rate < RATE else 1
    low, high = (np.sin(2 * np.pi * pitch / octave * time + random.uniform(0, 6)) for pitch in TONES[digit])
    return np.asarray((low + high) / 2 * edge)


def _pause(random: np.random.Generator, speed: float, rate: int) -> np.ndarray:
    return np.zeros(round(rate * random.uniform(*_PAUSE[rate < RATE]) / speed))


def digit_strings(speakers: int, strings: int = 15, seed: int = 0, rate: int = RATE, most: int = 6) -> list[Row]:
    """Strings of digits, spoken by made-up speakers (`rnnkit.data.spoken_sample`): samples, text, speaker.

    Args:
        speakers: How many speak.
        strings: That each speaks.
        seed: Chooses speakers, digits and takes.
        rate: Samples a second.
        most: Digits of a string at most.

    Raises:
        RnnkitError: The voices are not installed.

    Example:

    >>> rows = digit_strings(2, 3)  # doctest: +SKIP
    >>> len(rows), rows[0][2]  # doctest: +SKIP
    (6, 'speaker 1')
    """
    random = np.random.default_rng([seed, 5])
    found = list[Row]()
    for number, who in enumerate(made_up_speakers(speakers, seed)):
        texts = [" ".join(random.choice(DIGITS, int(random.integers(1, most + 1)))) for _ in range(strings)]
        made = spoken(texts, [who], rate=rate, seed=seed + number)
        found += [(each.samples, each.text, each.speaker) for each in made]
    return found


def joined_words(found: Recordings, rate: int = RATE, seed: int = 0, most: int = 6, times: int = 4) -> Recordings:
    """Recordings of a word each as strings of them: those of one speaker and part in random order, with short pauses of
    a faint noise in between. Those that cannot be read are left out.

    Args:
        found: The recordings of words; digits are spelt.
        rate: Samples a second of the strings.
        seed: Of the order, the lengths and the pauses.
        most: Words of a string at most.
        times: How often each recording comes in the training part, every time among others, where the data have all
            three parts; elsewhere it comes once, since a part that is missing is taken from the strings.

    Raises:
        RnnkitError: None can be read.

    Example:

    >>> words = [Recording((np.full(800, 0.5), 8000), "7", str(n), "anna") for n in range(6)]
    >>> {word for row in joined_words(Recordings(words, "it")) for word in row.target.split()}
    {'seven'}
    """
    random, together = np.random.default_rng([seed, 6]), defaultdict[tuple[str, str], list[Said]](list)
    unread = 0
    for row in found:
        try:
            together[row.group, row.part].append((_heard(row, rate), _spelt(str(row.target))))
        except RnnkitError:
            unread += 1
    if unread == len(found):
        raise RnnkitError(f"{found.name}: none of its {counted(unread, 'recording')} of a word can be read.")
    made, divided = list[Recording](), {"train", "validation", "test"} <= {part for _, part in together}
    for (who, part), said in together.items():
        for _ in range(times if divided and part == "train" else 1):
            order = [said[place] for place in random.permutation(len(said))]
            while order:
                some = [order.pop() for _ in range(min(int(random.integers(1, most + 1)), len(order)))]
                parts = [_faint(random, rate), *(each for word, _ in some for each in (word, _faint(random, rate)))]
                text = " ".join(text for _, text in some)
                made.append(Recording((np.concatenate(parts), rate), text, f"string {len(made) + 1}", who, part))
    return found.with_rows(made, {"cannot be read": unread} if unread else {})


def _heard(row: Recording, rate: int) -> np.ndarray:
    given = row.given
    return open_sound(given, rate).samples if isinstance(given, Path) else samples_at(given, rate, row.name)


def _spelt(word: str) -> str:
    return DIGITS[int(word)] if word in _FIGURES else word


def _faint(random: np.random.Generator, rate: int) -> np.ndarray:
    return random.normal(0, _FAINT, round(rate * random.uniform(*_BETWEEN))).astype(np.float32)


def digit_data(
    choice: str = SAMPLE,
    rate: int = RATE,
    speakers: int = 0,
    data_dir: str | None = None,
    say: Callable[[str], None] = print,
    most: int = 0,
) -> Recordings:
    """The recordings of the pipeline: the sample, a set of TFDS, or a folder or table of your own. Where each recording
    has one word, strings are joined of them.

    Args:
        choice: `SAMPLE`, "tfds" (the Free Spoken Digit Dataset), "tfds:NAME" for another set of TFDS; or the name of a
            folder or table.
        rate: Samples a second of the sample, and of joined strings.
        speakers: Of the sample; 0: all.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with a message before a download, and where recordings are joined.
        most: Of a set of TFDS, the recordings of each split that are taken; 0: all.

    Raises:
        RnnkitError: It cannot be read, or the voices of the sample are not installed.
    """
    name = set_named(choice, SPOKEN_DIGIT, SAMPLE)
    if name == "":
        found = open_speech(digit_strings(speakers or _SPEAKERS, rate=rate), rate=rate)
        found.name = "Made-up digits"
        return found
    found = open_speech(tfds_recordings(name, data_dir, say=say, most=most) if name else choice, rate=rate)
    if found.is_frames or any(len(str(row.target).split()) != 1 for row in found):
        return found
    say(f"{found.name} has a word in each recording: they are joined to strings.")
    return joined_words(found, rate)
