"""The shipped tagger as a TFLite file: F1 on the whole CoNLL test part, and the cost of a sentence's length.

Each form is exported again, scored with `rnnkit.lite` next to Keras, and timed on sentences of 16 to 256 tokens, one
thread. Adds to `results/tagger_tflite.json`.

    python benchmarks/tagger_tflite.py [--data-dir DIR] [--run saved_models/conll_ner]
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import record

import rnnkit
from rnnkit import lite
from rnnkit.export import flatbuffer
from rnnkit.quiet import load_keras
from rnnkit.tasks.token_tagger.sample import tagged_data

LENGTHS, ROUNDS = (16, 64, 128, 256), 21


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", default=None)
    parser.add_argument("--run", default="saved_models/conll_ner")
    given = parser.parse_args()
    load_keras()
    task = rnnkit.load(given.run)
    test = task.encode_sentences(tagged_data("tfds", given.data_dir).test, "conll2003 test")
    result: dict[str, Any] = {"keras_f1": task.metrics(test, task.outputs(test))["f1"], "sentences": len(test)}
    for strategy in ("loop", "fused"):
        for quantize in ("none", "float16", "dynamic"):
            with tempfile.TemporaryDirectory() as folder:
                done = task.export(folder, quantize=quantize, strategy=strategy)
                runner = lite.load(Path(folder, "lite"))
                outputs = runner.run(task.exporter().rows(test))
                foreign = flatbuffer.non_builtin(Path(folder, "lite", "model.tflite").read_bytes())
                times = milliseconds(task, runner)
            result[f"{strategy}, {quantize}"] = {
                "f1": task.metrics(test, outputs)["f1"], "bytes": done["bytes"], "not_builtin": sorted(foreign),
                "milliseconds": times, "256_to_64": round(times["256"] / times["64"], 2),
            }  # fmt: skip
            print(strategy, quantize, result[f"{strategy}, {quantize}"], flush=True)
            record("tagger_tflite", result, seed=1)


def milliseconds(task: Any, runner: Any) -> dict[str, float]:
    """Median milliseconds of a sentence of each length, the lengths taking turns."""
    words = [task.vocabulary.words[3 + place % 1000] for place in range(max(LENGTHS))]
    rows = {length: task.features.encode(words[:length]) for length in LENGTHS}
    times: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for turn in range(ROUNDS + 1):
        for length, row in rows.items():
            runner.run([row])  # the memory is laid out anew for another length
            began = time.perf_counter()
            runner.run([row])
            if turn:
                times[length].append(1000 * (time.perf_counter() - began))
    return {str(length): round(float(np.median(found)), 3) for length, found in times.items()}


if __name__ == "__main__":
    main()
