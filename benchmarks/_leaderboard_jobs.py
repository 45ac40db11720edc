"""The jobs of `leaderboard.py`: small, real, and the same for every cell; a training has a budget of processor time.

What a cell demands beyond its name (a second layer, dense layers around it, a lower rate, starts for long memories)
is that of `long_memory.py`'s tables.
"""

import gc
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from _memory_tasks import TASKS
from long_memory import BATCH, RATE, RATES, UNITS, around, better, exported, network, score

from rnnkit.data.tfds import IMDB
from rnnkit.errors import DisagreementError
from rnnkit.tasks.language_model.sample import SHAKESPEARE

#: Looks at the validation part in that time, for a training without epochs.
LOOKS = 15
NATOPS = "NATOPS_DATA"
_SHORT, _REVIEWS, _HELD = 120, 6_000, 20_000


@dataclass(frozen=True)
class Job:
    """A job.

    Attributes:
        what: What is learnt, for the page.
        seconds: Processor time of training steps, on one core; compiling, validation and export come on top.
        figure: The score of its test part.
        less: Whether a smaller score is better.
        chance: The score of one who has learnt nothing; None where it is measured.
        settings: Those common to all cells.
        run: `(job, cell, seed) -> figures`.
        needs: Why it cannot be run here, or "".
        solved: A score at which training stops; what is better counts as equal.
    """

    what: str
    seconds: int
    figure: str
    less: bool
    chance: float | None
    settings: dict[str, Any]
    run: Callable[["Job", str, int], dict[str, Any]]
    needs: Callable[[], str] = field(default=lambda: "")
    solved: float | None = None


def memory(name: str) -> Callable[[Job, str, int], dict[str, Any]]:
    """A task of `_memory_tasks.py`: fresh rows in every step, scored now and then, the best weights kept."""

    def run(job: Job, cell: str, seed: int) -> dict[str, Any]:
        import keras

        from rnnkit.training.budget import rate_at

        task, random = TASKS[name](), np.random.default_rng(seed)
        keras.utils.set_random_seed(seed)
        model = network(task, cell, seed)
        loss = "mse" if task.loss == "mse" else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        rate = rate_of(job, cell)
        model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss, jit_compile=False)
        best: tuple[float, Any] | None = None
        used, steps, looks = 0.0, 0, 0
        while used < job.seconds:
            batch = task.sample(random, job.settings["batch_size"])
            model.optimizer.learning_rate = rate * rate_at(used / job.seconds, steps)
            began = time.process_time()
            if not np.isfinite(model.train_on_batch(*batch)).all():
                raise FloatingPointError(f"The loss is not finite after {steps + 1} steps.")
            if steps:  # the first compiles, and counts as long as the second
                used += (time.process_time() - began) * (2 if steps == 1 else 1)
            steps += 1
            if used >= job.seconds * (looks + 1) / LOOKS:
                looks += 1
                found = score(task, model, task.validation)
                if best is None or better(task, found, best[0]):
                    best = found, model.get_weights()
                if job.solved is not None and not better(task, job.solved, found):
                    break
        assert best is not None
        model.set_weights(best[1])
        lite = exported(task, cell, seed, best[1], ("dynamic",))["dynamic"]
        return {
            "score": round(score(task, model, task.test), 5), "validation": round(best[0], 5), "steps": steps,
            "seconds": round(used, 1), "milliseconds_a_step": round(1000 * used / steps, 2),
            "parameters": model.count_params(), "bytes": lite["bytes"], "milliseconds": lite["milliseconds"],
        }  # fmt: skip

    return run


def task_run(
    kind: str, data: Callable[[], tuple[Any, Any]], key: str, chance: Callable[[Any], float] | None = None
) -> Callable[[Job, str, int], dict[str, Any]]:
    """A task of rnnkit, with its option `minutes`; `data` gives what to train and test on."""

    def run(job: Job, cell: str, seed: int) -> dict[str, Any]:
        import rnnkit
        from rnnkit.training.step_clock import StepClock

        StepClock.now = staticmethod(time.process_time)
        given = {**job.settings, "learning_rate": rate_of(job, cell), "minutes": job.seconds / 60, "patience": 10_000}
        task = getattr(rnnkit, kind)(**given, **around(cell), cell=cell, seed=seed)
        train, test = data()
        task.fit(train, test)
        found = {**task.results, "seconds": task.results["steps"] * task.results["milliseconds_a_step"] / 1000}
        with tempfile.TemporaryDirectory() as folder:
            lite, quantized = smallest(task, Path(folder) / "run")
        return {
            "score": found["test"][key], "validation": found["validation"][key], "steps": found["steps"],
            "seconds": round(found["seconds"], 1), "milliseconds_a_step": round(found["milliseconds_a_step"], 2),
            "parameters": found["parameters"], "bytes": lite["bytes"], "milliseconds": lite["milliseconds"],
            "quantized": quantized, "timed": task.exporter().timed, "epochs": found["epochs"],
            **({"chance": round(chance(train), 4)} if chance else {}),
        }  # fmt: skip

    return run


def smallest(task: Any, folder: Path) -> tuple[dict[str, Any], str]:
    """The smallest export that agrees with Keras, and how it is quantised: rounding weighs for some cells."""
    for quantized in ("dynamic", "float16"):
        try:
            return task.export(folder, quantize=quantized), quantized
        except DisagreementError:
            continue
    return task.export(folder, quantize="none"), "none"


def rate_of(job: Job, cell: str) -> float:
    """The job's learning rate, for cells with a lower one in `long_memory.py` lower by the same factor."""
    return job.settings["learning_rate"] * RATES.get(cell, RATE) / RATE


def gestures() -> tuple[Any, Any]:
    import rnnkit

    return rnnkit.SequenceClassifier.open_source(os.environ[NATOPS]), None


def reviews() -> tuple[Any, Any]:
    """IMDB's reviews of few words, as many of each label."""
    from rnnkit.data.tables import Rows
    from rnnkit.data.tfds import load_imdb

    found = load_imdb(None, say=lambda line: None)
    short = {part: [row for row in found[part] if len(row[0].split()) <= _SHORT] for part in ("train", "test")}
    return tuple(Rows(short[part][:_REVIEWS], name=f"imdb_reviews {part}, short") for part in ("train", "test"))


def shakespeare() -> tuple[Any, Any]:
    from dataclasses import replace

    from rnnkit.tasks.language_model.sample import load_tiny_shakespeare

    text = load_tiny_shakespeare()
    parts = {"validation": text.validation[:_HELD], "test": text.test[:_HELD]}
    return replace(text, **parts), None


def unigram_bits(text: Any) -> float:
    """Bits a character of the test part by the training part's frequencies alone."""
    letters, counts = np.unique(list(text.train), return_counts=True)
    bits = dict(zip(letters, -np.log2(counts / counts.sum()), strict=True))
    return float(np.mean([bits.get(letter, max(bits.values())) for letter in text.test]))


def natops_needs() -> str:
    return "" if os.environ.get(NATOPS) else f"the folder of NATOPS is not given (--natops FOLDER, or {NATOPS})"


def tfds_needs(name: str) -> Callable[[], str]:
    from rnnkit.data.tfds import prepared_or_sample

    return lambda: "" if prepared_or_sample("auto", name) == "tfds" else f"TFDS_DATA_DIR has no {name}"


_MEMORY = {"units": UNITS, "batch_size": BATCH, "learning_rate": 1e-2}
_TASK = {"units": UNITS, "batch_size": BATCH, "pooling": "last"}
JOBS: dict[str, Job] = {
    "adding": Job(
        "adding problem, T = 400", 30, "mean squared error", True, 1 / 6, _MEMORY, memory("adding"), solved=0.005
    ),
    "permuted_digits": Job("permuted digits", 20, "accuracy", False, 0.1, _MEMORY, memory("permuted_digits")),
    "natops": Job(
        "NATOPS gestures", 15, "accuracy", False, 1 / 6, {**_TASK, "learning_rate": 3e-3, "validation_share": 0.25},
        task_run("SequenceClassifier", gestures, "accuracy"), natops_needs,
    ),
    "imdb": Job(
        "short IMDB reviews", 20, "accuracy", False, 0.5,
        {**_TASK, "learning_rate": 3e-3, "embedding_size": 32, "vocabulary_size": 5_000, "max_length": _SHORT},
        task_run("TextClassifier", reviews, "accuracy"), tfds_needs(IMDB),
    ),
    "shakespeare": Job(
        "tiny Shakespeare", 30, "bits a character", True, None,
        {"units": UNITS, "batch_size": BATCH, "learning_rate": 2e-2, "unit": "character", "embedding_size": 32,
         "window": 64, "dropout": 0.0, "embedding_dropout": 0.0},
        task_run("LanguageModel", shakespeare, "bits_per_character", unigram_bits), tfds_needs(SHAKESPEARE),
    ),
}  # fmt: skip
#: The order of the work: of these groups, a process runs one for a cell and a seed.
GROUPS = (("adding", "permuted_digits", "natops"), ("imdb", "shakespeare"))


def run(name: str, cell: str, seed: int) -> dict[str, Any]:
    """The figures of a job, or its error, and how long all of it took."""
    job, began = JOBS[name], time.monotonic()
    try:
        found = job.run(job, cell, seed)
    except Exception as error:
        found = {"error": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
    gc.collect()
    chance = {} if job.chance is None else {"chance": round(job.chance, 4)}
    took = {"layers": around(cell)["layers"], "wall_seconds": round(time.monotonic() - began, 1)}
    return {**chance, **found, **took}
