"""What does reading 75,000 reviews without their labels bring to the sentiment of 25,000 test reviews?

First a language model is trained on the texts of the unlabelled and the training reviews (in `benchmarks/.pretrained`,
kept and resumed: hours on two cores), then the classifier that begins with it, and the same classifier without.
Settings are chosen on validation reviews; the test half is read once a classifier. Adds each to
`results/pretrained_sentiment.json`.

    python benchmarks/pretrained_sentiment.py [--data-dir DIR] [--stage language|classify|all] [--seeds 1]
"""

import argparse
import json
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb
from rnnkit.quiet import load_keras

FOLDER = RESULTS.parent / ".pretrained"
ENCODER = {"cell": "gru", "units": 512, "embedding_size": 200}
LANGUAGE = {
    **ENCODER, "batch_size": 128, "window": 64, "epochs": 3, "learning_rate": 3e-3, "validation_share": 0.01,
    "vocabulary_size": 20_000,
}  # fmt: skip
CLASSIFIER = {
    **ENCODER, "vocabulary_size": 20_000, "pooling": "mean_max", "max_length": 400, "batch_size": 64, "epochs": 4,
    "learning_rate": 1e-3, "word_dropout": 0.1,
}  # fmt: skip
_HELD_OUT = 1_000  # unlabelled reviews that the language model is tested on


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", default=None)
    parser.add_argument("--stage", default="all", choices=("language", "classify", "all"))
    parser.add_argument("--seeds", default="1")
    given = parser.parse_args()
    load_keras()
    parts = load_imdb(given.data_dir, parts=("train", "test", "unsupervised"))
    path = RESULTS / "pretrained_sentiment.json"
    result: dict[str, Any] = json.loads(path.read_text())["result"] if path.exists() else {}
    if given.stage != "classify":
        result["language_model"] = language_model(parts)
        record("pretrained_sentiment", result, seed=1)
    if given.stage == "language":
        return
    for seed in map(int, given.seeds.split(",")):
        for name, more in (("begun with it", {"init_from": str(FOLDER / "language")}), ("begun at random", {})):
            key = f"{name}, seed {seed}"
            if key not in result:
                result[key] = classifier(parts, seed, name.replace(" ", "_"), more)
                record("pretrained_sentiment", result, seed=seed)


def language_model(parts: dict[str, list[tuple[str, str]]]) -> dict[str, Any]:
    """Trains it, or goes on."""
    texts = [text for text, _ in parts["unsupervised"]]
    rows = Rows([*texts[_HELD_OUT:], *(text for text, _ in parts["train"])], ("text",), "imdb_reviews without labels")
    held_out = Rows(texts[:_HELD_OUT], ("text",), "unlabelled reviews held out")
    task = rnnkit.LanguageModel(**LANGUAGE).fit(rows, held_out, to=FOLDER / "language", resume=True)
    return {"settings": LANGUAGE, **task.results["test"], "seconds": task.results["seconds"]}


def classifier(parts: dict[str, list[tuple[str, str]]], seed: int, name: str, more: dict[str, Any]) -> dict[str, Any]:
    """Trains one classifier, or goes on."""
    rows = (Rows(parts[part], name=f"imdb_reviews {part}") for part in ("train", "test"))
    settings = {**CLASSIFIER, **more, "seed": seed}
    task = rnnkit.TextClassifier(**settings).fit(*rows, to=FOLDER / f"{name}_{seed}", resume=True)
    shown = {name: value for name, value in settings.items() if name != "init_from"}
    figures = {part: task.results[part]["accuracy"] for part in ("validation", "test")}
    return {"settings": shown, **figures, "parameters": task.results["parameters"], "seconds": task.results["seconds"]}


if __name__ == "__main__":
    main()
