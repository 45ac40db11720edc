"""Forecasts of many series: sales of shops, two weeks ahead with intervals, by one network, ready for a phone.

python pipelines/forecast.py                                      made-up sales
python pipelines/forecast.py --data walks                         random walks, which nothing can forecast
python pipelines/forecast.py --data ETTh1.csv --horizon 96        your own: a column or a row a series, or long
python pipelines/forecast.py --quick                              everything once, small
"""

from pathlib import Path
from typing import Annotated

import typer

import rnnkit
from rnnkit.cli import run_app
from rnnkit.cli.figures import show_methods
from rnnkit.cli.overwriting import Overwrite, may_replace_run
from rnnkit.cli.screen import next_step, say, word
from rnnkit.quiet import load_keras
from rnnkit.run.folder import METRICS, PLOTS, write_json
from rnnkit.tasks.forecaster.sample import SAMPLE, SETTINGS, sales_series

QUICK = {"units": 8, "epochs": 1, "windows": 500, "backtests": 1}


def main(
    data: Annotated[str, typer.Option(help="sample, walks, or a file of time series")] = SAMPLE,
    known: Annotated[str | None, typer.Option(help="columns of the file that are known ahead")] = None,
    static: Annotated[str | None, typer.Option(help="columns that do not change within a series")] = None,
    horizon: Annotated[int | None, typer.Option(help="steps to forecast")] = None,
    cell: Annotated[str | None, typer.Option(help="recurrent cell (rnnkit cells), or your own: FILE.py")] = None,
    units: Annotated[int | None, typer.Option(help="width of the recurrent state")] = None,
    epochs: Annotated[int | None, typer.Option(help="passes over the data")] = None,
    seed: Annotated[int | None, typer.Option(help="random seed")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="small and short, to check that everything works")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="continue an interrupted run")] = False,
    overwrite: Overwrite = False,
    to: Annotated[Path, typer.Option(help="Run folder to write")] = Path("saved_models/my_forecast"),
) -> None:
    """Train a forecaster and export it."""
    overwrite = may_replace_run(to, overwrite, resume)
    load_keras()
    # 1 Raw data: series, what is known of them ahead, and what never changes.
    series = sales_series(data, {"known": known, "static": static})

    # 2 One network for all series; each is divided in time, and what is tested comes last.
    flags = {"horizon": horizon, "cell": cell, "units": units, "epochs": epochs, "seed": seed}
    given = {name: value for name, value in flags.items() if value is not None}
    settings = SETTINGS if data == SAMPLE else {"epochs": SETTINGS["epochs"], "units": SETTINGS["units"]}
    task = rnnkit.Forecaster(**{**settings, **(QUICK if quick else {}), **given})

    # 3 Train, score once on the test part beside what needs no network, and save the Run with its pictures.
    say(f"DATA  {series.name}", "bold")
    task.fit(series, to=to, resume=resume, overwrite=overwrite)
    scores = task.results["test"]
    say(f"test    MASE {scores['mase']:.3f}  sMAPE {scores['smape']:.2f}  {scores['verdict']}", "bold")
    show_methods(scores)

    # 4 Export for the phone: compared with Keras on validation windows, then scored on the whole test part.
    done = task.export(quantize="float16")
    lite = task.metrics(task.parts.test, task.lite_outputs(task.parts.test))
    say(f"TFLite  MASE {lite['mase']:.3f}  {done['bytes'] / 1e6:.2f} MB  {done['milliseconds']:.2f} ms a series")
    task.results["test_tflite"] = {**lite, "bytes": done["bytes"], "strategy": done["strategy"]}
    write_json(to / METRICS, task.results)
    say(f"saved {to}; its forecasts of the test part: {to / PLOTS / 'forecasts.png'}")
    next_step(f"rnnkit predict {word(to)} --tflite history.csv --to forecast.csv")


if __name__ == "__main__":
    run_app(main)
