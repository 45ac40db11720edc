"""Small made-up tagged sentences and Runs trained on them, made once for all tests of a process."""

import functools
import random
import shutil
from pathlib import Path

from tasks.tiny import folder

FIRST = "Ann Bob Cleo Dan Eva Finn".split()
LAST = "Lee Moss Novak Ohara Price Quinn".split()
PLACES = ["Rome", "Lima", "Oslo", "New York", "Cape Town"]
FILLING = "today often again , slowly there".split()
PERSON, PLACE = "{person}", "{place}"
PATTERNS = [
    f"{PERSON} lives in {PLACE} .".split(),
    f"in {PLACE} we met {PERSON}".split(),
    f"{PERSON} and {PERSON} left {PLACE} !".split(),
    "nobody was there in 1996 .".split(),
]
OPTIONS = {
    "cell": "gru", "units": 20, "embedding_size": 8, "character_size": 3, "character_units": 8, "casing_size": 3,
    "word_length": 5, "max_length": 16, "epochs": 8, "batch_size": 16, "learning_rate": 0.02, "patience": 9,
    "dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0, "rare_word_dropout": 0.0, "validation_share": 0.3,
}  # fmt: skip
#: What trains in two seconds: hardly anything to compile.
BARE = {
    **OPTIONS, "cell": "simple_rnn", "characters": "none", "bidirectional": False, "batch_size": 99, "epochs": 1,
}  # fmt: skip
#: None of the training sentences; its entities are Bob Price, Ann and New York.
UNSEEN = "nobody met Bob  Price and Ann in New York ."


def sentences(count=160, seed=0, person="PER", place="LOC"):
    """Pairs of tokens and IOB2 tags, no two alike."""
    chance = random.Random(seed)
    made = {}
    while len(made) < count:
        tokens, tags = [], []
        for word in [*chance.choice(PATTERNS), chance.choice(FILLING)]:
            found, kind = [word], None
            if word == PERSON:
                found, kind = [chance.choice(FIRST), *chance.choices(LAST, k=chance.randrange(2))], person
            elif word == PLACE:
                found, kind = chance.choice(PLACES).split(), place
            tokens += found
            tags += ["O"] * len(found) if kind is None else [f"B-{kind}", *[f"I-{kind}"] * (len(found) - 1)]
        made.setdefault(tuple(tokens), tuple(tags))
    return list(made.items())


def write_conll(path: Path, data, columns=2) -> Path:
    """A column file, with two columns of part of speech and chunk between where `columns` is 4."""
    between = " X Y" if columns == 4 else ""
    rows = ["\n".join(f"{token}{between} {tag}" for token, tag in zip(*pair, strict=True)) for pair in data]
    path.write_text("\n\n".join(rows) + "\n", encoding="utf-8")
    return path


@functools.cache
def trained(**changed):
    """A trained task, saved as a Run named after what is changed. Do not change either: use `copied` for that."""
    import rnnkit

    name = "_".join(["tagger", *(f"{key}_{value}" for key, value in changed.items())])
    data = write_conll(folder() / "tagged.conll", sentences())
    return rnnkit.TokenTagger(**{**OPTIONS, **changed}).fit(data, to=folder() / name)


def copied(to: Path) -> Path:
    """A Run that a test may break."""
    shutil.copytree(trained().folder, to, dirs_exist_ok=True)
    return to
