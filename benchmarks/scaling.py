"""What an epoch over a billion rows costs on several machines: measured on one and two workers, then simulated.

Two workers of one core each, over the loopback interface, as TF_CONFIG names them. The times of steps, of batches, of
the collectives alone and of what is not divided are fitted; the simulation (_scaling_model.py) is checked against
epochs of two workers that were not used for fitting.

    TFDS_DATA_DIR=... python benchmarks/scaling.py              measure and simulate
    python benchmarks/scaling.py --measured FOLDER              simulate once more from what was measured there
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from _record import record
from _scaling_model import (
    DIMENSION,
    HOPS,
    ROW_BYTES,
    Machine,
    Network,
    Serial,
    epoch,
    padded,
    steps,
    stops_at,
    validation_seconds,
)
from _scaling_picture import PARTS, draw

from rnnkit.data.batches import Part
from rnnkit.data.bucketing import LengthBuckets

ROWS = 10**9
COUNTS = tuple(2**power for power in range(9))
MODELS = ((64, 5_000), (64, 30_000), (128, 10_000), (256, 5_000), (512, 30_000))
DEFAULT = (128, 10_000)
SHORT = 8  # a short text is a review whose length was divided by it
#: Examples of a batch, of an epoch, units, words, longest text, and whether the texts are short.
CHECKS = (
    (32, 1024, 64, 5_000, 800, True),
    (64, 2048, 64, 30_000, 800, True),
    (64, 512, 128, 10_000, 300, False),
    (96, 1536, 128, 10_000, 800, True),
    (128, 1536, 256, 5_000, 800, True),
    (48, 480, 512, 30_000, 800, True),
)
REPEATS = 5
MANY = 600  # exchanges of which the fastest was hardly disturbed by other programs
EACH = 64  # rows of a batch for each machine, the default batch size
VALIDATED = 0.1  # share of the rows, the default
LARGE = 1024  # a larger batch
FAST = 8  # times as fast as a core: a machine of several cores
LATENCY = 50e-6  # seconds a message on a network of a data centre, assumed
_CALM = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "2"}
_WORKER = Path(__file__).with_name("_scaling_worker.py")
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "scaling.png"


def started(folder: Path, name: str, measure: list[dict[str, Any]], workers: int = 1) -> list[list[dict[str, Any]]]:
    """What each of the workers, on a core of its own, measures. What lies in the folder already is read."""
    files = [folder / f"{name}_{place}.jsonl" for place in range(workers)]
    if not all(file.is_file() for file in files):
        with ExitStack() as stack:
            taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(workers)]
            addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in taken]
        running = []
        cores = sorted(os.sched_getaffinity(0))
        for place, file in enumerate(files):
            job = folder / f"{name}_{place}.json"
            job.write_text(
                json.dumps(
                    {"core": cores[-1 - place % len(cores)], "to": str(file.with_suffix(".part")), "measure": measure}
                )
            )
            known = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"} | _CALM
            if workers > 1:
                task = {"type": "worker", "index": place}
                known["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})
            running.append(subprocess.Popen([sys.executable, str(_WORKER), str(job)], env=known))
        if any([one.wait() for one in running]):
            raise SystemExit(f"A worker of {name} failed.")
        for file in files:
            file.with_suffix(".part").rename(file)
    return [[json.loads(line) for line in file.read_text().splitlines()] for file in files]


def least(times: dict[str, list[float]]) -> float:
    """The seconds of a call: the median of its processor times."""
    return float(np.median(times["processor"]))


def fit(columns: list[list[float]], seconds: list[float]) -> list[float]:
    """Coefficients, none below 0, whose relative errors are least."""
    rows = np.array(columns, float) / np.array(seconds)[:, None]
    kept = list(range(rows.shape[1]))
    while True:
        found = np.linalg.lstsq(rows[:, kept] / rows.max(0)[kept], np.ones(len(rows)), rcond=None)[0]
        if found.min() >= 0:
            break
        kept.pop(int(found.argmin()))
    whole = np.zeros(rows.shape[1])
    whole[kept] = found / rows.max(0)[kept]
    return [float(each) for each in whole]


def of_shapes(measured: list[Any]) -> tuple[list[float], float]:
    """Coefficients of a step by rows and width, and their median relative error."""
    columns = [[1, width, rows * width] for rows, width, _ in measured]
    seconds = [least(times) for _, _, times in measured]
    found = fit(columns, seconds)
    return found, float(np.median(np.abs(np.array(columns) @ found / seconds - 1)))


def lengths_of(all_lengths: list[int], count: int, longest: int, short: bool) -> list[int]:
    """So many lengths, evenly over those of the reviews."""
    ordered = np.sort(np.array(all_lengths))
    taken = ordered[np.linspace(0, len(ordered) - 1, count).astype(int)]
    return [int(each) for each in np.minimum(np.maximum(taken // SHORT, 2) if short else taken, longest)]


def name_of(check: tuple[Any, ...]) -> str:
    batch, _, units, words, longest, short = check
    texts = "short texts" if short else f"reviews of up to {longest} words"
    return f"{units} units, {words:,} words, batches of {batch} {texts}"


def measured_in(folder: Path) -> dict[str, Any]:
    """Everything measured, read from the folder where it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    [[encoding]] = started(folder, "encoding", [{"kind": "encoding", "texts": 5000}])
    lengths = encoding["found"]["train_lengths"]
    jobs: list[dict[str, Any]] = []
    for units, words in MODELS:
        grid = [(rows, width) for rows in (4, 16, 64) for width in (8, 32, 128, 320)]
        grid = [each for each in grid if units < 512 or each[1] < 300]
        jobs.append({"kind": "shapes", "units": units, "words": words, "grid": grid, "repeats": REPEATS})
        jobs.append(
            {"kind": "apply", "units": units, "words": words, "counts": [256, 2048, 16384], "repeats": 2 * REPEATS}
        )
    counts = [10_000, 100_000, 1_000_000]
    jobs.append({"kind": "inputs", "lengths": lengths, "batch_size": 64, "counts": counts})
    [alone] = started(folder, "alone", jobs)
    sizes = [(0, 64), (65_536, 64), (1 << 20, 64), (1 << 22, 64), (1 << 24, 64), (0, 1024), (0, 4096), (0, 16_384)]
    sizes += [(1 << 20, 4096), (1 << 22, 16_384)]
    pair: list[dict[str, Any]] = [{"kind": "exchange", "sizes": sizes, "repeats": 3 * REPEATS}]
    for check in CHECKS:
        batch, rows, units, words, longest, short = check
        pair.append(
            {
                "kind": "epochs", "name": name_of(check), "units": units, "words": words, "batch_size": batch,
                "lengths": lengths_of(lengths, rows, longest, short), "repeats": REPEATS + 1,
                "validation": lengths_of(lengths, rows // 8, longest, short),
            }
        )  # fmt: skip
    two = started(folder, "two", pair, 2)
    four = started(folder, "four", [{"kind": "exchange", "sizes": sizes[:4] + sizes[5:7], "repeats": 3 * REPEATS}], 4)
    often = [{"kind": "exchange", "sizes": [(0, 64), (1 << 20, 4096)], "repeats": MANY}]
    many = [each[0]["found"] for each in started(folder, "many", often, 2)]
    [one] = started(folder, "one", pair[1:])
    exchange = [[each[0]["found"] for each in group] for group in (two, four)]
    epochs = {"one": one, "two": [each[1:] for each in two]}
    return {"encoding": encoding["found"], "alone": alone, "exchange": exchange, "many": many, **epochs}


def fitted(measured: dict[str, Any]) -> dict[str, Any]:
    """The coefficients of the simulation."""
    alone = measured["alone"]
    inputs = next(each["found"] for each in alone if each["kind"] == "inputs")
    per_row = least(inputs["batches"]) / inputs["rows"]
    machines, errors, checkpoints, traces = {}, {}, {}, {}
    for shapes, apply in zip(alone[0:-1:2], alone[1:-1:2], strict=True):
        found = shapes["found"]
        name = (shapes["units"], shapes["words"])
        step, error = of_shapes(found["steps"])
        validate, error_of_validation = of_shapes(found["validation"])
        spread = [
            each / least(times) for rows, _, times in found["steps"] if rows > 4 for each in times["processor"][1:]
        ]
        rows = [[1, count] for count, _ in apply["found"]]
        _, per_gathered = fit(rows, [least(times) for _, times in apply["found"]])
        machines[name] = Machine(
            *step,
            per_row,
            per_gathered,
            found["dense_bytes"],
            (validate[0], validate[1], validate[2]),
            spread=tuple(spread),
        )
        errors[name] = {"step": error, "validation": error_of_validation}
        checkpoints[name], traces[name] = least(found["checkpoint"]), float(np.median(found["trace_processor"]))
    columns, seconds, exchanges = [], [], []
    for group in measured["exchange"]:
        workers = len(group)
        for same in zip(*group, strict=True):
            (size, rows, _), taken = same[0], max(least(times) for _, _, times in same)
            gathered = (workers - 1) * rows * ROW_BYTES
            columns.append([1, HOPS * (workers - 1), 2 * (workers - 1) / workers * size, gathered])
            seconds.append(taken)
            exchanges.append([workers, size, rows, round(taken, 6)])
    law = fit(columns, seconds)
    error = float(np.median(np.abs(np.array(columns) @ law / seconds - 1)))
    order = [[count, least(times) / (count * np.log2(count))] for count, times in inputs["order"]]
    return {
        "machines": machines, "errors": errors, "checkpoints": checkpoints, "traces": traces,
        "network": Network(*law), "network_error": error, "per_sorted": order[-1][1],
        "exchanges": exchanges,
        "sorted_bytes": inputs["bytes_a_row"],
    }  # fmt: skip


def predicted(check: tuple[Any, ...], lengths: list[int], workers: int, found: dict[str, Any]) -> dict[str, float]:
    """The seconds of an epoch's steps and of its validation, by the simulation, for the very batches."""
    batch, count, units, words, longest, short = check
    machine = found["machines"][units, words]
    taken = np.array(lengths_of(lengths, count, longest, short))
    parts = [[Part(place, workers).of_rows(rows) for place in range(workers)]
             for rows in LengthBuckets(taken, batch, 1).epoch(0)]  # fmt: skip
    rows = np.array([[len(part) for part in each] for each in parts])
    widths = np.array([[int(padded(taken[part].max(initial=1))) for part in each] for each in parts])
    seconds = steps(machine, found["network"], rows, widths)
    held_out = np.array(lengths_of(lengths, count // 8, longest, short))
    validation = validation_seconds(machine, held_out, len(held_out), batch)
    trace = found["traces"][units, words] * (workers > 1)  # the step of validation is traced anew
    return {"steps": float(seconds["step"].sum()), "validation": validation + trace}


def seen(workers: list[Any], which: int) -> dict[str, float]:
    """The seconds of an epoch's steps, the slowest worker's each, and of its validation by the chief.

    Args:
        workers: What each measured.
        which: 0: on the clock, the least of the repeats; 1: of the processor, the median of the repeats.
    """
    over = np.min if which == 0 else np.median
    taken = [np.array([[step[which] for step in one["steps"]] for one in each["found"]["epochs"]]) for each in workers]
    after = [one["after"][which] for one in workers[0]["found"]["epochs"]]
    return {"steps": float(np.max([over(each, 0) for each in taken], 0).sum()), "validation": float(over(after))}


def checked(measured: dict[str, Any], found: dict[str, Any]) -> list[dict[str, Any]]:
    """Predictions beside what was measured."""
    lengths, rows = measured["encoding"]["train_lengths"], []
    for place, check in enumerate(CHECKS):
        for count, workers in ((1, [measured["one"][place]]), (2, [each[place] for each in measured["two"]])):
            said, processor, clock = predicted(check, lengths, count, found), seen(workers, 1), seen(workers, 0)
            rows.append(
                {
                    "setting": name_of(check), "workers": count, "predicted": said, "processor": processor,
                    "clock": clock,
                    "ratio_steps": round(said["steps"] / processor["steps"], 3),
                    "ratio_epoch": round(sum(said.values()) / sum(processor.values()), 3),
                    "ratio_clock": round(sum(said.values()) / sum(clock.values()), 3),
                }
            )  # fmt: skip
        one, two = rows[-2:]
        two["clock_two_to_one"] = round(one["ratio_clock"] / two["ratio_clock"], 3)
        print(json.dumps(rows[-2:]), flush=True)
    return rows


def answered(measured: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Epochs over a billion rows: of several machines, networks and texts, and after each change."""
    reviews = np.array(measured["encoding"]["train_lengths"])
    texts = {"reviews": reviews, "short texts": np.maximum(reviews // SHORT, 2)}
    core, loopback = found["machines"][DEFAULT], found["network"]
    serial = Serial(found["per_sorted"], found["checkpoints"][DEFAULT], VALIDATED)

    def hours(
        lengths: np.ndarray, machine: Machine, network: Network, each: int | None = EACH, shared: bool = False
    ) -> dict[str, dict[str, float]]:
        """The hours of each term by the number of machines; without `each` the batch stays; `shared`: its own part is
        what each validates."""
        taken = {}
        for workers in COUNTS:
            given = {"rows": ROWS, "workers": workers, "each": each or EACH / workers}
            row = epoch(machine, network, serial, lengths, **given, count=150)
            if shared:
                row["epoch"] -= row["validation"] * (1 - 1 / workers)
                row["validation"] /= workers
            taken[str(workers)] = {name: float(f"{value / 3600:.4g}") for name, value in row.items()}
        return taken

    ways = []
    for kind, lengths in texts.items():
        for speed in (1, FAST):
            machine = core if speed == 1 else core.faster(speed)
            for gigabits in (1, 10, 100):
                spent = hours(lengths, machine, loopback.of(gigabits, LATENCY))
                stops, limit = end_of(spent)
                ways.append({"texts": kind, "speed": speed, "gigabits": gigabits, "stops_at": stops,
                             "limited_by": limit, "hours": spent})  # fmt: skip
    once = {rows: distinct / tokens for rows, tokens, distinct in measured["encoding"]["distinct"]}[LARGE]
    changes = []
    for name, each, shared, travels in (
        (f"`--batch-size` stays {EACH}", None, False, 1.0),
        (f"{EACH} rows for each machine", EACH, False, 1.0),
        (f"{LARGE:,} rows for each machine", LARGE, False, 1.0),
        ("besides, the gradient of a word travels once", LARGE, False, once),
        ("instead, that of all words travels as one table", LARGE, False, 0.0),
        ("besides, each worker validates its part", LARGE, True, 0.0),
    ):
        row = {"change": name, "machines": {}}
        for speed in (1, FAST):
            table = 0 if travels else 4 * DEFAULT[1] * DIMENSION
            machine = replace(core, travels=travels, dense_bytes=core.dense_bytes + table)
            machine = machine if speed == 1 else machine.faster(speed)
            spent = hours(texts["reviews"], machine, loopback.of(10, LATENCY), each, shared)
            stops, limit = end_of(spent)
            row["machines"][str(speed)] = {"stops_at": stops, "limited_by": limit, "hours": spent}
        changes.append(row)
    return {"ways": ways, "changes": changes}


def end_of(hours: dict[str, dict[str, float]]) -> tuple[int | None, str]:
    """Where doubling the machines no longer pays, and what then takes most beside computing."""
    stops = stops_at({int(workers): row["epoch"] for workers, row in hours.items()})
    row = hours[str(min(2 * (stops or COUNTS[-1]), COUNTS[-1]))]
    return stops, max((name for name in PARTS if name != "computing"), key=lambda part: sum_of(row, part))


def sum_of(row: dict[str, float], part: str) -> float:
    """The hours of a part of an epoch."""
    return sum(row[term] for term in PARTS[part])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measured", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measured = measured_in(given.measured or Path(temporary))
    found = fitted(measured)
    checks = checked(measured, found)
    print(found["network"], found["network_error"], found["errors"])
    encoding = measured["encoding"]
    result = {
        "measured": {
            "machines": {
                f"{units} units, {words} words": {
                    **{name: value for name, value in vars(machine).items() if name != "spread"},
                    "spread": [round(float(np.quantile(machine.spread, q)), 3) for q in (0.1, 0.5, 0.9, 0.99)],
                    "errors": found["errors"][units, words],
                    "checkpoint": found["checkpoints"][units, words],
                    "trace": found["traces"][units, words],
                }
                for (units, words), machine in found["machines"].items()
            },
            "exchange": {
                **vars(found["network"]), "error": found["network_error"], "seconds": found["exchanges"],
                "repeats": MANY, "fastest": [
                    {"dense_bytes": size, "rows": rows, "clock": min(times["wall"]), "processor": least(times)}
                    for size, rows, times in measured["many"][0]
                ],
            },
            "encoded_rows_a_second": round(encoding["rows"] / least(encoding), 1),
            "bytes_a_review": round(encoding["bytes"] / encoding["rows"]),
            "distinct": encoding["distinct"],
            "sorted_seconds": found["per_sorted"],
            "sorted_bytes_a_row": found["sorted_bytes"],
            "lengths": [float(np.quantile(encoding["train_lengths"], q / 20)) for q in range(21)],
            "mean_length": float(np.mean(encoding["train_lengths"])),
        },
        "assumed": {
            "rows": ROWS, "latency": LATENCY, "validated": VALIDATED, "short": SHORT, "rows_a_machine": EACH,
            "units": DEFAULT[0], "words": DEFAULT[1], "fast": FAST, "large": LARGE,
        },
        "checks": checks,
        **answered(measured, found),
    }  # fmt: skip
    print(record("scaling", result, seed=1))
    chosen = [
        ("one core" if way["speed"] == 1 else f"{FAST} times a core", way["hours"])
        for way in result["ways"]
        if way["texts"] == "reviews" and way["gigabits"] == 10
    ]
    changed = result["changes"][-1]["machines"][str(FAST)]["hours"]
    print(draw([*chosen, (f"{FAST} times a core, all changes", changed)], 1, PICTURE))


if __name__ == "__main__":
    main()
