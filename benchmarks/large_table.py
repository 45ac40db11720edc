"""Tables larger than memory: training on two million reviews, and answering a million rows.

The rows are the 25,000 of IMDB's training part again and again, each time with 5 % of their words dropped and two
letters of one word swapped, so that no two are alike and the rare words are many, as in real texts. Needs the reviews
(TFDS_DATA_DIR), 12 GB of disk and, on two cores, about an hour; a part that is recorded already can be measured alone.

    python benchmarks/large_table.py                 everything
    python benchmarks/large_table.py train           one part: train, floor or predict
"""

import argparse
import csv
import json
import os
import random
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _record import RESULTS, record
from _watched import watched

from rnnkit.data.tfds import load_imdb

REPEATS, ANSWERED, WORDS, SMALL = 80, 1_000_000, 40, 4_000
SEED = 1
MINUTES = 1.0
ROOT = Path(__file__).parents[1]
_HEADER = ("text", "label")


def make(folder: Path, repeats: int) -> int:
    """Write the parts, a file for each repetition, and a small file and a test file beside them; return the bytes."""
    parts = folder / "parts"
    if not (folder / "made").is_file():
        parts.mkdir(parents=True, exist_ok=True)
        rows = load_imdb(parts=("train",))["train"]
        random.Random(SEED).shuffle(rows)
        words = [(text.split(" "), label) for text, label in rows]
        for repeat in range(repeats):
            noise = random.Random(f"{SEED} {repeat}")
            _write(parts / f"part-{repeat:03}.csv", ((noisy(text, noise), label) for text, label in words))
        noise = random.Random(f"{SEED} others")
        for name, some in (("small", words[:SMALL]),):
            _write(folder / f"{name}.csv", ((noisy(text, noise), label) for text, label in some))
        (folder / "made").touch()
    return sum(path.stat().st_size for path in parts.iterdir())


def noisy(words: list[str], noise: random.Random) -> str:
    """A text with one word in twenty dropped, and two letters of another swapped."""
    chance, left = noise.random, words.copy()
    for _ in range(max(len(left) // 20, 1)):
        del left[int(chance() * len(left))]
    if left:
        place = int(chance() * len(left))
        word = left[place]
        at = int(chance() * max(len(word) - 1, 1))
        left[place] = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
    return " ".join(left)


def _write(path: Path, rows: Any) -> None:
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(rows)


# ---------------------------------------------------------------------------------------------- training


def child(arguments: list[str]) -> None:
    """`rnnkit` with these arguments, noting in a file when the data are asked for and there, and the first step."""
    from rnnkit.cli import main as rnnkit
    from rnnkit.tasks.base import fitting
    from rnnkit.training.step_clock import StepClock

    began, to = float(os.environ["BEGAN"]), Path(os.environ["EVENTS"])
    reading, before, after = fitting.reading, StepClock.on_train_batch_begin, StepClock.on_train_batch_end

    def note(event: str) -> None:
        events = json.loads(to.read_text()) if to.is_file() else {}
        if event not in events:
            events[event] = {"seconds": round(time.time() - began, 2), "processor_seconds": time.process_time()}
            to.write_text(json.dumps(events))

    @contextmanager
    def noted() -> Iterator[None]:
        note("data asked for")
        with reading():
            yield
        note("data there")

    def first_begins(clock: StepClock, batch: int, logs: Any = None) -> None:
        if not batch:
            note("first step begins")
        before(clock, batch, logs)

    def first_ends(clock: StepClock, batch: int, logs: Any = None) -> None:
        after(clock, batch, logs)
        if not batch:
            note("first step done")

    fitting.reading = noted  # type: ignore[assignment]
    StepClock.on_train_batch_begin, StepClock.on_train_batch_end = first_begins, first_ends  # type: ignore[method-assign]
    sys.argv = ["rnnkit", *arguments]
    rnnkit()


def trained(folder: Path, data: str, name: str, minutes: float, killed: bool = False) -> dict[str, Any]:
    """A training in a child process: its times, speeds and memory. It may be killed half a minute after its first step,
    which is all that is asked of it."""
    to, events = folder / "runs" / name, folder / f"{name}.events.json"
    shutil.rmtree(to, ignore_errors=True)
    events.unlink(missing_ok=True)
    command = [sys.executable, __file__, "child", "train", "text_classifier", data, "--units", "32"]
    command += ["--validation-share", "0.01", "--minutes", str(minutes), "--to", str(to), "--overwrite"]
    env = {**os.environ, "RNNKIT_CACHE": str(folder / "cache"), "EVENTS": str(events), "BEGAN": str(time.time())}

    def has_begun() -> bool:
        return events.is_file() and "first step done" in events.read_text()

    seen = watched(command, env, kill_after=30, until=has_begun) if killed else watched(command, env)
    if seen.code not in ((0, -9) if killed else (0,)):
        raise SystemExit(f"{' '.join(command)} ended with {seen.code}: {seen.said[-2000:]}")
    found = json.loads(events.read_text())
    asked, there, begins, done = (
        found[name] for name in ("data asked for", "data there", "first step begins", "first step done")
    )
    encoding = there["seconds"] - asked["seconds"]
    result = {
        "seconds": round(seen.seconds, 1),
        "from_start_to_first_step_begun": begins["seconds"],
        "from_start_to_first_step_done": done["seconds"],
        "from_data_asked_for_to_data_there": round(encoding, 2),
        "from_data_asked_for_to_first_step_begun": round(begins["seconds"] - asked["seconds"], 2),
        "from_data_asked_for_to_first_step_done": round(done["seconds"] - asked["seconds"], 2),
        "peak": seen.peak(),
        "peak_until_data_there": seen.peak(last=there["seconds"]),
        "said": [line for line in seen.said.splitlines() if "rows" in line or "encoded" in line][-4:],
    }
    if not killed:
        figures = json.loads((to / "metrics.json").read_text())
        rows = sum(figures["data"][part] for part in ("train", "validation", "test"))
        result |= {
            "rows": rows,
            "rows_encoded_a_second": round(rows / encoding),
            "rows_encoded_a_processor_second": round(rows / (there["processor_seconds"] - asked["processor_seconds"])),
            "steps": figures["steps"],
            "rows_trained_a_second": round(64_000 / figures["milliseconds_a_step"]),
            "test_accuracy": figures["test"]["accuracy"],
        }
    return result


def training(folder: Path) -> dict[str, Any]:
    """The small file, the large ones, and the large ones again."""
    size = make(folder, REPEATS)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    parts = str(folder / "parts" / "*.csv")
    own = trained(folder, str(folder / "small.csv"), "small", MINUTES)
    print("small", own, flush=True)
    first = trained(folder, parts, "first", MINUTES)
    print("first", first, flush=True)
    kept = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
    second = trained(folder, parts, "second", MINUTES, killed=True)
    print("second", second, flush=True)
    beyond = {
        name: {what: round(run["peak"][what] - own["peak"][what], 1) for what in own["peak"]}
        for name, run in (("first", first), ("second", second))
    }
    return {
        "files": REPEATS,
        "bytes": size,
        "minutes_of_steps": MINUTES,
        "validation_share": 0.01,
        "cache_bytes": kept,
        "small": own,
        "first": first,
        "second": second,
        "beyond_the_small_one": beyond,
    }


def main() -> None:
    """Measure one part or all, and record them."""
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--folder", type=Path, required=True, help="for the data, on a disk with 12 GB")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "large_table.json"
    for name in given.parts or PARTS:
        result = json.loads(path.read_text())["result"] if path.is_file() else {}
        result[name] = PARTS[name](given.folder)
        print(record("large_table", result, seed=SEED, packages=("pandas",)), flush=True)


PARTS = {"train": training}

if __name__ == "__main__":
    main()
