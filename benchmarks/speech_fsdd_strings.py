"""Strings of three to eight digits, joined from the Free Spoken Digit Dataset: word error rates of CTC.

Each string is of one speaker: recordings drawn at random, with short pauses of faint noise around them. Known speakers:
the official split, each part with strings of its own recordings alone. Unknown ones: each of the six held out in turn,
with strings of synthesised voices (`_voices.py`) beside those of the others. Settings are chosen by `--choose`, which
leaves the tested recordings out as `speech_fsdd.py` does. Test strings are read once for each training, at the end.
Finished trainings are kept: run again to go on.

    python benchmarks/speech_fsdd_strings.py --data FOLDER                the folder `recordings`, or one above it
    python benchmarks/speech_fsdd_strings.py --data FOLDER --choose --only theo --set epochs=8
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from _record import record
from _speech import exported
from speech_fsdd import RATE, official, recordings, voices, without

import rnnkit
from rnnkit.data.sounds import open_sound
from rnnkit.tasks.shared.recordings import Recording, Recordings

SETTINGS: dict[str, Any] = {
    "unit": "word",
    "cell": "gru",
    "units": 128,
    "layers": 2,
    "bidirectional": True,
    "rate": RATE,
    "bands": 32,
    "convolutions": 2,
    "convolution": 5,
    "filters": 96,
    "stride": 3,
    "normalise": "corpus",
    "dropout": 0.3,
    "dropout_between": 0.3,
    "speed": 0.2,
    "noise": 0.1,
    "time_masks": 1,
    "frequency_masks": 1,
    "learning_rate": 0.003,
    "average": 0.99,
    "epochs": 16,
    "patience": 16,
    "batch_size": 16,
    "transcripts": "spelling",
}
#: What the trainings without one speaker change: cepstra and their changes tell little of who speaks.
HELD_OUT: dict[str, Any] = {
    "bands": 24,
    "coefficients": 13,
    "deltas": 2,
    "stride": 2,
    "units": 96,
    "normalise": "utterance",
    "noise": 0.3,
    "epochs": 12,
    "patience": 12,
}
KNOWN = "known"
SEEDS = (1, 2, 3)  # of known speakers; unknown ones have six trainings anyway
#: Strings of each speaker.
STRINGS = {"train": 200, "validation": 50, "test": 50}
LEAST, MOST = 3, 8  # digits
_PAUSE = (0.02, 0.2)  # seconds


def strings(digits: Recordings, seed: int = 0) -> Recordings:
    """Strings of the recordings of each speaker and part.

    Args:
        digits: Single digits, with their parts.
        seed: Of the random numbers.
    """
    pools: dict[tuple[str, str], list[Recording]] = {}
    for row in digits.rows:
        pools.setdefault((row.part, row.group), []).append(row)
    heard = {row.name: _samples(row) for row in digits.rows}
    made = []
    for (part, speaker), pool in sorted(pools.items()):
        random = np.random.default_rng([seed, len(made)])
        by_digit = {digit: [row for row in pool if row.target == digit] for digit in sorted({r.target for r in pool})}
        for number in range(STRINGS[part]):
            said = random.integers(0, 10, int(random.integers(LEAST, MOST + 1))).astype(str).tolist()
            sound = [_pause(random)]
            for digit in said:
                choice = by_digit[digit]
                sound += [heard[choice[int(random.integers(len(choice)))].name], _pause(random)]
            samples = np.concatenate(sound).astype(np.float32)
            made.append(Recording(samples, " ".join(said), f"{part} {speaker} {number + 1}", "", part))
    return Recordings(made, "Strings of FSDD")


def _samples(row: Recording) -> np.ndarray:
    given = row.given
    return given if isinstance(given, np.ndarray) else open_sound(given, RATE).samples


def _pause(random: np.random.Generator) -> np.ndarray:
    return random.normal(0, 1e-3, round(RATE * random.uniform(*_PAUSE)))


def trained(digits: Recordings, to: Path, seed: int, changed: dict[str, Any], choose: bool) -> dict[str, Any]:
    """The figures of a training, read from its Run where it is finished."""
    source = strings(digits)
    if not (to / "metrics.json").is_file():
        rnnkit.SpeechRecognizer(**{**SETTINGS, **changed, "seed": seed}).fit(source, to=to, resume=True)
    task = rnnkit.load(to)
    figures = json.loads((to / "metrics.json").read_text(encoding="utf-8"))
    kept = {name: figures[name] for name in ("best_epoch", "seconds", "parameters")}
    found = {part: {name: figures[part][name] for name in ("wer", "words")} for part in ("validation", "test")}
    return {**found, **kept, **({} if choose else {"files": exported(task, task.encode_rows(source.part("test")))})}


def main() -> None:
    """Train all that is not finished yet, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--choose", action="store_true", help="leave the test recordings out, to choose settings")
    parser.add_argument("--only", help=f"{KNOWN}, or the name of a speaker that is held out")
    parser.add_argument("--folder", type=Path, default=Path("saved_models/speech_fsdd_strings"), help="for the Runs")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="with --choose: other settings")
    given = parser.parse_args()
    if given.set and not given.choose:
        parser.error("--set is for --choose")
    changed = {name: json.loads(value) for name, value in (each.split("=", 1) for each in given.set)}
    rows = recordings(given.data)
    jobs = [(KNOWN, seed) for seed in SEEDS] + [(speaker, SEEDS[0]) for speaker in sorted({row[2] for row in rows})]
    found: dict[str, Any] = {}
    for name, seed in jobs:
        if given.only in (None, name) and not (given.choose and seed != SEEDS[0]):
            digits = official(rows, given.choose) if name == KNOWN else without(rows, name, given.choose)
            digits = digits if name == KNOWN else digits.with_rows([*digits.rows, *voices()])
            setting = "_".join(each.replace("=", "-") for each in given.set)
            to = given.folder / f"{name}_{seed}{'_choose' * given.choose}{'_' * bool(setting)}{setting}"
            settings = {**({} if name == KNOWN else HELD_OUT), **changed}
            found[f"{name} {seed}"] = trained(digits, to, seed, settings, given.choose)
            print(name, seed, json.dumps(found[f"{name} {seed}"]), flush=True)
    mean = {
        kind: round(
            float(np.mean([each["test"]["wer"] for key, each in found.items() if key.startswith(KNOWN) == own])), 2
        )
        for kind, own in (("known speakers", True), ("unknown speakers", False))
        if any(key.startswith(KNOWN) == own for key in found)
    }
    print(mean)
    if not given.choose and given.only is None:
        result = {"settings": SETTINGS, "held_out": HELD_OUT, "trainings": found, "mean_wer": mean}
        print(record("speech_fsdd_strings", result, seed=list(SEEDS), packages=("jiwer",)))


if __name__ == "__main__":
    main()
