"""The cost of a training step of each cell, next to Keras's LSTM, Keras's RNN around the same cell, and PyTorch.

One network per contender: the recurrent layer, and a fully connected one on its last output. One step is forward,
backward and Adam; for PyTorch plain SGD, which is even cheaper. The contenders of a cell take turns in one process, in
a varying order, so that a busy machine slows all of them equally; the result is the ratios of the medians. Adds each
cell to `results/cell_speed.json` when it is done.

    python benchmarks/cell_speed.py [--cells lstm,gru] [--lengths 100,1000] [--again]
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import RESULTS, record

from rnnkit import cells

BATCH, FEATURES, UNITS = 32, 64, 128
ROUNDS = {100: 9, 1_000: 4}
#: Networks of each contender: the same graph may run at two speeds, by how its memory happens to lie.
BUILDS = 3
#: Cells that PyTorch has in C++, and what it calls them.
TORCH = {
    "simple_rnn": ("RNN", {}),
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {}),
    "projection_lstm": ("LSTM", {"proj_size": UNITS // 2}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default=",".join(cells.names()))
    parser.add_argument("--lengths", default="100,1000")
    parser.add_argument("--again", action="store_true", help="measure again the cells already in the result")
    given = parser.parse_args()
    path = RESULTS / "cell_speed.json"
    result: dict[str, Any] = json.loads(path.read_text())["result"] if path.exists() else {}
    for length in map(int, given.lengths.split(",")):
        for cell in given.cells.split(","):
            if str(length) in result.get(cell, {}) and not given.again:
                continue
            result.setdefault(cell, {})[str(length)] = measured(cell, length)
            print(cell, length, result[cell][str(length)], flush=True)
            packages = ("torch", "jax")
            record("cell_speed", dict(sorted(result.items())), seed=1, packages=packages)


def measured(cell: str, length: int) -> dict[str, Any]:
    """Milliseconds a step of each contender, and ours as a share of theirs."""
    import keras

    cell_class = cells.get_cell(cell)
    layer_class = getattr(cells, cell_class.__name__.removesuffix("Cell"))
    makers: dict[str, Callable[[], Callable[[], Any] | None]] = {
        "rnnkit": lambda: keras_step(layer_class(UNITS), length),
        "keras_rnn": lambda: keras_step(keras.layers.RNN(cell_class(UNITS)), length),
        "keras_lstm": lambda: keras_step(keras.layers.LSTM(UNITS, use_cudnn=False), length),
    }
    if cell in TORCH:
        makers["torch"] = lambda: torch_step(cell, length)
    built = [(name, make()) for _ in range(BUILDS) for name, make in makers.items()]
    contenders = [(name, step) for name, step in built if step is not None]
    times: dict[str, list[float]] = {name: [] for name, _ in contenders}
    random = np.random.default_rng(1)
    for _ in range(ROUNDS.get(length, 5)):
        for place in random.permutation(len(contenders)):
            name, step = contenders[place]
            time.sleep(0.02)  # PyTorch's threads spin for a while after a step
            began = time.perf_counter()
            step()
            times[name].append(1000 * (time.perf_counter() - began))
    medians = {name: float(np.median(values)) for name, values in times.items()}
    return {
        "builds": BUILDS,
        "milliseconds": {name: round(value, 1) for name, value in medians.items()},
        "of": {name: round(medians["rnnkit"] / value, 3) for name, value in medians.items() if name != "rnnkit"},
    }


def keras_step(layer: Any, length: int) -> Callable[[], Any]:
    """A training step of a Keras network, already traced."""
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input((length, FEATURES))
    model = keras.Model(inputs, keras.layers.Dense(10)(layer(inputs)))
    model.compile("adam", "mse", jit_compile=False)
    x, y = data(length)

    def step() -> None:
        model.train_on_batch(x, y)

    step()
    step()
    return step


def torch_step(cell: str, length: int) -> Callable[[], Any] | None:
    """The same in PyTorch, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(os.cpu_count() or 1)
    name, arguments = TORCH[cell]
    layer = getattr(torch.nn, name)(FEATURES, UNITS, batch_first=True, **arguments)
    head = torch.nn.Linear(arguments.get("proj_size", UNITS), 10)
    weights = [*layer.parameters(), *head.parameters()]
    x, y = map(torch.tensor, data(length))

    def step() -> None:
        loss = torch.nn.functional.mse_loss(head(layer(x)[0][:, -1]), y)
        with torch.no_grad():  # by hand: torch.optim loads a second LLVM beside TensorFlow's, and both abort
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight -= 1e-3 * gradient

    step()
    return step


def data(length: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return (
        random.normal(size=(BATCH, length, FEATURES)).astype("float32"),
        random.normal(size=(BATCH, 10)).astype("float32"),
    )


if __name__ == "__main__":
    main()
