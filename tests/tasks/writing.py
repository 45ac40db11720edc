"""Small writers, trained once for all tests of a process."""

import functools
import tempfile
from pathlib import Path

import rnnkit
from rnnkit.tasks.language_model.sample import split_text

VERSE = "once a cat sat on my mat\nthen two rats ran by\n\n"
TUNE = "X:1\nM:{metre}\nL:1/8\nK:{key}\n{bars}|]"
WRITER = {"unit": "character", "units": 24, "embedding_size": 8, "batch_size": 8, "window": 16, "learning_rate": 0.04,
          "dropout": 0.0, "embedding_dropout": 0.0}  # fmt: skip


def _to(name: str) -> Path:
    return Path(tempfile.mkdtemp()) / name


@functools.cache
def trained_text() -> rnnkit.LanguageModel:
    """Has learnt one verse by heart."""
    return rnnkit.LanguageModel(**WRITER, epochs=8).fit(split_text(VERSE * 120, "verses"), to=_to("text"))


def tunes() -> list[str]:
    """Forty tunes of two metres, different from one another."""
    made = []
    for number in range(40):
        key, three = "CDFG"[number % 4], number % 2
        bars = "|".join(f"{note}2{key}2{note}{key}"[: 6 if three else 4] for note in f"{number:04d}".translate(_NOTES))
        made.append(TUNE.format(metre="3/4" if three else "2/4", key=key, bars=bars))
    return made


_NOTES = str.maketrans("0123456789", "ABcdefgaGE")


@functools.cache
def trained_music() -> rnnkit.MusicModel:
    options = {**WRITER, "weight_drop": 0.1, "dropout": 0.0, "epochs": 12}
    return rnnkit.MusicModel(**options).fit(tunes(), to=_to("music"))
