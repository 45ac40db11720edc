"""`rnnkit tune` against the default settings, on the embedded reviews: validation scores, time, killed and resumed.

Three searches, each with its seed: as many trials as fit into the minutes, whatever their number, and what the first
trial, with the settings as they are, scores beside the best. One search more is killed at random and resumed until it
is whole, and must end as its undisturbed twin.

    python benchmarks/tuning.py
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from _record import record

from rnnkit.tasks.text_classifier.sample import sentiment_data

MINUTES, EPOCHS, TRIALS = 15.0, 6, 16
SEEDS = (1, 2, 3)
_COMMON = ("text_classifier", "--epochs", str(EPOCHS))


def search(data: Path, to: Path, *more: str, kill: random.Random | None = None) -> dict[str, Any]:
    """The record of a search by the command line; with `kill` it is killed at random, and resumed until it ends."""
    command = [sys.executable, "-m", "rnnkit", "tune", _COMMON[0], str(data), *_COMMON[1:], "--to", str(to), *more]
    kills, resume = 0, list[str]()
    while True:
        running = subprocess.Popen([*command, *resume], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if kill is not None and kills < 3:
            time.sleep(kill.uniform(20, 60))
            if running.poll() is None:
                os.kill(running.pid, signal.SIGKILL)
                kills += 1
        running.wait()
        if running.returncode == 0:
            break
        resume = ["--resume"] if (to / "tuning.json").is_file() else []
    found: dict[str, Any] = json.loads((to / "tuning.json").read_text(encoding="utf-8"))
    return {**found, "kills": kills}


def main() -> None:
    """Search, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    given = parser.parse_args()
    searches = {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "reviews.csv")
        pd.DataFrame(list(sentiment_data("sample")[0]), columns=["text", "label"]).to_csv(data, index=False)
        for seed in SEEDS:
            how = ("--seed", str(seed), "--trials", "1000", "--minutes", str(given.minutes))
            found = search(data, Path(folder, f"seed_{seed}"), *how)
            results = found["results"]
            best = next(one for one in results if one["run"] == found["kept"][0])
            searches[str(seed)] = {
                "trials": len(results),
                "given_up": sum(one["pruned"] for one in results),
                "seconds": round(sum(one["seconds"] for one in results), 1),
                "default": results[0]["goals"]["score"],
                "best": best["goals"]["score"],
                "settings": best["settings"],
                "importance": found["importance"],
            }
            print(seed, json.dumps(searches[str(seed)]), flush=True)
        how = ("--seed", "1", "--trials", str(TRIALS))
        whole = search(data, Path(folder, "whole"), *how)
        killed = search(data, Path(folder, "killed"), *how, kill=random.Random(0))
    same = [{**one, "seconds": 0} for one in whole["results"]] == [{**one, "seconds": 0} for one in killed["results"]]
    print(f"killed {killed['kills']} times and resumed: {'the same' if same else 'OTHERS'}")
    resumed = {"trials": TRIALS, "kills": killed["kills"], "same_trials": same}
    resumed["same_kept"] = whole["kept"] == killed["kept"]
    result = {"minutes": given.minutes, "epochs": EPOCHS, "searches": searches, "resumed": resumed}
    print(record("tuning", result, seed=list(SEEDS), packages=("optuna",)))


if __name__ == "__main__":
    main()
