"""How good are the translator's default settings? Its pipeline from end to end, one pair of languages after another.

The test part is read once, after training. Runs are kept in `benchmarks/.translation_pairs` and resumed. Adds
each to `results/translation_pairs.json`.

    python benchmarks/translation_pairs.py --data FOLDER [en-de en-fr]
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / ".translation_pairs"
KEPT = ("data", "validation", "test", "test_tflite", "parameters", "training_seconds", "epochs", "best_epoch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("pairs", nargs="*", default=["en-de", "en-fr"])
    given = parser.parse_args()
    path = RESULTS / "translation_pairs.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    for pair in given.pairs:
        source, target = pair.split("-")
        run = FOLDER / pair.replace("-", "_")
        command = [sys.executable, str(ROOT / "pipelines" / "translation.py"), "--data", given.data, "--source", source,
                   "--target", target, "--resume", "--to", str(run)]  # fmt: skip
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
        figures = json.loads((run / "metrics.json").read_text())
        result[pair] = {name: figures[name] for name in KEPT}
        record("translation_pairs", result, seed=1, packages=("sacrebleu", "sentencepiece"))


if __name__ == "__main__":
    main()
