"""Which settings suit IMDB? Trains each on only the training half and compares validation scores.

The test half is not read here. Needs the real reviews: TFDS_DATA_DIR, or a network.

    python benchmarks/sentiment_settings.py                 all settings below
    python benchmarks/sentiment_settings.py "max, 400 words"      one of them
"""

import json
import sys

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tfds import load_imdb

COMMON = {"cell": "gru", "units": 64, "layers": 1, "vocabulary_size": 16_000, "bidirectional": False}
SHORT = {**COMMON, "embedding_size": 48, "max_length": 400, "word_dropout": 0.1, "embedding_dropout": 0.3}
LONG = {**COMMON, "embedding_size": 48, "max_length": 800, "word_dropout": 0.2, "embedding_dropout": 0.4}
SETTINGS = {
    "max, 400 words": {**SHORT, "pooling": "max"},
    "mean, 400 words": {**SHORT, "pooling": "mean"},
    "max, 800 words": {**LONG, "pooling": "max"},
    "mean and max, 800 words, 64 features": {**LONG, "pooling": "mean_max", "embedding_size": 64},
    "mean and max, 800 words, both directions": {**LONG, "pooling": "mean_max", "bidirectional": True},
    "mean and max, 800 words, 64 features, more dropout": {
        **LONG, "pooling": "mean_max", "embedding_size": 64, "word_dropout": 0.3, "embedding_dropout": 0.5, "epochs": 6,
    },
    "the default": {},
}  # fmt: skip


def main() -> None:
    path = RESULTS / "sentiment_settings.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    rows = load_imdb()["train"]
    for name in sys.argv[1:] or SETTINGS:
        task = rnnkit.TextClassifier(**SETTINGS[name]).fit(rows)
        result[name] = {
            "settings": SETTINGS[name] or task.options.to_dict(),
            "validation_accuracy": task.results["validation"]["accuracy"],
            "validation_rows": task.results["validation"]["rows"],
            "epochs": task.results["epochs"],
            "best_epoch": task.results["best_epoch"],
            "training_seconds": task.results["training_seconds"],
            "parameters": task.results["parameters"],
        }
        print(name, result[name])
        record("sentiment_settings", result, seed=1)


if __name__ == "__main__":
    main()
