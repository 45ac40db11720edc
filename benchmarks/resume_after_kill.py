"""Does a training killed at random moments end where the undisturbed one ends?

Runs the sentiment pipeline once undisturbed, then again, killed with SIGKILL at random moments and continued with
`--resume`, and compares the figures in metrics.json and every weight.

    python benchmarks/resume_after_kill.py                          the offline sample, five kills
    python benchmarks/resume_after_kill.py --data tfds --epochs 3
"""

import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from _record import record

import rnnkit

PIPELINE = Path(__file__).parents[1] / "pipelines" / "imdb_sentiment.py"
FIGURES = ("validation", "test", "test_tflite", "calibration", "best_epoch", "epochs", "parameters")


def main(
    data: Annotated[str, typer.Option(help="as for the pipeline")] = "sample",
    units: int = 32,
    epochs: int = 4,
    kills: Annotated[int, typer.Option(help="number of kills")] = 5,
    seed: Annotated[int, typer.Option(help="random seed of the moments")] = 1,
) -> None:
    """Kill a training again and again, and compare its end with the undisturbed one's."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        flags = ["--data", data, "--units", str(units), "--epochs", str(epochs)]
        undisturbed, killed = Path(folder, "undisturbed"), Path(folder, "killed")
        began = time.monotonic()
        run([*flags, "--to", str(undisturbed)])
        seconds = time.monotonic() - began
        moments = []
        while len(moments) < kills:
            moment = chance.uniform(0.3, 0.8) * seconds
            before = epochs_done(killed, epochs)
            if run([*flags, "--to", str(killed), "--resume"], kill_after=moment):
                print(f"it was done before the kill after {moment:.0f} s; the next one begins anew")
                shutil.rmtree(killed)
                continue
            after = epochs_done(killed, epochs)
            moments.append({"seconds": round(moment, 1), "whole_epochs_before": before, "whole_epochs_after": after})
            print(f"killed after {moment:.0f} s; whole epochs {before} -> {after}")
        run([*flags, "--to", str(killed), "--resume"])
        result = compare(undisturbed, killed)
    result |= {
        "kills": moments,
        "data": data,
        "units": units,
        "epochs": epochs,
        "undisturbed_seconds": round(seconds, 1),
    }
    print(json.dumps(result, indent=2))
    record("resume_after_kill", result, seed=seed)
    if not (result["same_figures"] and result["same_weights"]):
        raise SystemExit("The resumed training ended elsewhere.")


def run(flags: list[str], kill_after: float | None = None) -> bool:
    """Runs the pipeline; whether it came to its end before it was killed."""
    process = subprocess.Popen(
        [sys.executable, str(PIPELINE), *flags], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, said = process.communicate(timeout=kill_after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return False
    if process.returncode:
        raise SystemExit(f"The pipeline failed: {said.decode(errors='replace')[-1000:]}")
    return True


def epochs_done(run_folder: Path, epochs: int) -> int:
    """Whole epochs in the checkpoint of an unfinished training; all, where only the export is left."""
    if run_folder.exists():
        return epochs
    path = run_folder.with_name(run_folder.name + ".partial") / "checkpoint.npz"
    if not path.exists():
        return 0
    with np.load(path, allow_pickle=False) as file:
        return int(json.loads(file["progress"].tobytes())["epoch"])


def compare(first: Path, second: Path) -> dict[str, Any]:
    """The recorded figures and all weights of two Runs."""
    ours, theirs = (json.loads((folder / "metrics.json").read_text()) for folder in (first, second))
    weights = [rnnkit.load(folder).network.get_weights() for folder in (first, second)]
    differences = [float(np.abs(a - b).max()) for a, b in zip(*weights, strict=True)]
    return {
        "same_figures": all(ours.get(name) == theirs.get(name) for name in FIGURES),
        "same_weights": max(differences) == 0.0,
        "largest_weight_difference": max(differences),
        "undisturbed": {name: ours.get(name) for name in FIGURES},
        "resumed": {name: theirs.get(name) for name in FIGURES},
    }


if __name__ == "__main__":
    typer.run(main)
