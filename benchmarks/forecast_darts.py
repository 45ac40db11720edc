"""M4 Hourly, the last 48 hours of the training file: a GRU of rnnkit beside a GRU in darts' RNNModel.

rnnkit trains with the default settings of `Forecaster`. darts is given the same cell, width and look-back, the same
series up to the same hour, each scaled by its own range as its guides do, as many windows an epoch, and the same
minutes, then ten times as many. Each has one thread: on a busy machine, torch's wait for one another. darts runs in an
environment of its own, as both need other versions of what they share:

    python -m venv darts && darts/bin/pip install "u8darts[torch]"
    python benchmarks/forecast_darts.py --data Hourly-train.csv --darts darts/bin/python
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.update({"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"})

import numpy as np

HORIZON, UNITS = 48, 128
TIMES = (1, 10)  # how many times rnnkit's minutes darts has
_TRAINED, _SAID = "arrays.npz", "said.json"


def peer(folder: Path) -> None:
    """Trains darts' RNNModel on the series of a folder, and leaves its forecasts there."""
    import darts
    import torch
    from darts import TimeSeries
    from darts.dataprocessing.transformers import Scaler
    from darts.models import RNNModel

    asked = json.loads((folder / _SAID).read_text(encoding="utf-8"))
    torch.set_num_threads(1)
    with np.load(folder / _TRAINED) as arrays:
        series = [TimeSeries.from_values(arrays[name].astype(np.float32)) for name in sorted(arrays)]
    scaler = Scaler()
    began = time.perf_counter()
    scaled = scaler.fit_transform(series)
    model = RNNModel(
        model="GRU", hidden_dim=UNITS, n_rnn_layers=1, dropout=0.0, input_chunk_length=asked["look_back"],
        training_length=asked["look_back"] + HORIZON, batch_size=64, n_epochs=10_000, random_state=1,
        optimizer_kwargs={"lr": 1e-3},
        pl_trainer_kwargs={"accelerator": "cpu", "max_time": {"seconds": asked["seconds"]},
                           "enable_progress_bar": False, "logger": False, "enable_checkpointing": False},
    )  # fmt: skip
    model.fit(scaled, max_samples_per_ts=asked["windows"])
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    found = scaler.inverse_transform(model.predict(HORIZON, series=scaled, verbose=False))
    said = {"training_seconds": seconds, "prediction_seconds": time.perf_counter() - began,
            "darts": darts.__version__, "torch": torch.__version__}  # fmt: skip
    np.save(folder / "forecasts.npy", np.array([each.values()[:, 0] for each in found], np.float64))
    (folder / _SAID).write_text(json.dumps(said), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="Hourly-train.csv")
    parser.add_argument("--darts", help="the Python of an environment that has darts")
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer)
    if not arguments.data or not arguments.darts:
        parser.error("--data and --darts are needed")
    from _record import record

    import rnnkit
    from rnnkit.metrics.forecasts import mean_scores, window_scores
    from rnnkit.quiet import load_keras
    from rnnkit.tasks.forecaster.batching import MOST_WINDOWS
    from rnnkit.tasks.forecaster.floors import floor_scores, naive_errors

    load_keras()
    series = rnnkit.Forecaster.open_source(arguments.data, frequency="h")
    task = rnnkit.Forecaster(horizon=HORIZON, cell="gru", units=UNITS, backtests=1)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        task.fit(series, to=Path(folder, "run"))
    seconds = time.perf_counter() - began
    windows = task.parts.test
    began = time.perf_counter()
    quantiles = task.outputs(windows)
    prediction_seconds = time.perf_counter() - began
    mine = {**task.metrics(windows, quantiles), "training_seconds": seconds, "prediction_seconds": prediction_seconds}
    print("rnnkit", mine, flush=True)

    theirs = {}
    for times in TIMES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            histories = [windows.table.values[base : base + end] for base, end in zip(
                windows.table.base[windows.series], windows.origins, strict=True)]  # fmt: skip
            np.savez(folder / _TRAINED, **{f"{place:06}": values for place, values in enumerate(histories)})
            asked = {"look_back": task.plan.look_back, "windows": MOST_WINDOWS // len(windows),
                     "seconds": times * (round(seconds) + 1)}  # fmt: skip
            (folder / _SAID).write_text(json.dumps(asked), encoding="utf-8")
            subprocess.run([arguments.darts, __file__, "--peer", str(folder)], check=True)
            said, found = json.loads((folder / _SAID).read_text(encoding="utf-8")), np.load(folder / "forecasts.npy")
        scores = window_scores(windows.truth, found[..., None], (0.5,), naive_errors(windows))
        theirs[f"{times} times the minutes"] = {**mean_scores(scores), **said}
        print("darts", times, theirs[f"{times} times the minutes"], flush=True)
    beside = {name: mean_scores(scores) for name, scores in floor_scores(windows).items()}
    result = {"series": len(windows), "rnnkit": mine, "darts": theirs, "floors": beside}
    print(record("forecast_darts", result, seed=1))


if __name__ == "__main__":
    sys.exit(main())
