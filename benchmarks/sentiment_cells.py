"""Every cell in the sentiment pipeline on the real reviews, with 64 units and few epochs: enough to compare them.

Needs the real reviews: TFDS_DATA_DIR, or a network. A cell takes some minutes; those already in the result are kept,
and an interrupted training is resumed.

    python benchmarks/sentiment_cells.py [CELL ...]
"""

import json
import subprocess
import sys
from pathlib import Path

from _record import RESULTS, record

from rnnkit import cells

ROOT = Path(__file__).parents[1]
EPOCHS, SLOW_LEARNERS = 2, {"min_gru": 5}  # a linear recurrence learns more slowly, at a third of the time a pass


def main() -> None:
    path = RESULTS / "sentiment_cells.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    for cell in sys.argv[1:] or cells.names():
        if cell in result:
            continue
        run = ROOT / "saved_models" / f"my_imdb_{cell}"
        command = [sys.executable, str(ROOT / "pipelines/imdb_sentiment.py"), "--data", "tfds", "--cell", cell]
        epochs = SLOW_LEARNERS.get(cell, EPOCHS)
        command += ["--units", "64", "--epochs", str(epochs)]
        subprocess.run([*command, "--to", str(run), "--resume"], check=True)
        figures = json.loads((run / "metrics.json").read_text())
        result[cell] = {
            "test_accuracy": figures["test"]["accuracy"],
            "test_macro_f1": figures["test"]["macro_f1"],
            "validation_accuracy": figures["validation"]["accuracy"],
            "tflite_test_accuracy": figures["test_tflite"]["accuracy"],
            "tflite_bytes": figures["test_tflite"]["bytes"],
            "parameters": figures["parameters"],
            "seconds": figures["seconds"],
            "best_epoch": figures["best_epoch"],
            "epochs": epochs,
        }
        record("sentiment_cells", result, seed=1)
        print(cell, result[cell], flush=True)


if __name__ == "__main__":
    main()
