"""A small made-up pair of languages and Runs trained on it, made once for all tests of a process.

The second language says the words of the first from the last to the first. Names are the same in both and occur once,
so none is in the vocabulary.
"""

import functools
import random
import shutil
from pathlib import Path

from tasks.tiny import folder

WORDS = dict(zip("dog cat man house tree car red big small old sees likes".split(),
                 "Hund Katze Mann Haus Baum Auto rot groß klein alt sieht mag".split(), strict=True))  # fmt: skip
OPTIONS = {
    "cell": "mgu", "units": 32, "bidirectional": True, "embedding_size": 32, "unit": "word", "joint": False,
    "tied": "target", "vocabulary_size": 60, "min_count": 2, "max_length": 12, "dropout": 0.0, "embedding_dropout": 0.0,
    "label_smoothing": 0.05, "batch_tokens": 300, "epochs": 9, "learning_rate": 0.02, "beam_width": 3, "patience": 9,
}  # fmt: skip


def name(chance):
    """A name that nobody else has."""
    return "".join(chance.choice(letters) for letters in ("BDFGKLMNPRST", "aeiou", "bdfgklmnprst", "aeiou") * 2).title()


def pairs(count=600, seed=0, words=None):
    """Sentences of one to four words and sometimes a name, with their translations; no two alike."""
    chance, words, made = random.Random(seed), words or WORDS, {}
    while len(made) < count:
        chosen = chance.sample(list(words), k=chance.randint(1, 4))
        if chance.random() < 0.4:
            chosen.insert(chance.randint(0, len(chosen)), name(chance))
        made[" ".join(chosen)] = " ".join(words.get(word, word) for word in reversed(chosen))
    return list(made.items())


def write_csv(path: Path, data, header="source,target") -> Path:
    path.write_text("\n".join([header, *map(",".join, data)]) + "\n", encoding="utf-8")
    return path


@functools.cache
def trained(**changed):
    """A trained task, saved as a Run named after what is changed. Do not change either: use `copied` for that."""
    import rnnkit

    key = "_".join(["translator", *(f"{key}_{value}" for key, value in changed.items())])
    data = write_csv(folder() / "pairs.csv", pairs())
    return rnnkit.Translator(**{**OPTIONS, **changed}).fit(data, to=folder() / key)


def copied(to: Path) -> Path:
    """A Run that a test may break."""
    shutil.copytree(trained().folder, to, dirs_exist_ok=True)
    return to


def exported(quantize="none") -> Path:
    """The bundle of the trained task, made once."""
    to = folder() / f"translations_{quantize}"
    if not to.is_dir():
        trained().export(to, quantize=quantize)
    return to / "lite"
