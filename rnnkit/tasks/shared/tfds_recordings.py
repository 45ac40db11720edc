"""Recordings of TensorFlow Datasets with their labels or texts: spoken_digit, speech_commands and the like."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rnnkit.data.part_files import PARTS
from rnnkit.data.samples import is_named_file
from rnnkit.data.tfds import find_set
from rnnkit.errors import RnnkitError
from rnnkit.tasks.shared.recordings import Recording, Recordings, label_and_speaker

#: The Free Spoken Digit Dataset, and Speech Commands.
SPOKEN_DIGIT, SPEECH_COMMANDS = "spoken_digit", "speech_commands"
_SIZES = {SPOKEN_DIGIT: "11 MB", SPEECH_COMMANDS: "2.4 GB"}
_TFDS = "tfds"
_NAME = re.compile(r"\w+(/[\w.+-]+)?")
_TARGETS, _FILE, _SPEAKER = ("text", "label"), "audio/filename", "speaker_id"


def set_named(choice: str, usual: str, sample: str) -> str | None:
    """The set of TFDS that `--data` names, "tfds" being the usual one; None where it names a file or folder, "" for the
    sample.

    Args:
        choice: What the user gave.
        usual: The set of "tfds".
        sample: The choice of made-up data.

    Raises:
        RnnkitError: It is none of these.

    Example:

    >>> set_named("tfds:spoken_digit", "speech_commands", "sample"), set_named("tfds", "speech_commands", "sample")
    ('spoken_digit', 'speech_commands')
    """
    if choice.startswith(f"{_TFDS}:"):
        return choice.removeprefix(f"{_TFDS}:")
    if is_named_file(choice, (sample, _TFDS), "tfds:NAME, or the name of a folder or table"):
        return None
    return usual if choice == _TFDS else ""


def tfds_recordings(
    name: str,
    data_dir: str | None = None,
    timeout_seconds: float = 20,
    say: Callable[[str], None] = print,
    most: int = 0,
) -> Recordings:
    """Load the recordings of a set, in the same way as `rnnkit.data.tfds.load_imdb`. All are held in memory.

    Sets can be read that have a feature `Audio` with its rate, and a label or a text: spoken_digit, speech_commands,
    librispeech and the like. Their splits are the parts, where there are several.

    Args:
        name: Of the set; of its configuration behind a slash.
        data_dir: TFDS folder; by default the environment variable TFDS_DATA_DIR.
        timeout_seconds: As for `load_imdb`.
        say: Called with a message before a download.
        most: Examples of each split that are taken; 0: all.

    Raises:
        RnnkitError: The set is unavailable, or has no such features.

    Reference: Warden, Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition, 2018 (arXiv:1804.03209);
        Jackson et al., Free Spoken Digit Dataset (github.com/Jakobovski/free-spoken-digit-dataset).
    """
    if not _NAME.fullmatch(name):
        raise RnnkitError(f"{name!r:.60} is no set of TFDS; expected tfds:NAME, such as tfds:{SPOKEN_DIGIT}.")
    prepared = find_set(name, _SIZES.get(name, ""), data_dir, timeout_seconds, say)
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(str(prepared))
    audio, target = _features(builder.info.features, name)
    rate, spell = builder.info.features[audio].sample_rate, getattr(builder.info.features[target], "int2str", _text)
    splits, rows = list(builder.info.splits), list[Recording]()
    for split in splits:
        examples = builder.as_dataset(split=split, shuffle_files=False)
        for example in (examples.take(most) if most else examples).as_numpy_iterator():
            called = f"{name}: example {len(rows) + 1:,}"
            said, file = spell(example[target]), _text(example.get(_FILE, b""))
            label, speaker = label_and_speaker(Path(file).stem) or ("", "")
            group = _text(example.get(_SPEAKER, b"")) or (speaker if label == said else "")
            part = _part_of(split) if len(splits) > 1 else ""
            rows.append(Recording((_samples(example[audio], called), rate), said, file or called, group, part))
    if not rows:
        raise RnnkitError(f"{name} in {prepared} has no recordings; prepare it again.")
    return Recordings(rows, name)


def _features(features: Mapping[str, Any], name: str) -> tuple[str, str]:
    """The names of the recording and of what is to be learnt."""
    audio = next((key for key in sorted(features) if type(features[key]).__name__ == "Audio"), "")
    target = next((key for key in _TARGETS if key in features), "")
    if not audio or not target or not features[audio].sample_rate:
        needed = "a feature Audio that says its rate, and a label or text"
        raise RnnkitError(
            f"{name} has the features {', '.join(sorted(features))}; expected {needed}. Name another set."
        )
    return audio, target


def _samples(given: np.ndarray, called: str) -> np.ndarray:
    """Samples as int16 or float32; TFDS has whole numbers as int64, whatever they were in the file."""
    if given.dtype.kind == "f":
        return given.astype(np.float32)
    if given.size and not -32768 <= given.min() <= given.max() <= 32767:
        loudest = given.flat[np.abs(given).argmax()]
        raise RnnkitError(f"{called} has a sample of {loudest:,}; expected those of 16 bits. Name another set.")
    return given.astype(np.int16)


def _part_of(split: str) -> str:
    """Such as "validation" for "dev_clean"."""
    return next((part for part, words in PARTS.items() if split.lower().partition("_")[0] in words), "train")


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
