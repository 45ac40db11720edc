"""Free Spoken Digit Dataset, 3,000 digits of six speakers: the official split, and each speaker held out in turn.

Five speakers are few to learn from how people differ, so the trainings that hold one out have synthesised voices beside
them (`_voices.py`); they are done without these, too. Validation recordings, which choose the epoch, are of the
speakers in training.

Settings are chosen by `--choose`, which leaves the test recordings out: of the official split the recordings 5 to 9 of
each digit and speaker stand in for them; of the speakers another one does, so that four are left to train on. Each
speaker stands in once, so settings are chosen for all six together. The test recordings are read once for each
training, at the end. Finished trainings are kept: run again to go on.

    python benchmarks/speech_fsdd.py --data FOLDER                  the folder `recordings`, or one above it
    python benchmarks/speech_fsdd.py --data FOLDER --choose --set epochs=20 --only "speaker held out"
"""

import argparse
import functools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from _record import record
from _voices import synthesised

import rnnkit
from rnnkit.tasks.shared.recordings import Recording, Recordings

RATE = 8_000
SETTINGS: dict[str, Any] = {
    "cell": "gru",
    "units": 128,
    "layers": 1,
    "bidirectional": True,
    "rate": RATE,
    "bands": 24,
    "coefficients": 13,
    "deltas": 2,
    "convolution": 5,
    "convolutions": 2,
    "filters": 96,
    "stride": 2,
    "normalise": "corpus",
    "dropout": 0.4,
    "speed": 0.2,
    "noise": 0.1,
    "shift": 0.03,
    "gain": 12.0,
    "frequency_masks": 1,
    "learning_rate": 0.003,
    "average": 0.99,
    "epochs": 25,
    "patience": 25,
    "batch_size": 32,
}
SEEDS = (1, 2, 3)
#: Kinds of trainings: the official split; a speaker held out, with synthesised voices beside the others or without.
OFFICIAL, BESIDE, ALONE = "official", "speaker held out", "the same without voices"
#: What the trainings without one speaker change.
HELD_OUT: dict[str, Any] = {"normalise": "utterance", "noise": 0.3, "gain": 6.0, "epochs": 15}
TEST, VALIDATION = range(5), range(5, 10)  # of the indices of a digit and a speaker
WATCHED = range(2)  # likewise, of the speakers in training where another is held out


def recordings(folder: Path) -> list[tuple[Path, str, str, int]]:
    """File, digit, speaker and index of each recording."""
    files = sorted(folder.rglob("*_*_*.wav"))
    if not files:
        raise SystemExit(f"{folder} has no files named digit_speaker_index.wav.")
    found = [(file, *file.stem.split("_")) for file in files]
    return [(file, digit, speaker, int(index)) for file, digit, speaker, index in found]


def official(rows: list[tuple[Path, str, str, int]], choose: bool) -> Recordings:
    """Index 0 to 4 to test on; to choose settings 5 to 9 stand in for these, and the tested ones are left out."""
    test, validation = (VALIDATION, range(10, 15)) if choose else (TEST, VALIDATION)
    made = [
        Recording(
            file,
            digit,
            file.name,
            speaker,
            "test" if index in test else "validation" if index in validation else "train",
        )
        for file, digit, speaker, index in rows
        if not (choose and index in TEST)
    ]
    return Recordings(made, "FSDD")


def without(rows: list[tuple[Path, str, str, int]], speaker: str, choose: bool) -> Recordings:
    """One speaker to test on, and few recordings of the others to validate on; to choose settings the next speaker
    stands in for the first."""
    names = sorted({row[2] for row in rows})
    tested = names[(names.index(speaker) + 1) % len(names)] if choose else speaker
    made = [
        Recording(
            file, digit, file.name, who, "test" if who == tested else "validation" if index in WATCHED else "train"
        )
        for file, digit, who, index in rows
        if not (choose and who == speaker)
    ]
    return Recordings(made, "FSDD")


@functools.cache
def voices() -> list[Recording]:
    """Digits of synthesised voices, to train on."""
    return synthesised(RATE)


def trained(data: Recordings, seed: int, changed: dict[str, Any]) -> dict[str, Any]:
    """The figures of one training."""
    began = time.monotonic()
    data = data.with_rows([row._replace(group="") for row in data.rows])  # else parts may not share a speaker
    task = rnnkit.SoundClassifier(**{**SETTINGS, **changed, "seed": seed}).fit(data)
    validation, test = task.results["validation"], task.results["test"]
    return {
        "validation": validation["accuracy"],
        "test": test["accuracy"],
        "rows": test["rows"],
        "best_epoch": task.results["best_epoch"],
        "seconds": round(time.monotonic() - began, 1),
    }


def jobs(speakers: list[str], seeds: Sequence[int], only: str | None) -> list[tuple[str, str, int]]:
    """Kind, name and seed of each training."""
    official = [(OFFICIAL, "", seed) for seed in seeds] if only in (None, OFFICIAL) else []
    kinds = [kind for kind in (BESIDE, ALONE) if only in (None, kind)]
    return [*official, *((kind, speaker, seeds[0]) for kind in kinds for speaker in speakers)]


def main() -> None:
    """Train all that is not finished yet, and write what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--choose", action="store_true", help="leave the test recordings out, to choose settings")
    parser.add_argument("--only", choices=(OFFICIAL, BESIDE, ALONE))
    parser.add_argument("--speaker", help="of those that are held out: this one alone")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    parser.add_argument("--kept", type=Path, default=Path("saved_models/speech_fsdd.json"))
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="with --choose: other settings")
    given = parser.parse_args()
    if given.set and not given.choose:
        parser.error("--set is for --choose")
    changed = {name: json.loads(value) for name, value in (each.split("=", 1) for each in given.set)}
    rows = recordings(given.data)
    speakers = [given.speaker] if given.speaker else sorted({row[2] for row in rows})
    kept: dict[str, Any] = json.loads(given.kept.read_text()) if given.kept.is_file() and not given.choose else {}
    for kind, name, seed in jobs(speakers, given.seeds, given.only):
        key = " ".join(filter(None, (kind, name, str(seed))))
        if key in kept:
            continue
        if kind == OFFICIAL:
            kept[key] = trained(official(rows, given.choose), seed, changed)
        else:
            data = without(rows, name, given.choose)
            beside = voices() if kind == BESIDE else []
            kept[key] = trained(data.with_rows([*data.rows, *beside]), seed, {**HELD_OUT, **changed})
        print(key, kept[key], flush=True)
        if not given.choose:
            given.kept.parent.mkdir(parents=True, exist_ok=True)
            given.kept.write_text(json.dumps(kept, indent=1))
    means = {
        kind: round(float(np.mean([each["test"] for key, each in kept.items() if key.startswith(kind)])), 4)
        for kind in (OFFICIAL, BESIDE, ALONE)
        if any(key.startswith(kind) for key in kept)
    }
    print(means)
    if not given.choose and len(means) == 3:
        result = {"settings": SETTINGS, "held_out": HELD_OUT, "trainings": kept, "mean_accuracy": means}
        print(record("speech_fsdd", result, seed=list(SEEDS)))


if __name__ == "__main__":
    main()
