"""Does a step of a stream take as long at its ten thousandth as at its first? A GRU that labels sequences of numbers.

    python benchmarks/streaming_steps.py

The exported file and Keras are given the same endless sensor, step by step. Times are medians over the steps around
each place of several streams. Answers are compared with those of Keras to the whole up to there.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
from _record import record  # noqa: E402

import rnnkit  # noqa: E402
from rnnkit.lite import load  # noqa: E402
from rnnkit.tasks.sequence_classifier.network import Stepping  # noqa: E402

SEED = 1
PLACES, AROUND = (10, 1_000, 10_000), 9
CHANNELS, UNITS = 6, 64
Step = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    sensor = np.random.default_rng(SEED).normal(0.5, 1, (PLACES[-1] + AROUND, CHANNELS)).astype(np.float32)
    result: dict[str, Any] = {"cell": "gru", "units": UNITS, "channels": CHANNELS}
    with tempfile.TemporaryDirectory() as folder:
        task = trained(Path(folder) / "run")
        task.export(quantize="none")
        runner = load(Path(folder) / "run" / "lite")
        wholes = [np.array(list(task.predict(sensor[:place]).probabilities.values())) for place in PLACES]
        forms = {"rnnkit.lite": (7, lambda: runner.open_stream().step), "Keras": (3, lambda: keras_stream(task))}
        for name, (streams, opened) in forms.items():
            timings = [timed(opened(), sensor) for _ in range(streams)]
            seconds = np.stack([each for each, _ in timings])
            medians = [1000 * float(np.median(seconds[:, place - AROUND : place + AROUND])) for place in PLACES]
            result[name] = {
                "streams": streams,
                **{f"milliseconds_at_{place}": round(median, 4) for place, median in zip(PLACES, medians, strict=True)},
                "last_to_first": round(medians[-1] / medians[0], 3),
                "largest_difference_from_the_whole": float(max(np.abs(each - wholes).max() for _, each in timings)),
            }
            print(name, result[name])
    record("streaming_steps", result, seed=SEED)


def trained(folder: Path) -> Any:
    """A classifier after one epoch, which is enough to be timed."""
    random = np.random.default_rng(SEED)
    rows = [(random.normal(number % 2, 1, (40, CHANNELS)), "ab"[number % 2]) for number in range(64)]
    options = {"units": UNITS, "epochs": 1, "max_length": PLACES[-1] + AROUND, "seed": SEED}
    return rnnkit.SequenceClassifier(cell="gru", **options).fit(rows, to=folder)


def keras_stream(task: Any) -> Step:
    """A stream through the Keras network, without a graph."""
    stepping = Stepping(task.network, task.options)
    states, seen = stepping.start(), task.channels.start()

    def step(row: np.ndarray) -> np.ndarray:
        nonlocal states, seen
        features, seen = task.channels.step(row, seen, None)
        logits, states = stepping.step(features[None], states)
        return np.asarray(task.probabilities(np.asarray(logits)))[0]

    return step


def timed(step: Step, sensor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The seconds of each step, and the probabilities at `PLACES`, `[places, labels]`."""
    seconds, found = np.empty(len(sensor)), list[np.ndarray]()
    for place, row in enumerate(sensor):
        began = time.perf_counter()
        answer = step(row)
        seconds[place] = time.perf_counter() - began
        if place + 1 in PLACES:
            found.append(answer)
    return seconds, np.stack(found)


if __name__ == "__main__":
    main()
