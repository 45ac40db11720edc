"""Which settings suit IMDB? Trains each on the training half alone and compares validation scores.

The test half is not read here. Needs the real reviews: TFDS_DATA_DIR, or a network.

    python benchmarks/sentiment_settings.py                 all settings below
    python benchmarks/sentiment_settings.py "gru, max"      one of them
"""

import json
import sys

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tfds import load_imdb

SETTINGS = {
    "gru, max": {},
    "gru, mean": {"pooling": "mean"},
    "gru, attention": {"pooling": "attention"},
    "gru, last": {"pooling": "last"},
    "lstm, max": {"cell": "lstm"},
    "min_gru, max": {"cell": "min_gru"},
    "gru, max, both directions": {"bidirectional": True, "units": 32},
    "gru, max, 800 words": {"max_length": 800, "word_dropout": 0.2, "embedding_dropout": 0.4},
    "gru, mean and max, 800 words, 64 features": {"pooling": "mean_max", "embedding_size": 64},
    "gru, mean and max, 800 words, both directions": {"pooling": "mean_max", "bidirectional": True},
    "gru, max, two layers": {"layers": 2},
    "gru, max, 250 words": {"max_length": 250},
    "gru, max, 64 features": {"embedding_size": 64},
    "gru, max, more dropout, 7 epochs": {"word_dropout": 0.3, "embedding_dropout": 0.5, "epochs": 7},
    "gru, max, both directions, more dropout": {"bidirectional": True, "word_dropout": 0.3, "embedding_dropout": 0.5},
    "gru, max, batch 32": {"batch_size": 32},
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
