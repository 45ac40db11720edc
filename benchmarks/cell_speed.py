"""The cost of a training step of each cell, next to Keras's LSTM, Keras's RNN around the same cell, and PyTorch.

One network per contender: the recurrent layer, and a fully connected one on its last output. One step is forward,
backward and Adam; for PyTorch plain SGD, which is even cheaper. The contenders of a cell take turns in one process, in
a varying order, so that a busy machine slows all of them equally; the result is the ratios of the medians, of the time
that passed ("of") and of the processor's time ("of_processor"), which other programs disturb less. Adds each cell to
`results/cell_speed.json` when it is done.

    python benchmarks/cell_speed.py [--cells lstm,gru] [--sizes 100,1000] [--again]
    python benchmarks/cell_speed.py --cells lstm,gru,simple_rnn --sizes B64-T200-F128-U128,B32-T100-F128-U512
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from _record import RESULTS, processor, record

from rnnkit import cells

#: Batch, steps, features and units by the name of the size.
SIZES = {
    "100": (32, 100, 64, 128),
    "1000": (32, 1_000, 64, 128),
    "B64-T200-F128-U128": (64, 200, 128, 128),
    "B32-T100-F128-U512": (32, 100, 128, 512),
    "B64-T100-F128-U512": (64, 100, 128, 512),
    "B32-T50-F256-U1024": (32, 50, 256, 1024),
}
#: More rounds where a step is short.
ROUNDS = {"1000": 4}
#: Networks of each contender, 3 where nothing is said: a graph may run at two speeds, by how its memory happens to lie.
BUILDS = {"1000": 1}
#: Cells that PyTorch has in C++, and what it calls them.
TORCH = {
    "simple_rnn": ("RNN", {}),
    "lstm": ("LSTM", {}),
    "gru": ("GRU", {}),
    "projection_lstm": ("LSTM", {"proj_size": 64}),
}
#: Cells that Keras has as layers.
KERAS = {"simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default=",".join(cells.names()))
    parser.add_argument("--sizes", default="100,1000", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--again", action="store_true", help="measure again the cells already in the result")
    given = parser.parse_args()
    path = RESULTS / "cell_speed.json"
    result: dict[str, Any] = json.loads(path.read_text())["result"] if path.exists() else {}
    for size in given.sizes.split(","):
        for cell in given.cells.split(","):
            if size in result.get(cell, {}) and not given.again:
                continue
            result.setdefault(cell, {})[size] = measured(cell, size)
            print(cell, size, result[cell][size], flush=True)
            packages = ("torch", "jax")
            record("cell_speed", dict(sorted(result.items())), seed=1, packages=packages)


def measured(cell: str, size: str) -> dict[str, Any]:
    """Milliseconds a step of each contender, and ours as a share of theirs."""
    import keras

    shape, units = SIZES[size][:3], SIZES[size][3]
    cell_class = cells.get_cell(cell)
    layer_class = cells.get(cell)
    makers: dict[str, Callable[[], Callable[[], Any] | None]] = {
        "rnnkit": lambda: keras_step(layer_class(units), shape),
        "keras_rnn": lambda: keras_step(keras.layers.RNN(cell_class(units)), shape),
        "keras_lstm": lambda: keras_step(keras.layers.LSTM(units, use_cudnn=False), shape),
    }
    if cell in KERAS and cell != "lstm":
        more = {"use_cudnn": False} if cell == "gru" else {}
        makers["keras"] = lambda: keras_step(getattr(keras.layers, KERAS[cell])(units, **more), shape)
    if cell in TORCH:
        makers["torch"] = lambda: torch_step(cell, shape, units)
    builds = BUILDS.get(size, 3)
    built = [(name, make()) for _ in range(builds) for name, make in makers.items()]
    contenders = [(name, step) for name, step in built if step is not None]
    passed: dict[str, list[float]] = {name: [] for name, _ in contenders}
    worked: dict[str, list[float]] = {name: [] for name, _ in contenders}
    random = np.random.default_rng(1)
    for _ in range(ROUNDS.get(size, 9)):
        for place in random.permutation(len(contenders)):
            name, step = contenders[place]
            time.sleep(0.02)  # PyTorch's threads spin for a while after a step
            began, busy = time.perf_counter(), time.process_time()
            step()
            passed[name].append(1000 * (time.perf_counter() - began))
            worked[name].append(1000 * (time.process_time() - busy))
    return {
        "builds": builds,
        "processor": processor(),
        "milliseconds": {name: round(float(np.median(times)), 1) for name, times in passed.items()},
        "of": shares(passed),
        "of_processor": shares(worked),
    }


def shares(times: dict[str, list[float]]) -> dict[str, float]:
    """Our median as a share of each other's."""
    medians = {name: float(np.median(values)) for name, values in times.items()}
    return {name: round(medians["rnnkit"] / value, 3) for name, value in medians.items() if name != "rnnkit"}


def keras_step(layer: Any, shape: tuple[int, int, int]) -> Callable[[], Any]:
    """A training step of a Keras network, already traced."""
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input(shape[1:])
    model = keras.Model(inputs, keras.layers.Dense(10)(layer(inputs)))
    model.compile("adam", "mse", jit_compile=False)
    x, y = data(shape)

    def step() -> None:
        model.train_on_batch(x, y)

    step()
    step()
    return step


def torch_step(cell: str, shape: tuple[int, int, int], units: int) -> Callable[[], Any] | None:
    """The same in PyTorch, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(os.cpu_count() or 1)
    name, arguments = TORCH[cell]
    layer = getattr(torch.nn, name)(shape[2], units, batch_first=True, **arguments)
    head = torch.nn.Linear(arguments.get("proj_size", units), 10)
    weights = [*layer.parameters(), *head.parameters()]
    x, y = map(torch.tensor, data(shape))

    def step() -> None:
        loss = torch.nn.functional.mse_loss(head(layer(x)[0][:, -1]), y)
        with torch.no_grad():  # by hand: torch.optim loads a second LLVM beside TensorFlow's, and both abort
            for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
                weight -= 1e-3 * gradient

    step()
    return step


def data(shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    return random.normal(size=shape).astype("float32"), random.normal(size=(shape[0], 10)).astype("float32")


if __name__ == "__main__":
    main()
