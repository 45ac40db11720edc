"""M4 Hourly: 414 series of 700 to 960 hours, 48 ahead, tested on the competition's test file.

sMAPE (0 to 200) and MASE (season 24) are the competition's: means over the series. The settings were chosen on the last
48 hours of the training file; the test is read once. The forecast is the mean of the quantiles of all seeds. Finished
seeds are kept in --folder: an interrupted run goes on.

    python benchmarks/forecast_m4_hourly.py --data FOLDER      the folder with Hourly-train.csv and Hourly-test.csv
"""

import argparse
from pathlib import Path

import numpy as np
from _record import record

import rnnkit
from rnnkit.codec.forecast_heads import LEVELS
from rnnkit.metrics.forecasts import mean_scores, window_scores
from rnnkit.quiet import load_keras
from rnnkit.tasks.forecaster.floors import floor_scores, naive_errors

SEEDS = (1, 2, 3)
SETTINGS = {
    "horizon": 48, "look_back": 336, "frequency": "h", "segment": 24, "units": 128, "dropout": 0.3, "logarithm": True,
    "scaling": "last", "spread": "window", "shortcut": "gated", "batch_size": 128, "learning_rate": 2e-3,
    "windows": 30_000, "epochs": 24, "patience": 6, "backtests": 1,
}  # fmt: skip
#: Published: sMAPE and MASE.
PUBLISHED = {"ES-RNN, the winner": (9.33, 0.893), "Naive2": (18.38, 2.395)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with both files")
    parser.add_argument("--folder", default="forecast_m4_hourly.seeds", help="where finished seeds are kept")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS))
    parser.add_argument("--validation", action="store_true", help="score on the end of the training file")
    arguments = parser.parse_args()
    load_keras()
    series = rnnkit.Forecaster.open_source(arguments.data / "Hourly-train.csv", frequency="h")
    later = None if arguments.validation else rnnkit.Forecaster.open_source(arguments.data / "Hourly-test.csv")
    quantiles, each = [], {}
    for seed in arguments.seeds:
        name = str(seed)
        task = rnnkit.Forecaster(**SETTINGS, seed=seed)
        task.fit(series, later, to=Path(arguments.folder, f"{name}{'_validation' * arguments.validation}"), resume=True)
        parts = task.parts if task.parts is not None else task.preprocessing.learn(series, later)
        quantiles.append(task.outputs(parts.test))
        each[name] = task.metrics(parts.test, quantiles[-1])
        print(name, each[name], flush=True)
    truth, naive = parts.test.truth, naive_errors(parts.test)
    joint = mean_scores(window_scores(truth, np.mean(quantiles, axis=0), LEVELS, naive))
    beside = {name: mean_scores(scores) for name, scores in floor_scores(parts.test).items()}
    print("all together", joint, beside, flush=True)
    if not arguments.validation and tuple(arguments.seeds) == SEEDS:
        result = {"settings": SETTINGS, "seeds": each, "joint": joint, "floors": beside, "published": PUBLISHED}
        print(record("forecast_m4_hourly", result, seed=list(SEEDS)))


if __name__ == "__main__":
    main()
