"""ETTh1: seven columns, 96, 192, 336 and 720 hours ahead from the 96 before, by the papers' split.

Figures are MSE and MAE of values scaled by mean and deviation of the training hours, over all windows of the test part.
One network for each horizon, with the default settings of `Forecaster`. One of these, what a history is divided by, was
chosen on the validation hours of the horizon 96; the test part is read once. Finished horizons are kept in --folder, so
a run that was interrupted goes on.

    python benchmarks/forecast_etth1.py --data ETTh1.csv
"""

import argparse
from pathlib import Path

import numpy as np
from _record import record

import rnnkit
from rnnkit.codec.forecast_heads import LEVELS
from rnnkit.quiet import load_keras
from rnnkit.tasks.forecaster.floors import floors

HORIZONS = (96, 192, 336, 720)
TRAINED, VALIDATED, TESTED = 8_640, 11_520, 14_400  # the hours at which each part ends; the rest is unused
SETTINGS = {"look_back": 96}  # all else is the default
#: Published with a look-back of 96: MSE at each horizon (README of the SegRNN repository).
PUBLISHED = {"SegRNN": (0.368, 0.408, 0.444, 0.446), "iTransformer": (0.386, 0.441, 0.487, 0.503),
             "DLinear": (0.386, 0.437, 0.481, 0.519)}  # fmt: skip


def errors(windows, forecasts, deviations):
    """MSE and MAE of forecasts `[windows, horizon]`, in deviations of the training hours."""
    scaled = (forecasts - windows.truth) / deviations[windows.series][:, None]
    return {"mse": float((scaled**2).mean()), "mae": float(np.abs(scaled).mean())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv")
    parser.add_argument("--folder", default="forecast_etth1.runs", help="where finished horizons are kept")
    parser.add_argument("--horizons", type=int, nargs="*", default=list(HORIZONS))
    parser.add_argument("--validation", action="store_true", help="score on the validation hours, to choose settings")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="other settings")
    arguments = parser.parse_args()
    load_keras()
    import pandas as pd

    given = dict(each.split("=", 1) for each in arguments.set)
    kinds = {name: type(getattr(rnnkit.Forecaster().options, name)) for name in given}
    changed = {name: value == "True" if kinds[name] is bool else kinds[name](value) for name, value in given.items()}
    settings = {**SETTINGS, **changed}
    ends = (TRAINED - 960, TRAINED, VALIDATED) if arguments.validation else (TRAINED, VALIDATED, TESTED)
    table = pd.read_csv(arguments.data).iloc[: ends[2]]
    series = rnnkit.Forecaster.open_source(table)
    deviations = np.array([each.values[:TRAINED].std() for each in series.series])
    found = {}
    for horizon in arguments.horizons:
        borders = {"validation_start": str(ends[0] + 1), "test_start": str(ends[1] + 1)}
        to = Path(arguments.folder, f"{horizon}{'_validation' * arguments.validation}")
        task = rnnkit.Forecaster(**settings, **borders, horizon=horizon)
        task.fit(series, to=to, resume=not changed, overwrite=bool(changed))
        parts = task.parts if task.parts is not None else task.preprocessing.learn(series)
        median = task.outputs(parts.test)[..., LEVELS.index(0.5)]
        beside = {name: errors(parts.test, each, deviations) for name, each in floors(parts.test).items()}
        seconds = task.results["training_seconds"]
        found[str(horizon)] = {**errors(parts.test, median, deviations), "floors": beside, "seconds": seconds}
        found[str(horizon)] |= {"windows": len(parts.test), "epochs": task.results["best_epoch"]}
        print(horizon, found[str(horizon)], flush=True)
    if not arguments.validation and not changed and set(arguments.horizons) == set(HORIZONS):
        result = {"settings": settings, "horizons": found, "published": {"horizons": HORIZONS, **PUBLISHED}}
        print(record("forecast_etth1", result, seed=1))


if __name__ == "__main__":
    main()
