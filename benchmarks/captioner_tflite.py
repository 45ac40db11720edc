"""A trained captioner on a test part: do its TFLite files agree with Keras, how fast are they, and how large?

Each form is exported again (int8 calibrates its ranges on validation pictures) and captions the test pictures one by
one from file to sentence, with one thread; the encoder and the search are timed separately. Writes
`results/captioner_tflite.json`.

    python benchmarks/captioner_tflite.py --data FOLDER [--run RUN] [--pictures 200]
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
from rnnkit.codec.pictures import open_picture
from rnnkit.export import flatbuffer
from rnnkit.metrics.captions import caption_scores
from rnnkit.quiet import load_keras

FILES = ("encoder.tflite", "decoder.tflite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--run", default="saved_models/image_captioning")
    parser.add_argument("--pictures", type=int, default=0, help="of the test part; 0: all")
    given = parser.parse_args()
    load_keras()
    task = rnnkit.load(given.run)
    data = task.read(given.data)
    test = data.parts["test"][: given.pictures or None]
    files, references = [one.path for one in test], [one.captions for one in test]
    began = time.perf_counter()
    ours = [answer.text for answer in task.predict(files)]
    result: dict[str, Any] = {
        "pictures": len(test),
        "keras": {**_scores(ours, references), "seconds": round(time.perf_counter() - began, 1)},
    }
    print(result, flush=True)
    compared = task.rows_to_compare(data, 100)
    for quantize in ("none", "float16", "dynamic", "int8"):
        with tempfile.TemporaryDirectory() as folder:
            done = task.export(folder, quantize=quantize, rows=compared)
            bundle = Path(folder, "lite")
            runner = lite.load(bundle)
            result[quantize] = {
                **described(runner, files, references, ours),
                "bytes": {name: (bundle / name).stat().st_size for name in FILES},
                "not_builtin": [op for name in FILES for op in flatbuffer.non_builtin((bundle / name).read_bytes())],
                "agreement": done["agreement"]["same_label"],
            }  # fmt: skip
            print(quantize, result[quantize], flush=True)
        record("captioner_tflite", result, seed=1, packages=("pillow",))


def described(runner: Any, files: list[Path], references: Any, ours: list[str]) -> dict[str, Any]:
    """Scores, how many captions are those of Keras, and median milliseconds."""
    answers, whole, seeing = [], [], []
    for file in files:
        began = time.perf_counter()
        answers.append(runner.predict(file)[0].text)
        whole.append(1000 * (time.perf_counter() - began))
        picture = open_picture(file, runner.size)[None]
        began = time.perf_counter()
        runner._encode(picture=picture)
        seeing.append(1000 * (time.perf_counter() - began))
    same = float(np.mean([mine == theirs for mine, theirs in zip(ours, answers, strict=True)]))
    return {
        **_scores(answers, references),
        "same_as_keras": round(same, 4),
        "milliseconds": round(float(np.median(whole)), 1),
        "encoder_milliseconds": round(float(np.median(seeing)), 1),
    }


def _scores(captions: list[str], references: Any) -> dict[str, float]:
    scores = caption_scores(captions, references)
    return {name: scores[name] for name in ("bleu1", "bleu4", "cider", "exact")}


if __name__ == "__main__":
    main()
