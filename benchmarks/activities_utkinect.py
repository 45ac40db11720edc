"""UTKinect-Action3D's ten activities, leave one person out: skeletons of 20 joints as a depth camera tracked them.

Each of the ten people is tested once by a network that was trained on the others. Settings and channels were chosen by
leaving one of the first five people out, trained on the other four; so the figure of the last five is the cleaner one,
and is given too. Other settings had been tested on eight people before (0.9125, without the speeds), and on six (0.933,
with one more person of those in training held out to choose the epoch). Beside it, on the same channels and the same
people: logistic regression on the mean and deviation of each channel and on its last value minus its first.
Finished people are kept: run again to go on.

    python benchmarks/activities_utkinect.py --data FOLDER      the folder with actionLabel.txt and the films
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from _record import record

import rnnkit
from rnnkit.tasks.sequence_classifier.sequences import Sequences

SETTINGS: dict[str, Any] = {
    "cell": "gru",
    "units": 64,
    "bidirectional": True,
    "convolution": 5,
    "convolutions": 2,
    "dropout": 0.4,
    "jitter": 0.05,
    "scaling": 0.1,
    "time_warp": 0.2,
    "channel_dropout": 0.15,
    "average": 0.98,
    "epochs": 80,
    "patience": 80,
    "seed": 1,
}
LABELS = "actionLabel.txt"
JOINTS = 20
HIP, NECK, LEFT, RIGHT = 0, 2, 12, 16  # joints: the hips' centre, that of the shoulders, and both hips
AXES = "xyz"  # to the side, up, and away from the camera


def skeletons(folder: Path) -> Sequences:
    """The activities as sequences: joints about the hips' centre, and where that has moved since the first frame, all
    in lengths of the trunk and turned so that the body faces the camera at first."""
    values, labels, groups, ids = list[np.ndarray](), list[str](), list[str](), list[str]()
    film, frames = "", np.zeros((0, 1 + 3 * JOINTS))
    for line in (folder / LABELS).read_text(encoding="utf-8").splitlines():
        name, colon, span = line.partition(":")
        if line.strip() and not colon:
            film = name.strip()
            frames = np.loadtxt(folder / f"joints_{film}.txt", ndmin=2)
            frames = frames[np.unique(frames[:, 0], return_index=True)[1]]  # some frames are there twice
        elif "NaN" not in span and span.strip():
            first, last = map(int, span.split())
            inside = frames[(frames[:, 0] >= first) & (frames[:, 0] <= last), 1:]
            if not len(inside):
                raise SystemExit(f"{film} has no frame of {name}, {first} to {last}.")
            values.append(about_the_body(inside.reshape(-1, JOINTS, 3)))
            labels.append(name.strip())
            groups.append(film.partition("_")[0])
            ids.append(f"{film} {name.strip()}")
    places = [f"joint_{joint}_{axis}" for joint in range(1, JOINTS) for axis in AXES] + [
        f"moved_{axis}" for axis in AXES
    ]
    channels = (*places, *(f"speed_of_{name}" for name in places))
    return Sequences("UTKinect", channels, values, list(labels), ids, groups=groups)


def about_the_body(joints: np.ndarray) -> np.ndarray:
    """Joints `[time, joint, axis]` in metres to channels and how fast each changes, float32 `[time, 120]`."""
    across = np.median(joints[:5, RIGHT] - joints[:5, LEFT], axis=0)
    angle = np.arctan2(across[2], across[0])
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = joints @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    size = max(float(np.median(np.linalg.norm(turned[:, NECK] - turned[:, HIP], axis=-1))), 0.1)
    inner = (turned[:, 1:] - turned[:, :1]) / size
    moved = (turned[:, HIP] - turned[0, HIP]) / size
    places = np.concatenate([inner.reshape(len(joints), -1), moved], axis=1)
    speeds = np.gradient(places, axis=0) if len(places) > 1 else np.zeros_like(places)
    return np.concatenate([places, speeds], axis=1).astype(np.float32)


def without(data: Sequences, person: str) -> Sequences:
    """The sequences of all others, with those of a person as the test part. The part that chooses the epoch is of those
    others' sequences, not of one more person, whose manner training would miss."""
    mine = np.array([group == person for group in data.groups or ()])
    train, test = (replace(data.take(np.flatnonzero(each)), groups=None) for each in (~mine, mine))
    return replace(train, test=test)


def floor(data: Sequences) -> dict[str, int]:
    """How many test sequences logistic regression has right."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    assert data.test is not None
    tables = [
        np.array([np.concatenate([v.mean(0), v.std(0), v[-1] - v[0]]) for v in part.values])
        for part in (data, data.test)
    ]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(tables[0], data.labels)
    return {"right": int((model.predict(tables[1]) == np.array(data.test.labels)).sum())}


def result_of(data: Sequences, to: Path) -> dict[str, Any]:
    """The figures of one training, read from its Run where it is finished."""
    assert data.test is not None
    if not (to / "metrics.json").is_file():
        rnnkit.SequenceClassifier(**SETTINGS).fit(data, to=to, resume=True)
    found = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    kept = {name: found[name] for name in ("best_epoch", "epochs", "seconds", "parameters")}
    right = round(found["test"]["accuracy"] * len(data.test))
    return {"right": right, "of": len(data.test), "validation": found["validation"]["accuracy"], **kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help=f"the folder with {LABELS} and the joints' files")
    parser.add_argument("--folder", default="activities_utkinect.people", help="where finished people are kept")
    parser.add_argument("--people", type=int, help="stop after so many, and record nothing")
    arguments = parser.parse_args()
    data = skeletons(Path(arguments.data))
    people = sorted(set(data.groups or ()))
    found, floors = dict[str, dict[str, Any]](), dict[str, dict[str, int]]()
    for person in people[: arguments.people]:
        part = without(data, person)
        floors[person] = floor(part)
        found[person] = result_of(part, Path(arguments.folder) / person)
        print(f"{person}  {found[person]['right']} of {found[person]['of']}, floor {floors[person]['right']}")
    tested = sum(each["of"] for each in found.values())
    accuracy, beside = (sum(each["right"] for each in part.values()) / tested for part in (found, floors))
    later = [found[person] for person in people[5:] if person in found]
    cleaner = sum(each["right"] for each in later) / max(sum(each["of"] for each in later), 1)
    print(f"accuracy {accuracy:.4f}, of the last five people {cleaner:.4f}, of {tested} sequences")
    print(f"logistic regression {beside:.4f}")
    if len(found) < len(people):
        return
    result = {"settings": SETTINGS, "sequences": len(data), "people": found, "accuracy": round(accuracy, 5),
              "accuracy_of_the_last_five": round(cleaner, 5),
              "beside": {"logistic_regression": round(beside, 5), "people": floors}}  # fmt: skip
    print(record("activities_utkinect", result, seed=SETTINGS["seed"], packages=("scikit-learn",)))


if __name__ == "__main__":
    main()
