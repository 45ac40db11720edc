"""How much faster do the pipelines train than at an earlier version?

Runs each pipeline's training on the data that come with rnnkit, at its full size, for some steps: here and in a
checkout of the earlier version, in processes that take turns. Compared are the medians of a step's time and of the
processor's time in it, which other programs disturb less; steps in which TensorFlow traces are left out. Adds each
pipeline to `results/training_speed.json`.

    git worktree add ../before 412b6ea
    python benchmarks/training_speed.py ../before [--pipelines imdb_sentiment,gestures] [--steps 40]
"""

import argparse
import json
import os
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

ROOT = Path(__file__).parents[1]
PIPELINES = (
    "imdb_sentiment", "conll_ner", "translation", "char_text", "char_music", "image_captioning", "gestures",
    "forecast", "dna_splice",
)  # fmt: skip
#: Processes of each version.
TURNS = 3
#: Steps longer than this many medians are those in which TensorFlow traces.
TRACED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=Path, help="a checkout of the earlier version")
    parser.add_argument("--pipelines", default=",".join(PIPELINES))
    parser.add_argument("--steps", type=int, default=40)
    given = parser.parse_args()
    from _record import RESULTS, record

    path = RESULTS / "training_speed.json"
    result: dict[str, Any] = json.loads(path.read_text())["result"] if path.exists() else {}
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=given.before, capture_output=True, text=True)
    for pipeline in given.pipelines.split(","):
        times: dict[str, list[tuple[float, float]]] = {"before": [], "after": []}
        for turn in range(TURNS):
            for name in ("before", "after") if turn % 2 else ("after", "before"):
                times[name] += steps_of(given.before if name == "before" else ROOT, pipeline, given.steps)
        medians = {name: np.median(of_all, axis=0) for name, of_all in times.items()}
        shares = medians["after"] / medians["before"]
        result[pipeline] = {
            "before": commit.stdout.strip(),
            "steps": {name: len(of_all) for name, of_all in times.items()},
            "milliseconds": {name: round(float(each[0]), 1) for name, each in medians.items()},
            "of": round(float(shares[0]), 3),
            "of_processor": round(float(shares[1]), 3),
        }
        print(pipeline, result[pipeline], flush=True)
        record("training_speed", result, seed=1)


def steps_of(root: Path, pipeline: str, steps: int) -> list[tuple[float, float]]:
    """Milliseconds that passed and that the processor worked, for each step of a training in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__).resolve()), "--child", pipeline, str(steps), folder]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{pipeline} in {root}: {done.stderr[-2000:]}")
    times = np.array(json.loads(done.stdout.splitlines()[-1]))
    kept = times[times[:, 0] < TRACED * np.median(times[:, 0])]
    return [(float(passed), float(worked)) for passed, worked in kept]


def child(pipeline: str, steps: int, folder: str) -> None:
    """Train a pipeline for some steps, then print their times and leave."""
    import keras

    script = Path("pipelines") / f"{pipeline}.py"
    sys.path.insert(0, str(script.parent))
    arguments = ["--to", f"{folder}/run"]
    if "data: Annotated" in script.read_text(encoding="utf-8"):
        arguments += ["--data", "sample"]
    sys.argv = [str(script), *arguments]
    times: list[tuple[float, float]] = []
    train = keras.Model.train_on_batch

    def timed(self: Any, *batch: Any, **more: Any) -> Any:
        began, busy = time.perf_counter(), time.process_time()
        found = train(self, *batch, **more)
        times.append((1000 * (time.perf_counter() - began), 1000 * (time.process_time() - busy)))
        if len(times) == steps:
            print(json.dumps(times), flush=True)
            os._exit(0)
        return found

    keras.Model.train_on_batch = timed
    runpy.run_path(str(script), run_name="__main__")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main()
