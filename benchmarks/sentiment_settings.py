"""Which settings suit IMDB? Trains each on the training half alone and compares validation scores.

The test half is not read here. Needs the real reviews: TFDS_DATA_DIR, or a network.

    python benchmarks/sentiment_settings.py                 all settings below
    python benchmarks/sentiment_settings.py "max, 400 words"      one of them
"""

import json
import sys

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tfds import load_imdb

SETTINGS = {
    "max, 400 words": {
        "pooling": "max",
        "embedding_size": 48,
        "max_length": 400,
        "word_dropout": 0.1,
        "embedding_dropout": 0.3,
    },
    "mean, 400 words": {
        "pooling": "mean",
        "embedding_size": 48,
        "max_length": 400,
        "word_dropout": 0.1,
        "embedding_dropout": 0.3,
    },
    "max, 800 words": {
        "pooling": "max",
        "embedding_size": 48,
        "max_length": 800,
        "word_dropout": 0.2,
        "embedding_dropout": 0.4,
    },
    "mean and max, 800 words, 64 features (the default)": {
        "pooling": "mean_max",
        "embedding_size": 64,
        "max_length": 800,
        "word_dropout": 0.2,
        "embedding_dropout": 0.4,
    },
    "mean and max, 800 words, both directions": {
        "pooling": "mean_max",
        "embedding_size": 48,
        "bidirectional": True,
        "max_length": 800,
        "word_dropout": 0.2,
        "embedding_dropout": 0.4,
    },
    "mean and max, 800 words, 64 features, more dropout": {
        "pooling": "mean_max",
        "embedding_size": 64,
        "max_length": 800,
        "word_dropout": 0.3,
        "embedding_dropout": 0.5,
        "epochs": 6,
    },
    "attention, 800 words, 64 features": {"pooling": "attention"},
    "lstm, mean and max, 800 words, 64 features": {"cell": "lstm"},
    "mean and max, 800 words, 64 features, two layers": {"layers": 2},
}


def main() -> None:
    path = RESULTS / "sentiment_settings.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    rows = load_imdb()["train"]
    for name in sys.argv[1:] or SETTINGS:
        task = rnnkit.TextClassifier(**SETTINGS[name]).fit(rows)
        result[name] = {
            "settings": SETTINGS[name],
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
