"""Sequences of which the gaps carry the label: cells that read the time between steps, beside themselves without it.

Two made-up tasks, each with two labels of equal numbers, and steps at random times:

- pitch: a sine of random phase, after Neil et al. (2016): is its period 5 to 6, or another between 1 and 15? Tested as
  it was trained (20 to 60 steps in 40 units of time), and where steps come three times as often.
- level: doses of random size, each of which fades by half in a unit of time. Is what is left after the last one more
  than the median?

A cell gets the gaps in one of three ways: "none" at all, as a "feature" (their logarithm, as `SequenceClassifier` gives
it to every cell), or also as a "time" (as it gives it to cells that read one). The learning rate of each cell is the
best of 0.001, 0.003 and 0.01 on the validation part of pitch, made with other numbers, and all the time the cell can
have. Finished trainings are kept: run again to go on.

    python benchmarks/irregular_gaps.py [--folder FOLDER] [--only TASK CELL WAY SEED]
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from _record import record

import rnnkit
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.sequence_classifier.network import sequence_network
from rnnkit.tasks.sequence_classifier.sequences import Sequences

SETTINGS = {"units": 32, "pooling": "last", "dropout": 0.0, "batch_size": 32}
RATES = {"lstm": 0.01, "cfc": 0.001, "phased_lstm": 0.003}
WAYS = {"lstm": ("none", "feature"), "cfc": ("none", "feature", "time"), "phased_lstm": ("none", "feature", "time")}
COUNTS = {"train": 1600, "test": 2000, "denser": 2000}  # a fifth of the first is for validation
EPOCHS = {"pitch": 60, "level": 20}
SEEDS = (1, 2, 3)
JOBS = tuple((task, cell, way, seed) for task in EPOCHS for cell in WAYS for way in WAYS[cell] for seed in SEEDS)


class CountingClassifier(rnnkit.SequenceClassifier):
    """A sequence classifier whose cells count steps; the gaps are a feature alone."""

    def build(self, how: Build = INFERENCE) -> Any:
        length = min(self.options.max_length, self.channels.longest)
        return sequence_network(self.options, self.channels.features, len(self.labels), length, how, self.key)


def sequences(task: str, part: str, timed: bool) -> Sequences:
    """One part of a task's data, always the same."""
    random = np.random.default_rng([list(EPOCHS).index(task), list(COUNTS).index(part)])
    made = [{"level": level, "pitch": pitch}[task](random, place, part) for place in range(COUNTS[part])]
    values, elapsed, labels = map(list, zip(*made, strict=True))
    if task == "level":
        median = float(np.median(labels))
        labels = ["high" if each > median else "low" for each in labels]
    names = [str(place) for place in range(len(made))]
    return Sequences(f"{task}, {part}", ("x",), values, labels, names, elapsed if timed else None)


def level(random: np.random.Generator, place: int, part: str) -> tuple[np.ndarray, np.ndarray, Any]:
    """Doses, the gaps before them, and what is left after the last."""
    steps = int(random.integers(10, 40))
    doses, gaps = random.exponential(1.0, steps), np.r_[0.0, random.exponential(0.5, steps - 1)]
    left = 0.0
    for dose, gap in zip(doses, gaps, strict=True):
        left = left * 0.5**gap + dose
    return doses[:, None].astype(np.float32), gaps, left


def pitch(random: np.random.Generator, place: int, part: str) -> tuple[np.ndarray, np.ndarray, Any]:
    """A sine at random times."""
    steps = int(random.integers(20, 60)) * (3 if part == "denser" else 1)
    period = random.uniform(5, 6) if place % 2 else random.choice([random.uniform(1, 5), random.uniform(6, 15)])
    times = np.sort(random.uniform(0, 40, steps))
    values = np.sin(2 * np.pi * times / period + random.uniform(0, 2 * np.pi))
    return values[:, None].astype(np.float32), np.diff(times, prepend=times[:1]), ("other", "wanted")[place % 2]


def trained(folder: Path, task: str, cell: str, way: str, seed: int) -> dict[str, Any]:
    """The figures of a training, read where it is finished."""
    kept = folder / f"{task}_{cell}_{way}_{seed}.json"
    if not kept.is_file():
        began = time.perf_counter()
        kind = rnnkit.SequenceClassifier if way == "time" else CountingClassifier
        how = {**SETTINGS, "cell": cell, "seed": seed, "learning_rate": RATES[cell], "epochs": EPOCHS[task]}
        classifier = kind(**how, patience=EPOCHS[task])
        train, test = (sequences(task, part, way != "none") for part in ("train", "test"))
        classifier.fit(train, test=test)
        found = {"accuracy": accuracy(classifier, test)}
        if task == "pitch":
            found["denser"] = accuracy(classifier, sequences(task, "denser", way != "none"))
        found |= {"parameters": classifier.network.count_params(), "seconds": round(time.perf_counter() - began, 1)}
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    found = json.loads(kept.read_text(encoding="utf-8"))
    print(task, cell, way, seed, found, flush=True)
    return found


def accuracy(classifier: rnnkit.SequenceClassifier, source: Sequences) -> float:
    """The share of a part that is labelled right."""
    encoded = classifier.preprocessing.encode_rows(source)
    return round(float(classifier.metrics(encoded, classifier.outputs(encoded))["accuracy"]), 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("irregular_gaps.done"), help="keeps finished trainings")
    parser.add_argument("--only", nargs=4, metavar=("TASK", "CELL", "WAY", "SEED"), help="one training, not recorded")
    arguments = parser.parse_args()
    if arguments.only:
        task, cell, way, seed = arguments.only
        trained(arguments.folder, task, cell, way, int(seed))
        return
    settings = {**SETTINGS, "learning_rates": RATES, "epochs": EPOCHS, "sequences": COUNTS}
    result: dict[str, Any] = {"settings": settings, **{task: {} for task in EPOCHS}}
    for task, cell, way, seed in JOBS:
        found = trained(arguments.folder, task, cell, way, seed)
        each = result[task].setdefault(cell, {}).setdefault(way, {})
        for name, figure in found.items():
            each.setdefault(name, []).append(figure)
    print(record("irregular_gaps", result, seed=list(SEEDS)))


if __name__ == "__main__":
    main()
