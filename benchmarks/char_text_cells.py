"""Which cell writes Shakespeare best? The settings of `pipelines/char_text.py`, one cell after another.

The last 10 % of the text are the test part, read once per network, with states carried all through it. `min_gru:3` is
a stack of three residual blocks and `mogrifier_lstm_wide` a larger layer, with the settings below, chosen on the
validation part. Runs are kept in `benchmarks/.char_text` and resumed. Adds each to `results/char_text_cells.json`.

    python benchmarks/char_text_cells.py [lstm gru min_gru mogrifier_lstm min_gru:3 mogrifier_lstm_wide]
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
CELLS = ("lstm", "gru", "min_gru", "mogrifier_lstm")
#: Other networks: what the result calls them, their cell, and what they have in place of the pipeline's settings. One
#: layer of min_gru cannot compare inputs, so it is stacked, in small layers which need less dropout.
OTHERS = {
    "min_gru:3": (
        "min_gru, 3 blocks",
        "min_gru",
        {
            "layers": 3, "block": 2, "units": 256, "dropout": 0.1, "dropout_between": 0.1, "weight_drop": 0.0,
            "epochs": 16,
        },
    ),
    "mogrifier_lstm_wide": (
        "mogrifier_lstm, 640 units",
        "mogrifier_lstm",
        {"units": 640, "weight_drop": 0.3, "epochs": 28},
    ),
}  # fmt: skip
#: Rates of dynamic evaluation, chosen on the validation part.
RATES = (0.03, 0.1, 0.3)


def main() -> None:
    load_keras()
    settings = runpy.run_path(str(Path(__file__).parents[1] / "pipelines" / "char_text.py"))["SETTINGS"]
    path = RESULTS / "char_text_cells.json"
    result = json.loads(path.read_text())["result"] if path.exists() else {}
    text = load_tiny_shakespeare()
    for network in sys.argv[1:] or (*CELLS, *OTHERS):
        name, cell, more = OTHERS.get(network, (network, network, {}))
        folder = FOLDER / network.replace(":", "_")
        task = rnnkit.LanguageModel(**{**settings, **more}, cell=cell).fit(text, to=folder, resume=True)
        dynamic = {rate: _dynamic(task, text.validation, rate) for rate in RATES}
        rate = min(dynamic, key=lambda each: dynamic[each])
        result[name] = {
            "settings": {**settings, **more},
            **{part: task.results[part] for part in ("validation", "test")},
            "dynamic_evaluation": {"rate": rate, "validation": dynamic[rate], "test": _dynamic(task, text.test, rate)},
            **{key: task.results[key] for key in ("parameters", "training_seconds", "epochs", "best_epoch")},
        }
        print(network, task.results["test"], flush=True)
        record("char_text_cells", result, seed=1)


def _dynamic(task: rnnkit.LanguageModel, text: str, rate: float) -> float:
    return task.evaluate_dynamically(LongText("", "", "", text), learning_rate=rate)["nats_per_character"]


if __name__ == "__main__":
    main()
