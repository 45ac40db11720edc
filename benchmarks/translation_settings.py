"""Which settings of the translator? Each is trained on a folder of sentence pairs and scored on its validation part.

The test part is not read: the validation part takes its place. Runs are kept in `benchmarks/.translation` and
resumed. Adds each to `results/translation_settings.json`.

    python benchmarks/translation_settings.py --data FOLDER [--source en] [--target de] ["default" ...]
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

import rnnkit
from rnnkit.quiet import load_keras

FOLDER = Path(__file__).parent / ".translation"
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "input feeding": {"input_feeding": True},
    "more dropout": {"dropout": 0.5, "embedding_dropout": 0.3},
    "lstm": {"cell": "lstm"},
    "6,000 pieces": {"vocabulary_size": 6000},
    "30 epochs": {"epochs": 30},
    "multiplicative": {"attention": "general"},
    "embedding 128": {"embedding_size": 128},
    "320 units": {"units": 320},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--source", default="en")
    parser.add_argument("--target", default="de")
    parser.add_argument("names", nargs="*", help="which settings; by default all")
    given = parser.parse_args()
    load_keras()
    path = RESULTS / "translation_settings.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    for name in given.names or SETTINGS:
        task = rnnkit.Translator(**SETTINGS[name])
        pairs = task.read(given.data, {"source": given.source, "target": given.target})
        folder = FOLDER / f"{given.source}_{given.target}_{name.replace(' ', '_').replace(',', '')}"
        task.fit(replace(pairs, test=pairs.validation), to=folder, resume=True)
        found = {part: task.results[part] for part in ("parameters", "training_seconds", "epochs", "best_epoch")}
        result[f"{given.source}-{given.target}, {name}"] = {
            "settings": SETTINGS[name], "validation": task.results["validation"], **found,
        }  # fmt: skip
        print(name, task.results["validation"], flush=True)
        record("translation_settings", result, seed=1, packages=("sacrebleu",))


if __name__ == "__main__":
    main()
