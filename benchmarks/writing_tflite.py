"""Does generation slow down on a phone? The exported step, from the 1st character to the 10,000th.

Each form of the file writes 10,000 characters. Reported are the median milliseconds of 500 steps at either end, the
memory growth in between, and whether the text equals Keras's. Writes `results/writing_tflite.json`.

    python benchmarks/writing_tflite.py [--run RUN]
"""

import argparse
import os
import resource
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

STEPS, SOME = 10_000, 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", default="saved_models/char_text")
    given = parser.parse_args()
    load_keras()
    task = rnnkit.load(given.run)
    how: dict[str, Any] = {"length": STEPS, "seed": 1}
    keras_text = task.generate(**how)[0]
    result = {}
    for quantize in ("none", "float16", "dynamic"):
        with tempfile.TemporaryDirectory() as folder:
            done = task.export(folder, quantize=quantize)
            runner = lite.load(Path(folder, "lite"))
            foreign = flatbuffer.non_builtin(Path(folder, "lite", "model.tflite").read_bytes())
            times, pieces, memory = [], [], []
            began = time.perf_counter()
            for number, (piece,) in enumerate(runner.stream(**how)):
                now = time.perf_counter()
                times.append(1000 * (now - began))
                pieces.append(piece)
                if number in (SOME, STEPS):
                    memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
                began = time.perf_counter()
            text = "".join(pieces)
            first, last = float(np.median(times[1 : SOME + 1])), float(np.median(times[-SOME:]))
            result[quantize] = {
                "milliseconds_first": round(first, 4), "milliseconds_last": round(last, 4),
                "last_to_first": round(last / first, 3), "kilobytes_more": memory[-1] - memory[0],
                "same_as_keras": text == keras_text, "bytes": done["bytes"], "not_builtin": sorted(foreign),
            }  # fmt: skip
            print(quantize, result[quantize], flush=True)
    record("writing_tflite", {"run": Path(given.run).name, "steps": STEPS, **result}, seed=1)


if __name__ == "__main__":
    main()
