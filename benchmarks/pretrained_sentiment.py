"""How much does reading 75,000 unlabelled reviews help the sentiment of 25,000 test reviews?

First a language model is trained on the texts of the unlabelled and the training reviews (in `benchmarks/.pretrained`,
kept and resumed: hours on two cores), then the classifier that starts from it, and the same classifier without.
Settings are chosen on validation reviews; the test half is read once per classifier. Adds each to
`results/pretrained_sentiment.json`.

    python benchmarks/pretrained_sentiment.py [--data-dir DIR] [--stage language|classify|all] [--seeds 1]
"""

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _pretraining import BEGUN, FOLDER, compare

import rnnkit
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb

ENCODER = {"cell": "gru", "units": 512, "embedding_size": 200}
LANGUAGE = {
    **ENCODER, "batch_size": 128, "window": 64, "epochs": 3, "learning_rate": 3e-3, "validation_share": 0.01,
    "vocabulary_size": 20_000,
}  # fmt: skip
CLASSIFIER = {
    **ENCODER, "vocabulary_size": 10_000, "pooling": "mean_max", "max_length": 800, "batch_size": 64, "epochs": 3,
    "learning_rate": 1e-3, "word_dropout": 0.2, "embedding_dropout": 0.4,
}  # fmt: skip
#: Adversarial noise is as large as in Miyato et al. 2017 (arXiv:1605.07725). Reviews of up to 1,600 words and a fifth
#: pass were no better on validation reviews than the last of these, and are left out.
WAYS = {  # each takes the place of the one before, decided before its test
    f"{BEGUN}, adversarial": {"adversarial": 0.016},
    f"{BEGUN}, adversarial, averaged": {
        "adversarial": 0.016,
        "average": 0.998,
        "epochs": 4,
        "validation_share": 0.04,
    },
}


def main() -> None:
    compare(
        "pretrained_sentiment", __doc__.splitlines()[0], stage="classify", language="language", settings=LANGUAGE,
        train=classifier, ways=WAYS,
    )  # fmt: skip


def classifier(given: Any, seed: int, folder: str, more: dict[str, Any]) -> dict[str, Any]:
    """Trains one classifier, or goes on."""
    parts = load_imdb(given.data_dir)
    rows = (Rows(parts[part], name=f"imdb_reviews {part}") for part in ("train", "test"))
    settings = {**CLASSIFIER, **more, "seed": seed}
    task = rnnkit.TextClassifier(**settings).fit(*rows, to=FOLDER / folder, resume=True)
    shown = {name: value for name, value in settings.items() if name != "init_from"}
    figures = {part: task.results[part]["accuracy"] for part in ("validation", "test")}
    return {
        "settings": shown,
        **figures,
        "parameters": task.results["parameters"],
        "seconds": task.results["training_seconds"],
    }


if __name__ == "__main__":
    main()
