"""The sample of key words: spoken by made-up speakers, with other words and noises beside them."""

from collections.abc import Callable, Sequence

import numpy as np

from rnnkit.data.spoken_sample import KEY_WORDS, NOISES, OTHER_WORDS, made_up_speakers, noise, spoken
from rnnkit.tasks.shared.recordings import Recordings
from rnnkit.tasks.shared.tfds_recordings import SPEECH_COMMANDS, set_named, tfds_recordings
from rnnkit.tasks.sound_classifier.source import open_sounds

#: The choice of made-up key words.
SAMPLE = "sample"
RATE = 8_000
#: The settings with which the sample is learnt.
SETTINGS = {"cell": "gru", "units": 64, "rate": RATE, "epochs": 40, "learning_rate": 0.004, "batch_size": 32}
_SPEAKERS = 60
_NOISE_SECONDS = 20.0
_OTHERS_EACH = 2  # other words that each speaker says for one of the key words

Row = tuple[np.ndarray, str, str]  # samples, label, speaker


def key_word_rows(
    words: Sequence[str] = KEY_WORDS, speakers: int = _SPEAKERS, seed: int = 0, first: int = 0, rate: int = RATE
) -> list[Row]:
    """Key words, other words under "unknown", and long noises under "background", always the same for the same
    arguments.

    Args:
        words: The key words.
        speakers: How many say each of them once, and some other words.
        seed: Chooses speakers and takes.
        first: Speakers that are passed over, such as those of another part.
        rate: Samples a second.

    Raises:
        RnnkitError: As `rnnkit.data.spoken_sample.spoken`, such as where the voices are not installed.

    Example:

    >>> rows = key_word_rows(("yes", "no"), speakers=4)  # doctest: +SKIP
    >>> sorted({label for _, label, _ in rows})  # doctest: +SKIP
    ['background', 'no', 'unknown', 'yes']
    """
    random = np.random.default_rng([seed, first, 4])
    found = list[Row]()
    others = [each for each in OTHER_WORDS if each not in words]
    for number, who in enumerate(made_up_speakers(first + speakers, seed)[first:]):
        drawn = random.permutation(others)[: max(_OTHERS_EACH * len(words) // 10, 1)].tolist()
        for made in spoken([*words, *drawn], [who], rate=rate, seed=seed + first + number):
            found.append((made.samples, made.text if made.text in words else "unknown", who.name))
    found += [
        (noise(kind, _NOISE_SECONDS, rate, seed + first + 1), "background", f"{kind} noise {first}") for kind in NOISES
    ]
    return found


def key_word_data(
    choice: str = SAMPLE,
    rate: int = RATE,
    speakers: int = 0,
    data_dir: str | None = None,
    say: Callable[[str], None] = print,
    most: int = 0,
) -> Recordings:
    """The sounds of the pipeline: the sample, a set of TFDS, or a folder or table of your own.

    Args:
        choice: `SAMPLE`, "tfds" (Speech Commands), "tfds:NAME" for another set of TFDS, or the name of a folder or
            table.
        rate: Samples a second.
        speakers: Of the sample; 0: all.
        data_dir: The TFDS data folder; by default TFDS_DATA_DIR.
        say: Called with a message before a download.
        most: Of a set of TFDS, the sounds of each split that are taken; 0: all.

    Raises:
        RnnkitError: It cannot be read, or the voices of the sample are not installed.
    """
    name = set_named(choice, SPEECH_COMMANDS, SAMPLE)
    if name is None:
        return open_sounds(choice, rate=rate)
    if name:
        return open_sounds(tfds_recordings(name, data_dir, say=say, most=most), rate=rate)
    found = open_sounds(key_word_rows(speakers=speakers or _SPEAKERS, rate=rate), rate=rate)
    found.name = "Made-up key words"
    return found
