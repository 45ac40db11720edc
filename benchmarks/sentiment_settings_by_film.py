"""Which settings suit films never seen in training? Reviews are held out film by film, as far as possible.

IMDB's test half has other films than its training half, while a random validation part shares its films with the
rest: names of people and places then look like sentiment, and settings that memorise them look good. The data
does not say which film a review is about, so reviews are grouped by their most telling rare name: the capitalised word
inside a sentence, in 3 to 40 reviews, that a review repeats most. The test half is not read here.

    python benchmarks/sentiment_settings_by_film.py               all settings below
    python benchmarks/sentiment_settings_by_film.py "8,000 words, max"
"""

import json
import re
import sys
import zlib
from collections import Counter

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb

# Held out so, reviews turned out easier, not harder, than those of known films: they are long and full of names. The
# figures rank settings against each other; they do not foretell the test half.
COMMON = {"cell": "gru", "units": 64, "max_length": 800, "word_dropout": 0.2, "embedding_dropout": 0.4}
SETTINGS = {
    "16,000 words, mean and max": {"vocabulary_size": 16_000, "embedding_size": 64, "pooling": "mean_max", **COMMON},
    "16,000 words, max": {"vocabulary_size": 16_000, "embedding_size": 48, "pooling": "max", **COMMON},
    "8,000 words, max": {"vocabulary_size": 8_000, "embedding_size": 64, "pooling": "max", **COMMON},
    "8,000 words, max, 3 epochs": {
        "vocabulary_size": 8_000, "embedding_size": 64, "pooling": "max", "epochs": 3, **COMMON,
    },
    "16,000 words, max, 3 epochs": {
        "vocabulary_size": 16_000, "embedding_size": 48, "pooling": "max", "epochs": 3, **COMMON,
    },
    "8,000 words, mean and max, 3 epochs": {
        "vocabulary_size": 8_000, "embedding_size": 64, "pooling": "mean_max", "epochs": 3, **COMMON,
    },
    "8,000 words, mean and max": {"vocabulary_size": 8_000, "embedding_size": 64, "pooling": "mean_max", **COMMON},
}  # fmt: skip
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")


def films(texts: list[str]) -> list[str]:
    """For each review its most telling rare name, or "" where it has none."""
    names = [Counter(_NAME.findall(text)) for text in texts]
    spread = Counter(name for found in names for name in found)
    return [
        max(((count, -spread[name], name) for name, count in found.items() if 3 <= spread[name] <= 40),
            default=(0, 0, ""))[2]
        for found in names
    ]  # fmt: skip


def main() -> None:
    path = RESULTS / "sentiment_settings_by_film.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    rows = load_imdb()["train"]
    groups = films([text for text, _ in rows])
    held = [group != "" and zlib.crc32(group.encode()) % 8 == 0 for group in groups]
    training = [row for row, out in zip(rows, held, strict=True) if not out]
    unseen = [row for row, out in zip(rows, held, strict=True) if out]
    for name in sys.argv[1:] or SETTINGS:
        task = rnnkit.TextClassifier(**SETTINGS[name]).fit(training, Rows(unseen, name="reviews of other films"))
        result[name] = {
            "settings": SETTINGS[name],
            "other_films_accuracy": task.results["test"]["accuracy"],
            "other_films_rows": len(unseen),
            "same_films_accuracy": task.results["validation"]["accuracy"],
            "best_epoch": task.results["best_epoch"],
            "training_seconds": task.results["training_seconds"],
        }
        print(name, result[name], flush=True)
        record("sentiment_settings_by_film", result, seed=1)


if __name__ == "__main__":
    main()
