"""Code shared by benchmarks that train a language model on film reviews, and then a task with and without it."""

import argparse
import json
from collections.abc import Callable
from typing import Any

from _record import RESULTS, record

import rnnkit
from rnnkit.data.tables import Rows
from rnnkit.data.tfds import load_imdb
from rnnkit.quiet import load_keras

FOLDER = RESULTS.parent / ".pretrained"
BEGUN = "begun with it"
_HELD_OUT = 1_000  # unlabelled reviews that the language model is tested on


def compare(
    name: str, description: str, *, stage: str, language: str, settings: dict[str, Any],
    train: Callable[[Any, int, str, dict[str, Any]], dict[str, Any]], ways: dict[str, dict[str, Any]] | None = None,
) -> None:  # fmt: skip
    """Trains all that is not in `results/NAME.json` yet, one seed after the other, and adds it there.

    Args:
        name: Of the benchmark.
        description: For `--help`.
        stage: What the second stage is called.
        language: The language model's folder in `FOLDER`, where it is kept and resumed.
        settings: The language model's options.
        ways: Further options of the tasks that begin with it, by what the result calls them.
        train: Trains one task: given the parsed flags, a seed, a folder's name and options, gives its figures.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data-dir", default=None)
    parser.add_argument("--stage", default="all", choices=("language", stage, "all"))
    parser.add_argument("--seeds", default="1")
    given = parser.parse_args()
    load_keras()
    path = RESULTS / f"{name}.json"
    result: dict[str, Any] = json.loads(path.read_text())["result"] if path.exists() else {}
    if given.stage != stage:
        result["language_model"] = _language_model(given.data_dir, language, settings)
        record(name, result, seed=1)
    if given.stage == "language":
        return
    for seed in map(int, given.seeds.split(",")):
        begun_with = {way: {"init_from": str(FOLDER / language), **more} for way, more in (ways or {BEGUN: {}}).items()}
        for begun, more in {**begun_with, "begun at random": {}}.items():
            key = f"{begun}, seed {seed}"
            if key not in result:
                result[key] = train(given, seed, f"{begun.replace(',', '').replace(' ', '_')}_{seed}", more)
                record(name, result, seed=seed)


def _language_model(data_dir: str | None, folder: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Trains it on the unlabelled and the training reviews without their labels, or goes on."""
    parts = load_imdb(data_dir, parts=("train", "unsupervised"))
    texts = [text for text, _ in parts["unsupervised"]]
    rows = Rows([*texts[_HELD_OUT:], *(text for text, _ in parts["train"])], ("text",), "imdb_reviews without labels")
    held_out = Rows(texts[:_HELD_OUT], ("text",), "unlabelled reviews held out")
    task = rnnkit.LanguageModel(**settings).fit(rows, held_out, to=FOLDER / folder, resume=True)
    return {"settings": settings, **task.results["test"], "seconds": task.results["seconds"]}
