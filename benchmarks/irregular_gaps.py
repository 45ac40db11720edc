"""Sequences of which the gaps carry the label: cells that read the time between steps beside those that do not.

Two made-up tasks, each with two labels of equal numbers, and steps at random times:

- level: doses of random size, each of which fades by half in a unit of time. Is what is left after the last one more
  than the median? The sizes alone say little, the gaps alone nothing.
- pitch: a sine of random phase, after Neil et al. (2016): is its period 5 to 6, or another between 1 and 15?

Every cell is given the logarithm of each gap as a feature. "time" are cells that also read the gap as a time, as
`SequenceClassifier` gives it to them by itself, "count" the same cells counting steps. Finished trainings are kept: run
again to go on.

    python benchmarks/irregular_gaps.py [--folder FOLDER] [--only TASK CELL MODE SEED]
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

SETTINGS = {"units": 32, "pooling": "last", "learning_rate": 0.005, "dropout": 0.0, "batch_size": 32}
COUNTS = {"train": 1600, "test": 2000}  # a fifth of the first is for validation
EPOCHS = {"level": 20, "pitch": 60}
SEEDS = (1, 2, 3)
#: Cells, and whether they read times: "time" and "count" are of one cell, "feature" of one that cannot.
JOBS = tuple(
    (task, cell, mode, seed)
    for task in EPOCHS
    for cell, modes in {"lstm": ("feature",), "gru": ("feature",), "cfc": ("count", "time"),
                        "phased_lstm": ("count", "time")}.items()
    for mode in modes
    for seed in SEEDS
)  # fmt: skip


class CountingClassifier(rnnkit.SequenceClassifier):
    """A sequence classifier whose cells count steps; the gaps are a feature alone."""

    def build(self, how: Build = INFERENCE) -> Any:
        length = min(self.options.max_length, self.channels.longest)
        return sequence_network(self.options, self.channels.features, len(self.labels), length, how, self.key)


def sequences(task: str, part: str) -> Sequences:
    """One part of a task's data, always the same."""
    random = np.random.default_rng([sorted(EPOCHS).index(task), sorted(COUNTS).index(part)])
    made = [{"level": level, "pitch": pitch}[task](random, place) for place in range(COUNTS[part])]
    values, elapsed, labels = zip(*made, strict=True)
    if task == "level":
        median = float(np.median(labels))
        labels = tuple("high" if each > median else "low" for each in labels)
    names = [str(place) for place in range(len(made))]
    return Sequences(f"{task}, {part}", ("x",), list(values), list(labels), names, list(elapsed))


def level(random: np.random.Generator, place: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """Doses, the gaps before them, and what is left after the last."""
    steps = int(random.integers(10, 40))
    doses, gaps = random.exponential(1.0, steps), np.r_[0.0, random.exponential(0.5, steps - 1)]
    left = 0.0
    for dose, gap in zip(doses, gaps, strict=True):
        left = left * 0.5**gap + dose
    return doses[:, None].astype(np.float32), gaps, left


def pitch(random: np.random.Generator, place: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """A sine at random times."""
    steps = int(random.integers(20, 60))
    period = random.uniform(5, 6) if place % 2 else random.choice([random.uniform(1, 5), random.uniform(6, 15)])
    times = np.sort(random.uniform(0, 40, steps))
    values = np.sin(2 * np.pi * times / period + random.uniform(0, 2 * np.pi))
    return values[:, None].astype(np.float32), np.diff(times, prepend=times[:1]), ("other", "wanted")[place % 2]


def trained(folder: Path, task: str, cell: str, mode: str, seed: int) -> dict[str, Any]:
    """The figures of a training, read where it is finished."""
    kept = folder / f"{task}_{cell}_{mode}_{seed}.json"
    if not kept.is_file():
        began = time.perf_counter()
        kind = CountingClassifier if mode == "count" else rnnkit.SequenceClassifier
        classifier = kind(cell=cell, seed=seed, epochs=EPOCHS[task], patience=EPOCHS[task], **SETTINGS)
        classifier.fit(sequences(task, "train"), test=sequences(task, "test"))
        found = {
            "accuracy": round(float(classifier.results["test"]["accuracy"]), 5),
            "parameters": classifier.network.count_params(),
            "seconds": round(time.perf_counter() - began, 1),
        }
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), encoding="utf-8")
    found = json.loads(kept.read_text(encoding="utf-8"))
    print(task, cell, mode, seed, found, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("irregular_gaps.done"), help="keeps finished trainings")
    parser.add_argument("--only", nargs=4, metavar=("TASK", "CELL", "MODE", "SEED"), help="one training, not recorded")
    arguments = parser.parse_args()
    if arguments.only:
        task, cell, mode, seed = arguments.only
        trained(arguments.folder, task, cell, mode, int(seed))
        return
    result: dict[str, Any] = {"settings": SETTINGS, "epochs": EPOCHS, "sequences": COUNTS}
    for job in JOBS:
        task, cell, mode, seed = job
        found = trained(arguments.folder, *job)
        each = result.setdefault(task, {}).setdefault(f"{cell} {mode}", {"accuracy": [], "seconds": []})
        each["parameters"] = found["parameters"]
        for name in ("accuracy", "seconds"):
            each[name].append(found[name])
    print(record("irregular_gaps", result, seed=list(SEEDS)))


if __name__ == "__main__":
    main()
