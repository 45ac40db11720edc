"""Free Spoken Digit Dataset, 3,000 digits of six speakers: the official split, and each speaker held out in turn.

Settings are chosen by `--choose`, which leaves the test recordings out: of the official split the recordings 5 to 9 of
each digit and speaker stand in for them, of the speakers another one of the five that are left. The test recordings are
read once for each seed, at the end. Of so few speakers too little of how people differ can be learnt, so training has
made-up ones beside them (voices of eSpeak NG); `--voices 0` does without. Finished trainings are kept: run again to go
on.

    python benchmarks/speech_fsdd.py --data FOLDER                  the folder `recordings`, or one above it
    python benchmarks/speech_fsdd.py --data FOLDER --choose --epochs 20 --only speakers
"""

import argparse
import functools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from _record import record

import rnnkit
from rnnkit.data.spoken_sample import DIGITS, made_up_speakers, spoken
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
    "dropout": 0.4,
    "speed": 0.2,
    "noise": 0.3,
    "frequency_masks": 1,
    "learning_rate": 0.003,
    "average": 0.99,
    "epochs": 60,
    "patience": 60,
    "batch_size": 32,
}
SEEDS = (1, 2, 3)
VOICES, TAKES = 60, 2  # made-up speakers, and how often each says a digit
TEST, VALIDATION = range(5), range(5, 10)  # of the indices of a digit and a speaker


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
            file, digit, file.name, "", "test" if index in test else "validation" if index in validation else "train"
        )
        for file, digit, speaker, index in rows
        if not (choose and index in TEST)
    ]
    return Recordings(made, "FSDD")


def without(rows: list[tuple[Path, str, str, int]], speaker: str, choose: bool) -> Recordings:
    """One speaker to test on, another to validate on; to choose settings a third one stands in for the first."""
    names = sorted({row[2] for row in rows})
    place = names.index(speaker)
    validated = names[(place + 1) % len(names)]
    tested = names[(place + 2) % len(names)] if choose else speaker
    part = {tested: "test", validated: "validation"}
    made = [
        Recording(file, digit, file.name, who, part.get(who, "train"))
        for file, digit, who, _ in rows
        if not (choose and who == speaker)
    ]
    return Recordings(made, "FSDD")


@functools.cache
def made_up(voices: int) -> list[Recording]:
    """Digits of made-up speakers, to train on."""
    if not voices:
        return []
    said = spoken(DIGITS, made_up_speakers(voices), takes=TAKES, rate=RATE)
    return [
        Recording(one.samples, str(DIGITS.index(one.text)), f"made up {number}", one.speaker, "train")
        for number, one in enumerate(said, 1)
    ]


def trained(data: Recordings, seed: int, changed: dict[str, Any]) -> dict[str, Any]:
    """The figures of one training."""
    began = time.monotonic()
    task = rnnkit.SoundClassifier(**{**SETTINGS, **changed, "seed": seed}).fit(data)
    validation, test = task.results["validation"], task.results["test"]
    return {
        "validation": validation["accuracy"],
        "test": test["accuracy"],
        "rows": test["rows"],
        "best_epoch": task.results["best_epoch"],
        "seconds": round(time.monotonic() - began, 1),
    }


def main() -> None:
    """Train all that is not finished yet, and write what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--choose", action="store_true", help="leave the test recordings out, to choose settings")
    parser.add_argument("--only", choices=("official", "speakers"))
    parser.add_argument("--speaker", help="with --only speakers: this one alone")
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    parser.add_argument("--kept", type=Path, default=Path("saved_models/speech_fsdd.json"))
    parser.add_argument("--voices", type=int, default=VOICES, help="made-up speakers beside those of the data")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="other settings")
    given = parser.parse_args()
    changed = {name: json.loads(value) for name, value in (each.split("=", 1) for each in given.set)}
    rows = recordings(given.data)
    speakers = [given.speaker] if given.speaker else sorted({row[2] for row in rows})
    jobs = [("official", seed) for seed in given.seeds] if given.only != "speakers" else []
    jobs += [(speaker, seed) for speaker in speakers for seed in given.seeds[:1]] if given.only != "official" else []
    kept: dict[str, Any] = json.loads(given.kept.read_text()) if given.kept.is_file() and not given.choose else {}
    for name, seed in jobs:
        key = f"{name} {seed}"
        if key not in kept:
            data = official(rows, given.choose) if name == "official" else without(rows, name, given.choose)
            kept[key] = trained(data.with_rows([*data.rows, *made_up(given.voices)]), seed, changed)
            print(key, kept[key], flush=True)
            if not given.choose:
                given.kept.parent.mkdir(parents=True, exist_ok=True)
                given.kept.write_text(json.dumps(kept, indent=1))
    mean = {
        kind: round(float(np.mean([each["test"] for key, each in kept.items() if (key[:8] == "official") == own])), 4)
        for kind, own in (("official", True), ("speaker held out", False))
        if any((key[:8] == "official") == own for key in kept)
    }
    print(mean)
    if not given.choose and not given.only and not given.set and given.voices == VOICES:
        print(
            record(
                "speech_fsdd",
                {"settings": SETTINGS, "voices": VOICES, "trainings": kept, "mean_accuracy": mean},
                seed=list(SEEDS),
            )
        )


if __name__ == "__main__":
    main()
