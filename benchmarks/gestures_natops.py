"""NATOPS' six gestures of aircraft handling, 180 to train on and 180 to test on: rnnkit beside two peers.

The settings were chosen in four folds of the training part, in which sequences that begin and end alike, as those of
one person do, stay together. The test part is read once for each seed, at the end. It had been read once before, with
other settings (0.929): after that, layer normalization in the convolution, the running average of the weights, a second
convolution and 128 units instead of 64 were chosen, again in these folds alone.
Beside it, on the same split: logistic regression on what each channel has as a whole (mean, spread, least, most, first,
last; its strength chosen by cross-validation within the training part), and the nearest neighbour of scaled sequences.
Finished seeds are kept: run again to go on.

    python benchmarks/gestures_natops.py --data FOLDER      the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from _record import record

import rnnkit
from rnnkit.tasks.sequence_classifier.sequences import Sequences

SETTINGS = {
    "cell": "gru",
    "units": 128,
    "bidirectional": True,
    "convolution": 7,
    "convolutions": 2,
    "filters": 128,
    "pooling": "max",
    "dropout": 0.3,
    "jitter": 0.1,
    "scaling": 0.15,
    "time_warp": 0.3,
    "channel_dropout": 0.15,
    "learning_rate": 0.003,
    "average": 0.98,
    "epochs": 100,
    "patience": 100,
}
SEEDS = (1, 2, 3, 4, 5)


def floors(data: Sequences) -> dict[str, float]:
    """The test accuracy of both peers."""
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    assert data.test is not None
    tables = {}
    for name, part in (("train", data), ("test", data.test)):
        values = [np.nan_to_num(each) for each in part.values]
        parts = [[v.mean(0), v.std(0), v.min(0), v.max(0), v[0], v[-1]] for v in values]
        tables[name] = np.array([np.concatenate(each) for each in parts]), np.array([v.ravel() for v in values])
    labels = [np.array(part.labels) for part in (data, data.test)]
    regression = make_pipeline(StandardScaler(), LogisticRegressionCV(Cs=7, cv=5, max_iter=5000))
    neighbour = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
    found = {}
    for place, (name, model) in enumerate({"logistic_regression": regression, "nearest_neighbour": neighbour}.items()):
        model.fit(tables["train"][place], labels[0])
        found[name] = round(float(model.score(tables["test"][place], labels[1])), 5)
    return found


def seed_result(data: Sequences, seed: int, folder: Path) -> dict[str, Any]:
    """The figures of a training, read from its Run where it is finished."""
    to = folder / str(seed)
    if not (to / "metrics.json").is_file():
        rnnkit.SequenceClassifier(**SETTINGS, seed=seed).fit(data, to=to, resume=True)
    found = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    kept = {name: found[name] for name in ("best_epoch", "epochs", "seconds", "parameters")}
    return {"test": found["test"]["accuracy"], "validation": found["validation"]["accuracy"], **kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the folder with NATOPS_TRAIN.ts and NATOPS_TEST.ts")
    parser.add_argument("--folder", default="gestures_natops.seeds", help="where finished seeds are kept")
    arguments = parser.parse_args()
    data = rnnkit.SequenceClassifier.open_source(arguments.data)
    beside = floors(data)
    print(beside)
    found = {str(seed): seed_result(data, seed, Path(arguments.folder)) for seed in SEEDS}
    accuracies = [each["test"] for each in found.values()]
    mean, spread = (round(float(of(accuracies)), 5) for of in (np.mean, np.std))
    result = {"settings": SETTINGS, "sequences": [len(data), len(data.test or ())], "seeds": found,
              "test_mean": mean, "test_standard_deviation": spread, "beside": beside}  # fmt: skip
    print(f"accuracy {mean:.4f} +- {spread:.4f}  {accuracies}")
    print(record("gestures_natops", result, seed=list(SEEDS), packages=("scikit-learn",)))


if __name__ == "__main__":
    main()
