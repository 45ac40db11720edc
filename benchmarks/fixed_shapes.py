"""Does a file of one padded shape cost what one of an open length costs? The shipped Runs and a sequence classifier.

    python benchmarks/fixed_shapes.py

Each is exported in both forms, which answer short, middle and full inputs in turns, one thread: each after one of the
same length, and each after one of another, for which the open form lays out its memory anew. A ratio above 1 says that
the padded form takes longer, or is larger.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import record

import rnnkit
from rnnkit import lite
from rnnkit.quiet import load_keras
from rnnkit.run.folder import find_run

FORMS = ("loop", "padded")
SEED, ROUNDS, CALLS = 1, 15, 5
SHARES = {"short": 0.06, "middle": 0.5, "full": 1.0}
QUANTIZE = {"image_captioner": "none"}  # made-up pictures are too far from photographs for a closer comparison
SEQUENCES = {"cell": "lstm", "units": 64, "epochs": 1, "max_length": 400}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    load_keras()
    result: dict[str, Any] = {}
    for name, task in tasks():
        with tempfile.TemporaryDirectory() as folder:
            sizes = {form: export(task, Path(folder, form), form) for form in FORMS}
            runners = {form: lite.load(Path(folder, form, "lite")) for form in FORMS}
            inputs = INPUTS[task.key](task, runners["padded"])
            others = dict(zip(inputs, [*list(inputs.values())[1:], next(iter(inputs.values()))], strict=True))
            times = {what: in_turns(runners, row, others[what], given.rounds) for what, row in inputs.items()}
        result[name] = {
            "task": task.key,
            "quantize": QUANTIZE.get(task.key, "dynamic"),
            "bytes": sizes,
            "bytes_ratio": round(sizes["padded"] / sizes["loop"], 4),
            "inputs": times,
        }
        print(name, result[name], flush=True)
        record("fixed_shapes", {"rounds": given.rounds, "runs": result}, seed=SEED)


def tasks() -> Any:
    for name in ("imdb_sentiment", "conll_ner", "translation_en_de", "image_captioning"):
        yield name, rnnkit.load(find_run(name))
    random = np.random.default_rng(SEED)
    rows = [(random.normal(number % 2, 1, (40 + 4 * number, 6)), "ab"[number % 2]) for number in range(50)]
    yield "sequences", rnnkit.SequenceClassifier(**SEQUENCES).fit(rows)


def export(task: Any, folder: Path, form: str) -> int:
    return int(task.export(folder, strategy=form, quantize=QUANTIZE.get(task.key, "dynamic"))["bytes"])


def steps_of(length: int) -> dict[str, int]:
    return {what: max(round(share * length), 1) for what, share in SHARES.items()}


def texts(task: Any, runner: Any) -> dict[str, Any]:
    ids = np.random.default_rng(SEED).integers(3, len(task.vocabulary), runner.bundle.max_length).astype(np.int32)
    return {what: ids[:steps] for what, steps in steps_of(len(ids)).items()}


def sentences(task: Any, runner: Any) -> dict[str, Any]:
    words = [task.vocabulary.words[3 + place] for place in range(runner.bundle.max_length)]
    return {what: task.features.encode(words[:steps]) for what, steps in steps_of(len(words)).items()}


def sequences(task: Any, runner: Any) -> dict[str, Any]:
    values = np.random.default_rng(SEED).normal(size=(runner.bundle.max_length, 6)).astype(np.float32)
    return {what: values[:steps] for what, steps in steps_of(len(values)).items()}


def source_sentences(task: Any, runner: Any) -> dict[str, Any]:
    words = "the big house of the old man is near the river and we see it from the road every day".split() * 9
    return {what: " ".join(words[: max(round(steps / 1.4), 1)]) for what, steps in steps_of(60).items()}


def pictures(task: Any, runner: Any) -> dict[str, Any]:
    return {"picture": np.random.default_rng(SEED).integers(0, 255, (96, 96, 3)).astype(np.uint8)}


INPUTS: dict[str, Callable[[Any, Any], dict[str, Any]]] = {
    "text_classifier": texts,
    "token_tagger": sentences,
    "sequence_classifier": sequences,
    "translator": source_sentences,
    "image_captioner": pictures,
}


def in_turns(runners: dict[str, Any], row: Any, other: Any, rounds: int) -> dict[str, Any]:
    """Median milliseconds of both forms after an input of the same length and after another, and the median of the
    rounds' ratios."""
    answers = [runner.run([row]) for runner in runners.values()]
    found = {"": {form: list[float]() for form in runners}, "another_": {form: list[float]() for form in runners}}
    for _ in range(rounds):
        for form, runner in runners.items():
            found[""][form].append(median_of(runner, row, row))
            found["another_"][form].append(median_of(runner, other, row))
    measured: dict[str, Any] = {"steps": len(row)} if isinstance(row, np.ndarray) and row.ndim < 3 else {}
    for after, times in found.items():
        measured |= {f"{after}{form}_milliseconds": round(float(np.median(each)), 4) for form, each in times.items()}
        measured[f"{after}ratio"] = round(float(np.median(np.divide(times["padded"], times["loop"]))), 3)
    return {**measured, "same_answers": round(float(np.isclose(*answers, atol=1e-3).mean()), 4)}


def median_of(runner: Any, before: Any, row: Any) -> float:
    """Median milliseconds of some answers, each after another that is not counted."""
    seconds = []
    for _ in range(CALLS):
        runner.run([before])
        began = time.perf_counter()
        runner.run([row])
        seconds.append(time.perf_counter() - began)
    return 1000 * float(np.median(seconds))


if __name__ == "__main__":
    main()
