"""How long can each cell remember? The adding problem, copying, and digits read pixel by pixel, over seeds.

Fills `results/long_memory.json`: for each task, cell and seed the score, the training steps and the time of one. The
jobs already in it are kept, so it can be stopped and restarted. Each training is a separate process; if JAX is
installed, the cells that must loop over time train on it, since it has less overhead between steps.

    python benchmarks/long_memory.py [--tasks adding,digits] [--cells lstm,gru] [--seeds 1,2,3]
    python benchmarks/long_memory.py --export      the digits' networks as TFLite files: bytes, milliseconds, agreement
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from _memory_tasks import TASKS, MemoryTask
from _record import RESULTS, record

from rnnkit import cells

UNITS, BATCH, CHECK_EVERY = 64, 32, 100
MOST_STEPS = {"adding": 6_000, "copy": 3_000, "digits": 1_500, "permuted_digits": 1_500}
#: Cells with a linear or elementwise recurrence compare nothing within a layer: they get two, as in their papers.
STACKED = ("hgrn", "min_gru", "min_lstm", "qrnn", "rg_lru", "rwkv4", "sru", "tdnn")
#: What stands around cells that can only add up, so that something before them can choose what.
LAYER_ARGUMENTS: dict[str, dict[str, Any]] = {
    "ind_rnn": {"input_layers": 1, "depth_activation": "relu"},
    **dict.fromkeys(
        ("lru", "s4d", "s5"), {"input_layers": 1, "output_layers": 1, "depth_activation": "relu", "residual": True}
    ),
    **dict.fromkeys(  # not relu: where the last input is 0, what selective_ssm reads out would be 0 for ever
        ("rg_lru", "rwkv4", "selective_ssm"),
        {"input_layers": 1, "output_layers": 1, "depth_activation": "silu", "residual": True},
    ),
}
#: Arguments that follow from the length of the sequences.
BY_LENGTH: dict[str, dict[str, Callable[[int], Any]]] = {
    "ind_rnn": {  # the paper's bound for relu, and its start of a last layer
        "recurrent_max": lambda steps: 2 ** (1 / steps),
        "recurrent_initializer": lambda steps: near_one(steps),
        "kernel_initializer": lambda steps: small(),
    },
    "lru": {  # memories of a quarter of the length to ten times the length, and one turn of the phase at most
        "r_min": lambda steps: 1 - 4 / steps,
        "r_max": lambda steps: 1 - 0.1 / steps,
        "max_phase": lambda steps: 2 * math.pi / steps,
    },
}
RATE, RATES = 3e-3, {"simple_rnn": 3e-4, "irnn": 3e-4, "ind_rnn": 3e-4, "cfc": 3e-4}
_FOLDER = RESULTS.parent / ".long_memory"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--cells", default=",".join(cells.names()))
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--export", action="store_true")
    parser.add_argument("--job", nargs=3, metavar=("TASK", "CELL", "SEED"), help="train one and print it as JSON")
    given = parser.parse_args()
    if given.job:
        print(json.dumps(train(given.job[0], given.job[1], int(given.job[2]))))
        return
    for task in given.tasks.split(","):
        for seed in given.seeds.split(","):
            for cell in given.cells.split(","):
                name = f"{task} {cell} {seed}"
                if name not in result():
                    keep(name, in_a_process(task, cell, seed))
    if given.export:
        for cell in given.cells.split(","):
            if f"export {cell} 1" not in result():
                keep(f"export {cell} 1", export(cell))


def result() -> dict[str, Any]:
    path = RESULTS / "long_memory.json"
    return json.loads(path.read_text())["result"] if path.exists() else {}


def keep(name: str, figures: dict[str, Any]) -> None:
    print(name, figures, flush=True)
    known = {**result(), name: figures}
    seeds = sorted({int(each.split()[-1]) for each in known})
    record("long_memory", dict(sorted(known.items())), seed=seeds, packages=("jax", "scikit-learn"))


def in_a_process(task: str, cell: str, seed: str) -> dict[str, Any]:
    loops = cells.get_cell(cell).scan is cells.get_cell("simple_rnn").scan
    backend = "jax" if loops and find_spec("jax") else "tensorflow"
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--job", task, cell, seed]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{task} {cell} {seed} failed; its last words are above.")
    return json.loads(done.stdout.strip().splitlines()[-1])


def around(cell: str) -> dict[str, Any]:
    """The number of a cell's layers, and what stands around each."""
    return {"layers": 2 if cell in STACKED else 1, **LAYER_ARGUMENTS.get(cell, {})}


def network(
    task: MemoryTask, cell: str, seed: int, unroll: bool | int = False, stack: dict[str, Any] | None = None
) -> Any:
    """Recurrent layers, by default those of `around`, and one fully connected one."""
    import keras

    from rnnkit.layers.recurrent import Recurrent

    cell_class = cells.get_cell(cell)
    own: dict[str, Any] = {"longest": task.steps} if cell_class.chrono_gates else {}
    own |= {name: of(task.steps) for name, of in BY_LENGTH.get(cell, {}).items()}
    layer = Recurrent(
        cell_class(UNITS, seed=seed, **own), unroll=unroll, return_sequences=bool(task.answers),
        **(around(cell) if stack is None else stack),
    )  # fmt: skip
    inputs = keras.Input((task.steps, task.features))
    hidden = layer(inputs)
    if task.answers:
        hidden = hidden[:, -task.answers :]
    return keras.Model(inputs, keras.layers.Dense(task.outputs)(hidden))


def near_one(steps: int) -> Any:
    from rnnkit.cells._initializers import NearOne

    return NearOne(steps)


def small() -> Any:
    import keras

    return keras.initializers.RandomNormal(stddev=0.001)


def train(name: str, cell: str, seed: int) -> dict[str, Any]:
    """Trains until validation is good enough or the steps are used up; scores the best weights on the test rows."""
    import keras

    task, random = TASKS[name](), np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    model = network(task, cell, seed)
    loss = "mse" if task.loss == "mse" else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    rate = RATES.get(cell, RATE)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss,
                  jit_compile="auto" if keras.backend.backend() == "jax" else False)  # fmt: skip
    best, best_score, curve, times = model.get_weights(), None, [], []
    for step in range(1, MOST_STEPS[name] + 1):
        batch = task.sample(random, BATCH)
        began = time.perf_counter()
        model.train_on_batch(*batch)
        times.append(time.perf_counter() - began)
        if step % CHECK_EVERY == 0:
            found = score(task, model, task.validation)
            curve.append(round(found, 4))
            print(f"{name} {cell} {seed}: step {step}, validation {found:.4f}", file=sys.stderr, flush=True)
            if best_score is None or better(task, found, best_score):
                best, best_score = model.get_weights(), found
            if not better(task, task.enough, found):
                break
    model.set_weights(best)
    _FOLDER.mkdir(exist_ok=True)
    np.savez(_FOLDER / f"{name}_{cell}_{seed}.npz", *best)
    return {
        "score": round(score(task, model, task.test), 5), "chance": round(task.chance, 4), "validation": curve,
        "steps": step, "milliseconds_a_step": round(1000 * float(np.median(times[1:])), 2),
        "parameters": model.count_params(), "layers": around(cell)["layers"], "units": UNITS,
        "learning_rate": rate, "backend": keras.backend.backend(),
    }  # fmt: skip


def score(task: MemoryTask, model: Any, data: tuple[np.ndarray, np.ndarray]) -> float:
    """Mean squared error, or the share of right answers."""
    outputs = np.concatenate([np.asarray(model.predict_on_batch(part)) for part in np.array_split(data[0], 5)])
    return score_of(task, outputs, data[1])


def score_of(task: MemoryTask, outputs: np.ndarray, targets: np.ndarray) -> float:
    """The score of outputs that are there already."""
    if task.loss == "mse":
        return float(np.mean((outputs - targets) ** 2))
    return float(np.mean(outputs.argmax(axis=-1) == targets))


def better(task: MemoryTask, one: float, other: float) -> bool:
    return one < other if task.loss == "mse" else one > other


def export(cell: str) -> dict[str, Any]:
    """The digits' network of seed 1 as a TFLite file with a loop, dynamic-range quantised and not."""
    task = TASKS["digits"]()
    weights = np.load(_FOLDER / f"digits_{cell}_1.npz")
    return exported(task, cell, 1, [weights[name] for name in weights.files], ("none", "dynamic"))


def exported(
    task: MemoryTask, cell: str, seed: int, weights: list[np.ndarray], kinds: tuple[str, ...]
) -> dict[str, Any]:
    """A trained network as a TFLite file with a loop, run on the test rows, for each kind of quantization."""
    import tempfile

    from rnnkit.export.convert import convert
    from rnnkit.export.flatbuffer import non_builtin
    from rnnkit.export.servable import STEPS_A_TURN, Input, Servable
    from rnnkit.layers.device_loop import on_device
    from rnnkit.lite.interpreter import open_model

    model = network(task, cell, seed, unroll=STEPS_A_TURN)
    model.set_weights(weights)
    expected = np.asarray(model.predict_on_batch(task.test[0]))
    servable = Servable(model, model, (Input("x", (1, task.steps, task.features), "float32"),), "y", fixed_length=True)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        with on_device(task.steps):
            servable.save(Path(folder))
        for quantize in kinds:
            file = convert(Path(folder), quantize, [], "x")
            runner = open_model(file).get_signature_runner()
            times, outputs = [], []
            for row in task.test[0]:
                began = time.perf_counter()
                outputs.append(runner(x=row[None])["y"][0])
                times.append(time.perf_counter() - began)
            found[quantize] = {
                "bytes": len(file), "milliseconds": round(1000 * float(np.median(times)), 4),
                "largest_difference": float(np.abs(np.array(outputs) - expected).max()),
                "score": round(score_of(task, np.array(outputs), task.test[1]), 5),
                "foreign_operators": non_builtin(file),
            }  # fmt: skip
    return found


if __name__ == "__main__":
    main()
