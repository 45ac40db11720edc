"""How good are the captioner's default settings? Its pipeline from end to end, one setting after another.

Attention against merge, LSTM against GRU; also the drawn scenes, whose test part has combinations of colour and shape
that training never shows. The test part is read once, after training. Runs are kept in
`benchmarks/.captioning` and resumed; features are cached, so only the first training has to encode the pictures. Adds
each to `results/captioning.json`.

    python benchmarks/captioning.py --data FOLDER [attention_lstm merge_lstm attention_gru merge_gru scenes]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / ".captioning"
KEPT = ("data", "validation", "test", "test_tflite", "parameters", "training_seconds", "epochs", "best_epoch")
WAYS = ("attention_lstm", "merge_lstm", "attention_gru", "merge_gru", "scenes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("ways", nargs="*", default=WAYS)
    given = parser.parse_args()
    path = RESULTS / "captioning.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    for way in given.ways:
        inject, _, cell = way.partition("_")
        flags = ["--data", given.data, "--inject", inject, "--cell", cell] if cell else ["--data", "sample"]
        run = FOLDER / way
        command = [
            sys.executable,
            str(ROOT / "pipelines" / "image_captioning.py"),
            *flags,
            "--resume",
            "--to",
            str(run),
        ]
        began = time.perf_counter()
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        figures = json.loads((run / "metrics.json").read_text())
        result[way] = {name: figures[name] for name in KEPT} | {"seconds": round(time.perf_counter() - began)}
        record("captioning", result, seed=1, packages=("pillow",))


if __name__ == "__main__":
    main()
