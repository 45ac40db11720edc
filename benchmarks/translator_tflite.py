"""A trained translator on a whole test part: how fast Keras decodes it, and whether its TFLite file agrees.

Greedy decoding and a beam of 5 are timed in Keras on all sentences together; each TFLite form is exported again and
translates the sentences one by one from raw text to raw text, with one thread. Writes
`results/translator_tflite.json`.

    python benchmarks/translator_tflite.py --data FOLDER [--source en] [--target de] [--run RUN]
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
from rnnkit.metrics.translations import translation_scores
from rnnkit.quiet import load_keras

ROUNDS = 3
SEARCHES: dict[str, dict[str, Any]] = {"greedy": {"strategy": "greedy"}, "beam 5": {"beam_width": 5}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--source", default="en")
    parser.add_argument("--target", default="de")
    parser.add_argument("--run", default="saved_models/translation_en_de")
    given = parser.parse_args()
    load_keras()
    task = rnnkit.load(given.run)
    test = task.encode_rows(task.read(given.data, {"source": given.source, "target": given.target}))
    result: dict[str, Any] = {"sentences": len(test)}
    texts: dict[str, list[str]] = {}
    for name, how in SEARCHES.items():
        task.predict(list(test.sources[:100]), **how)  # the graph is traced
        seconds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            texts[name] = [answer.text for answer in task.predict(list(test.sources), **how)]
            seconds.append(time.perf_counter() - began)
        bleu = translation_scores(texts[name], test.references)["bleu"]
        result[f"keras, {name}"] = {"bleu": bleu, "seconds": round(float(np.median(seconds)), 2)}
        print(name, result[f"keras, {name}"], flush=True)
    for quantize in ("none", "float16", "dynamic"):
        with tempfile.TemporaryDirectory() as folder:
            done = task.export(folder, quantize=quantize, rows=test.some(100))
            runner = lite.load(Path(folder, "lite"))
            foreign = flatbuffer.non_builtin(Path(folder, "lite", "model.tflite").read_bytes())
            for name, how in SEARCHES.items():
                result[f"{quantize}, {name}"] = {
                    **translated(runner, list(test.sources), test.references, texts[name], how),
                    "bytes": done["bytes"], "not_builtin": sorted(foreign),
                }  # fmt: skip
                print(quantize, name, result[f"{quantize}, {name}"], flush=True)
        record("translator_tflite", result, seed=1, packages=("sacrebleu",))


def translated(
    runner: Any, sources: list[str], references: Any, ours: list[str], how: dict[str, Any]
) -> dict[str, Any]:
    """BLEU, how many translations are those of Keras, and the median milliseconds of one."""
    answers, times = [], []
    for source in sources:
        began = time.perf_counter()
        answers.append(runner.predict(source, **how)[0].text)
        times.append(1000 * (time.perf_counter() - began))
    same = float(np.mean([mine == theirs for mine, theirs in zip(ours, answers, strict=True)]))
    figures = {"bleu": translation_scores(answers, references)["bleu"], "same_as_keras": round(same, 4)}
    return {**figures, "milliseconds": round(float(np.median(times)), 2)}


if __name__ == "__main__":
    main()
