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
from itertools import islice
from pathlib import Path
from typing import Any

from _record import RESULTS, record
from _watched import watched

from rnnkit.data.tfds import load_imdb

REPEATS, ANSWERED, BROKEN, WORDS, SMALL = 80, 1_000_000, 100_000, 40, 4_000
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
    learnt, events, steps = fitting.learnt, dict[str, Any](), 0

    def note(event: str, **more: Any) -> None:
        now = {"seconds": round(time.time() - began, 2), "processor_seconds": round(time.process_time(), 2)}
        events[event] = now | more
        unfinished = to.with_suffix(".writing")
        unfinished.write_text(json.dumps(events))
        os.replace(unfinished, to)

    def counted(*given: Any) -> Any:
        parts = learnt(*given)
        note("parts", rows=len(parts.train) + len(parts.validation) + len(parts.test))
        return parts

    @contextmanager
    def noted() -> Iterator[None]:
        note("data asked for")
        with reading():
            yield
        note("data there")

    def first_begins(clock: StepClock, batch: int, logs: Any = None) -> None:
        if "first step begins" not in events:
            note("first step begins")
        before(clock, batch, logs)

    def first_ends(clock: StepClock, batch: int, logs: Any = None) -> None:
        nonlocal steps
        after(clock, batch, logs)
        steps += 1
        if steps == 1 or time.time() - began > events["last step"]["seconds"] + 5:
            if steps == 1:
                note("first step done", steps=steps)
            note("last step", steps=steps)

    fitting.reading, fitting.learnt = noted, counted  # type: ignore[assignment]
    StepClock.on_train_batch_begin, StepClock.on_train_batch_end = first_begins, first_ends  # type: ignore[method-assign]
    sys.argv = ["rnnkit", *arguments]
    rnnkit()


def trained(folder: Path, data: str, name: str) -> dict[str, Any]:
    """A training in a child process, killed some time after its first step: its times, speeds and memory."""
    to, events = folder / "runs" / name, folder / f"{name}.events.json"
    shutil.rmtree(to, ignore_errors=True)
    events.unlink(missing_ok=True)
    command = [sys.executable, __file__, "child", "train", "text_classifier", data, "--units", "32"]
    command += ["--epochs", "100", "--patience", "100", "--to", str(to), "--overwrite"]
    env = {**os.environ, "RNNKIT_CACHE": str(folder / "cache"), "EVENTS": str(events), "BEGAN": str(time.time())}

    def has_begun() -> bool:
        return events.is_file() and "first step done" in events.read_text()

    seen = watched(command, env, kill_after=60 * MINUTES, until=has_begun)
    if seen.code != -9:
        raise SystemExit(f"{' '.join(command)} ended with {seen.code}: {seen.said[-2000:]}")
    found = json.loads(events.read_text())
    asked, there, begins, done, last = (
        found[name] for name in ("data asked for", "data there", "first step begins", "first step done", "last step")
    )
    encoding, spent = (there[what] - asked[what] for what in ("seconds", "processor_seconds"))
    steps = last["steps"] - done["steps"]
    return {
        "seconds": round(seen.seconds, 1),
        "rows": (rows := found["parts"]["rows"]),
        "from_start_to_first_step_begun": begins["seconds"],
        "from_start_to_first_step_done": done["seconds"],
        "from_data_asked_for_to_data_there": round(encoding, 2),
        "from_data_asked_for_to_first_step_begun": round(begins["seconds"] - asked["seconds"], 2),
        "from_data_asked_for_to_first_step_done": round(done["seconds"] - asked["seconds"], 2),
        "processor_seconds_from_start_to_first_step_begun": begins["processor_seconds"],
        "processor_seconds_from_data_asked_for_to_first_step_begun": round(
            begins["processor_seconds"] - asked["processor_seconds"], 2
        ),
        "rows_encoded_a_second": round(rows / encoding),
        "rows_encoded_a_processor_second": round(rows / spent),
        "steps": steps,
        "rows_trained_a_second": round(64 * steps / (last["seconds"] - done["seconds"])),
        "rows_trained_a_processor_second": round(64 * steps / (last["processor_seconds"] - done["processor_seconds"])),
        "peak": seen.peak(),
        "peak_until_data_there": seen.peak(last=there["seconds"]),
        "said": _last_lines(seen.said, folder, 4),
        "load_of_the_machine": [round(each, 1) for each in os.getloadavg()],
    }


def _last_lines(said: str, folder: Path, count: int) -> list[str]:
    """The last lines that tell of rows or of encoded data, without the names of this machine's folders."""
    lines = said.replace(str(folder), "FOLDER").splitlines()
    return [line for line in lines if "rows" in line or "encoded" in line][-count:]


def training(folder: Path) -> dict[str, Any]:
    """The small file, the large ones, and the large ones again."""
    size = make(folder, REPEATS)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    parts = str(folder / "parts" / "*.csv")
    own = trained(folder, str(folder / "small.csv"), "small")
    print("small", own, flush=True)
    first = trained(folder, parts, "first")
    print("first", first, flush=True)
    kept = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
    second = trained(folder, parts, "second")
    print("second", second, flush=True)
    beyond = {
        name: {what: round(run["peak"][what] - own["peak"][what], 1) for what in own["peak"]}
        for name, run in (("first", first), ("second", second))
    }
    return {
        "files": REPEATS,
        "bytes": size,
        "killed_after_minutes_of_steps": MINUTES,
        "cache_bytes": kept,
        "small": own,
        "first": first,
        "second": second,
        "beyond_the_small_one": beyond,
    }


# ---------------------------------------------------------------------------------------------- what others do


def floor_child(how: str, files: list[str]) -> None:
    """Texts to batches of ids by pandas or tf.data and Keras's TextVectorization; prints the times."""
    import keras
    import pandas as pd
    import tensorflow as tf

    began, used = time.monotonic(), time.process_time()
    if how == "frame":
        frame = pd.concat([pd.read_csv(path) for path in files], ignore_index=True)
        rows = tf.data.Dataset.from_tensor_slices((frame["text"].to_numpy(object), frame["label"].to_numpy(object)))
    else:
        rows = tf.data.experimental.CsvDataset(files, [tf.string, tf.string], header=True)
    read = time.monotonic() - began
    words = keras.layers.TextVectorization(max_tokens=10_000, ragged=True)
    words.adapt(rows.map(lambda text, label: text).batch(1024))
    adapted, used = time.monotonic() - began, time.process_time() - used
    bounds = list(range(64, 800, 64))
    buckets = (
        rows.batch(1024)
        .map(lambda text, label: (words(text)[:, :800], label == "positive"))
        .unbatch()
        .map(lambda ids, label: (tf.identity(ids), label))
        .bucket_by_sequence_length(lambda ids, label: tf.shape(ids)[0], bounds, [64] * (len(bounds) + 1))
        .prefetch(3)
    )
    count = sum(len(label) for _, label in buckets)
    passed = time.monotonic() - began - adapted
    found = {"rows": count, "read": read, "read_and_adapted": adapted, "pass": passed, "processor_seconds": used}
    print("FOUND" + json.dumps(found))


def floors(folder: Path) -> dict[str, Any]:
    """The same rows, or a tenth of them, by pandas or tf.data and TextVectorization, without training."""
    make(folder, REPEATS)
    parts = [str(path) for path in sorted((folder / "parts").iterdir())[: REPEATS // 10]]
    result: dict[str, Any] = {"share_of_the_rows": 0.1}
    for how in ("frame", "stream"):
        own, seen = (
            watched([sys.executable, __file__, "keras", how, *files], os.environ)
            for files in ([str(folder / "small.csv")], parts)
        )
        if own.code or seen.code:
            raise SystemExit(f"{how} ended with {own.code}, {seen.code}: {own.said[-1000:]} {seen.said[-1000:]}")
        found = json.loads(seen.said.split("FOUND")[1])
        result[how] = {
            "rows": found["rows"],
            "seconds_to_read": round(found["read"], 2),
            "seconds_to_the_vocabulary": round(found["read_and_adapted"], 2),
            "seconds_of_each_pass": round(found["pass"], 2),
            "rows_a_second_to_the_vocabulary": round(found["rows"] / found["read_and_adapted"]),
            "rows_a_processor_second_to_the_vocabulary": round(found["rows"] / found["processor_seconds"]),
            "rows_a_second_of_each_pass": round(found["rows"] / found["pass"]),
            "peak": seen.peak(),
            "beyond_the_small_one": {what: round(seen.peak()[what] - own.peak()[what], 1) for what in own.peak()},
        }
        print(how, result[how], flush=True)
    return result


# ---------------------------------------------------------------------------------------------- answering


def table_to_answer(folder: Path, count: int) -> Path:
    """A table of numbered rows, the first 40 words of reviews."""
    to = folder / f"answers_{count}.csv"
    if not to.is_file():
        make(folder, REPEATS)
        texts = (row[0] for path in sorted((folder / "parts").iterdir()) for row in _read(path))
        unfinished = to.with_suffix(".writing")
        with open(unfinished, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "text"))
            writer.writerows(
                (number, " ".join(text.split()[:WORDS])) for number, text in enumerate(islice(texts, count))
            )
        unfinished.rename(to)
    return to


def _read(path: Path) -> Iterator[list[str]]:
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def answered(folder: Path, rows: int, broken_rows: int, flags: list[str], kills: int, seed: int) -> dict[str, Any]:
    """Answer a table undisturbed, then it or its beginning with SIGKILL at random moments and --resume, and compare."""
    data, chance = table_to_answer(folder, rows), random.Random(seed)
    beginning = table_to_answer(folder, broken_rows)
    whole, broken = folder / "whole.csv", folder / "broken.csv"
    for path in (whole, broken):
        for each in folder.glob(f"{path.name}*"):
            each.unlink()
    command = [sys.executable, "-m", "rnnkit", "predict", str(ROOT / "saved_models" / "imdb_sentiment"), *flags]
    partial = [Path(f"{path}.partial") for path in (whole, broken)]
    written = list[float]()  # when the first answers were there

    def answers_are_there() -> bool:
        if not written and partial[0].is_file() and partial[0].stat().st_size > 2**16:
            written.append(time.monotonic() - began)
        return False

    began = time.monotonic()
    env = {**os.environ, "RNNKIT_CACHE": str(folder / "cache")}
    seen = watched([*command, str(data), "--to", str(whole)], env, every=1, until=answers_are_there)
    if seen.code:
        raise SystemExit(f"it ended with {seen.code}: {seen.said[-2000:]}")
    tenth = (seen.seconds - written[0]) / 10
    early, late = seen.peak(written[0], written[0] + tenth), seen.peak(seen.seconds - tenth)
    command += [str(beginning), "--to", str(broken), "--resume"]
    share, killed = broken_rows / rows, []
    for _ in range(kills):
        moment = chance.uniform(0.1, 0.4) * share * (seen.seconds - written[0])
        before = partial[1].stat().st_size if partial[1].is_file() else 0

        def goes_on(size: int = before) -> bool:
            return partial[1].is_file() and partial[1].stat().st_size > size

        again = watched(command, env, every=0.1, kill_after=moment, until=goes_on)
        state = json.loads(Path(f"{partial[1]}.json").read_text())
        killed.append({"seconds": round(again.seconds, 1), "signal": -again.code, "rows_done": state["done"]})
        print(killed[-1], flush=True)
    last = watched(command, env, every=1)
    return {
        "rows": rows,
        "words_a_row": WORDS,
        "seconds": round(seen.seconds, 1),
        "seconds_to_the_first_answers": round(written[0], 1),
        "rows_a_second": round(rows / (seen.seconds - written[0])),
        "processor_seconds": round(seen.processor_seconds, 1),
        "rows_a_processor_second": round(rows / seen.processor_seconds),
        "peak_of_the_first_tenth": early,
        "peak_of_the_last_tenth": late,
        "samples": len(seen.samples),
        "kills": killed,
        "said_at_the_end": _last_lines(last.said, folder, 1),
        "rows_killed_and_resumed": broken_rows,
        "same_bytes": last.code == 0 and _begins_with(whole, broken, rows == broken_rows),
        "row_for_row": all(
            given == made[:2] and made[2] in ("positive", "negative")
            for table, to in ((data, whole), (beginning, broken))
            for given, made in zip(_read(table), _read(to), strict=True)
        ),
    }


def _begins_with(path: Path, other: Path, ends: bool) -> bool:
    """Whether a file begins with all the bytes of another, and, if so wanted, ends there."""
    size = other.stat().st_size
    with open(path, "rb") as one, open(other, "rb") as two:
        while block := two.read(2**22):
            if one.read(len(block)) != block:
                return False
    return path.stat().st_size == size if ends else path.stat().st_size > size


def answering(folder: Path) -> dict[str, Any]:
    """A million rows by the phone's file, fewer by Keras; fewer killed and resumed, since those are answered twice."""
    return {
        "tflite": answered(folder, ANSWERED, BROKEN, ["--tflite"], kills=2, seed=SEED),
        "keras": answered(folder, BROKEN, BROKEN, [], kills=1, seed=SEED + 1),
    }


def main() -> None:
    """Measure one part or all, and record them."""
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2:])
        return
    if sys.argv[1:2] == ["keras"]:
        floor_child(sys.argv[2], sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--folder", type=Path, required=True, help="for the data, on a disk with 12 GB")
    parser.add_argument("--note", default="", help="what else the machine did meanwhile, for the record")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "large_table.json"
    for name in given.parts or PARTS:
        result = json.loads(path.read_text())["result"] if path.is_file() else {}
        result[name] = {**PARTS[name](given.folder), "note": given.note}
        print(record("large_table", result, seed=SEED, packages=("pandas",)), flush=True)


PARTS = {"train": training, "floor": floors, "predict": answering}

if __name__ == "__main__":
    main()
