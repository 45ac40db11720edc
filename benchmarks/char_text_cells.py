"""Which cell writes Shakespeare best? The settings of `pipelines/char_text.py`, one cell after another.

The last 10 % of the text are the test part, read once per cell, with states carried all through it. `min_gru:3` is a
stack of three residual blocks, with the settings below, chosen on the validation part. Runs are kept in
`benchmarks/.char_text` and resumed. Adds each to `results/char_text_cells.json`.

    python benchmarks/char_text_cells.py [lstm gru min_gru min_gru:3 mogrifier_lstm]
"""

import json
import os
import runpy
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from _record import RESULTS, record

import rnnkit
from rnnkit.quiet import load_keras
from rnnkit.tasks.language_model.sample import LongText, load_tiny_shakespeare

FOLDER = Path(__file__).parent / ".char_text"
#: One layer of min_gru cannot compare inputs, so it is stacked too.
CELLS = ("lstm", "gru", "min_gru", "min_gru:3", "mogrifier_lstm")
#: What stacks of blocks have in place of the pipeline's settings: small layers, which need less dropout.
STACKED = {
    "min_gru:3": {"block": 2, "units": 256, "dropout": 0.1, "dropout_between": 0.1, "weight_drop": 0.0, "epochs": 16},
}
#: Rates of dynamic evaluation, chosen on the validation part.
RATES = (0.03, 0.1, 0.3)


def main() -> None:
    load_keras()
    settings = runpy.run_path(str(Path(__file__).parents[1] / "pipelines" / "char_text.py"))["SETTINGS"]
    path = RESULTS / "char_text_cells.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    text = load_tiny_shakespeare()
    for stack in sys.argv[1:] or CELLS:
        cell, _, layers = stack.partition(":")
        more = {"layers": int(layers), **STACKED[stack]} if layers else {}
        folder = FOLDER / stack.replace(":", "_")
        task = rnnkit.LanguageModel(**{**settings, **more}, cell=cell).fit(text, to=folder, resume=True)
        dynamic = {rate: _dynamic(task, text.validation, rate) for rate in RATES}
        rate = min(dynamic, key=lambda each: dynamic[each])
        result[f"{cell}, {layers} blocks" if layers else cell] = {
            "settings": {**settings, **more},
            **{part: task.results[part] for part in ("validation", "test")},
            "dynamic_evaluation": {"rate": rate, "validation": dynamic[rate], "test": _dynamic(task, text.test, rate)},
            **{name: task.results[name] for name in ("parameters", "training_seconds", "epochs", "best_epoch")},
        }
        print(stack, task.results["test"], flush=True)
        record("char_text_cells", result, seed=1)


def _dynamic(task: rnnkit.LanguageModel, text: str, rate: float) -> float:
    return task.evaluate_dynamically(LongText("", "", "", text), learning_rate=rate)["nats_per_character"]


if __name__ == "__main__":
    main()
