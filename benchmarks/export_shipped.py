"""Export shipped Runs again, as a change of the default form or of the format asks for, and score the new files.

Weights and their figures stay; `lite/` is written anew, compared with Keras on rows that were not tested, and scored on
the test part (`test_tflite` in `metrics.json`).

    TFDS_DATA_DIR=FOLDER python benchmarks/export_shipped.py imdb_sentiment conll_ner gestures
    python benchmarks/export_shipped.py translation_en_de --data FOLDER --source en --target de
    python benchmarks/export_shipped.py image_captioning --data FOLDER
"""

import argparse
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from ship_run import PARTS, SCORED, SHIPPED

import rnnkit
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, read_json, write_json
from rnnkit.tasks.base.scoring import score


def _reviews(task: Any, _: Any) -> dict[str, Any]:
    """Some of the training half, in place of the validation part, and the test half."""
    from rnnkit.data.tables import Rows
    from rnnkit.data.tfds import load_imdb

    found = load_imdb()
    rows = {"validation": found["train"][::125], "test": found["test"]}
    return {name: task.encode_rows(Rows(rows[name], name=f"imdb_reviews {name}")) for name in SCORED}


def _tagged(task: Any, _: Any) -> dict[str, Any]:
    from rnnkit.tasks.token_tagger.sample import conll_2003

    found = conll_2003()
    sentences = {"validation": found.validation, "test": found.test}
    return {name: task.preprocessing.encode_sentences(sentences[name], f"conll2003 {name}") for name in SCORED}


def _gestures(task: Any, _: Any) -> dict[str, Any]:
    """The parts of the training: the split follows from the made-up gestures and the seed."""
    from rnnkit.tasks.sequence_classifier.sample import gesture_data

    parts = type(task.preprocessing)(task.options).learn(gesture_data())
    return {name: getattr(parts, name) for name in SCORED}


ENCODED: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "text_classifier": _reviews,
    "token_tagger": _tagged,
    "sequence_classifier": _gestures,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+")
    parser.add_argument("--data")
    parser.add_argument("--source")
    parser.add_argument("--target")
    given = parser.parse_args()
    load_keras()
    for name in given.names:
        folder = SHIPPED / name
        task = rnnkit.load(folder)
        if task.key in ENCODED:
            parts = ENCODED[task.key](task, given)
        else:
            parts = {name: task.encode_rows(rows) for name, rows in PARTS[task.key](task, given).items()}
        quantize = read_json(folder / "lite" / "bundle.json")["quantize"]
        done = task.export(quantize=quantize, rows=parts["validation"])
        before = read_json(folder / METRICS)
        lite = score(task, parts["test"], task.lite_outputs(parts["test"]))
        lite |= {"bytes": done["bytes"], "strategy": done["strategy"]}
        print(name, "was", before.get("test_tflite"), "is", lite, done["agreement"], sep="\n  ")
        write_json(folder / METRICS, {**before, "test_tflite": lite})


if __name__ == "__main__":
    main()
