"""Small made-up data and Runs trained on it, made once for all tests of a process."""

import atexit
import functools
import random
import shutil
import tempfile
from pathlib import Path

FILLING = "the film plot actor scene story music ending was and with of".split()
TELLING = {
    "neg": "bad awful dull boring".split(),
    "pos": "good great lovely funny".split(),
    "so so": "fair middling usual plain".split(),
    "😐": "blank grey mute still".split(),
    "1.0 stars": "late lost cold wet".split(),
}
OPTIONS = {
    "units": 5,
    "embedding_size": 4,
    "max_length": 10,
    "epochs": 3,
    "batch_size": 32,
    "vocabulary_size": 60,
    "min_count": 1,
    "learning_rate": 0.05,
    "patience": 9,
}


def rows(count=120, labels=("neg", "pos"), seed=0):
    """Sentences of eight words, two of which tell the label; all different."""
    chance = random.Random(seed)
    made = {}
    while len(made) < count:
        label = labels[len(made) % len(labels)]
        words = chance.choices(FILLING, k=6) + chance.choices(TELLING[label], k=2)
        chance.shuffle(words)
        made.setdefault(" ".join(words), label)
    return list(made.items())


def label_sets(count=120, labels=("neg", "pos", "so so"), seed=0):
    """Sentences with two words for each of their labels, of which there are up to all; all different."""
    chance = random.Random(seed)
    made = {}
    while len(made) < count:
        some = [label for label in labels if chance.random() < 0.4]
        words = chance.choices(FILLING, k=4) + [word for label in some for word in chance.choices(TELLING[label], k=2)]
        chance.shuffle(words)
        made.setdefault(" ".join(words), some)
    return list(made.items())


def write_csv(path, data, header="text,label"):
    lines = [header, *(f"{text},{label}" for text, label in data)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@functools.cache
def folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="rnnkit-tests-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def trained(cell="gru"):
    """A trained task, saved as a Run of the cell's name. Do not change either: use `copied` for that."""
    return _trained(cell)


@functools.cache  # by the cell alone, whichever way it was given
def _trained(cell):
    import rnnkit

    data = write_csv(folder() / "reviews.csv", rows())
    return rnnkit.TextClassifier(**OPTIONS, cell=cell).fit(data, to=folder() / cell)


@functools.cache
def trained_label_sets():
    """A trained multi-label classifier, saved as a Run. Do not change either."""
    import rnnkit

    return rnnkit.MultilabelClassifier(**OPTIONS).fit(label_sets(), to=folder() / "label_sets")


def copied(to: Path, cell="gru") -> Path:
    """A Run that a test may break."""
    shutil.copytree(trained(cell).folder, to, dirs_exist_ok=True)
    return to
