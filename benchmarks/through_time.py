"""One small network on one small problem, with every remedy for forgetting.

Makes the plots of docs/learning_through_time.md.

The problem: 50 steps of random numbers, two of them marked, one in each half; output their sum (the adding problem of
Hochreiter & Schmidhuber 1997), or the first minus the second. Each remedy is trained from the same seed on the same
rows. Those already recorded are kept; about 6 minutes on two cores. --quick is a trial run that records nothing.

    python benchmarks/through_time.py [--quick]
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import _through_time_pictures as pictures
import keras
import numpy as np
import tensorflow as tf
from _record import RESULTS, record

from rnnkit import Recurrent, cells
from rnnkit.training.gradient_flow import measure
from rnnkit.training.omega import Omega
from rnnkit.training.penalties import PenalisedModel

LENGTH, UNITS, BATCH, STEPS, RATE, SEED = 50, 64, 32, 1500, 0.005, 1
MEAN_OVER = 25  # training steps for a point of a learning curve
#: Name of each way: cell, and what differs from the others.
WAYS: dict[str, dict[str, Any]] = {
    "tanh": {"cell": "simple_rnn"},
    "irnn": {"cell": "irnn"},
    "lstm": {"cell": "lstm"},
    "tanh, omega 1": {"cell": "simple_rnn", "omega": 1.0},
    "irnn, not clipped": {"cell": "irnn", "clip": None},
    "lstm, truncated at 10": {"cell": "lstm", "truncate": 10},
    "lstm, difference": {"cell": "lstm", "difference": True},
    "lstm, difference, truncated at 25": {"cell": "lstm", "difference": True, "truncate": 25},
    "lstm, difference, truncated at 10": {"cell": "lstm", "difference": True, "truncate": 10},
}


class Watched(keras.Model):
    """A model whose training step also reports the norm of all gradients together, before they are clipped."""

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True), training=True)
        gradients = tape.gradient(loss, [weight.value for weight in self.trainable_variables])
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "norm": tf.linalg.global_norm(gradients)}


def rows(random: np.random.Generator, count: int, difference: bool) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and marks, `[count, LENGTH, 2]`, and the answers, `[count, 1]`."""
    numbers, marks = random.uniform(size=(count, LENGTH)), np.zeros((count, LENGTH))
    places = np.stack([random.integers(0, LENGTH // 2, count), random.integers(LENGTH // 2, LENGTH, count)])
    marks[np.arange(count), places] = 1
    first, second = numbers[np.arange(count), places]
    answers = first - second if difference else first + second
    return np.stack([numbers, marks], axis=-1).astype("float32"), answers[:, None].astype("float32")


def train(way: dict[str, Any], steps: int) -> dict[str, Any]:
    """One way's learning curve, its gradient norms, and the gradient flow before and after."""
    keras.utils.set_random_seed(SEED)
    omega, clip = way.get("omega", 0.0), way.get("clip", 1.0)
    # All steps written out are quicker, but the penalty needs the loop.
    cell = cells.get_cell(way["cell"])(UNITS)
    layer = Recurrent(cell, truncate=way.get("truncate", 0), unroll=not omega)
    inputs = keras.Input((LENGTH, 2))
    outputs = keras.layers.Dense(1)(layer(inputs))
    model = PenalisedModel(inputs, outputs, penalties=[Omega(omega)]) if omega else Watched(inputs, outputs)
    model.compile(keras.optimizers.Adam(RATE, global_clipnorm=clip), "mse", jit_compile=False)
    difference, random = way.get("difference", False), np.random.default_rng(SEED)
    held_out = rows(np.random.default_rng(SEED + 1), 256, difference)
    before, began, seen = flow(model, held_out), time.monotonic(), []
    for _ in range(steps):
        figures = model.train_on_batch(*rows(random, BATCH, difference), return_dict=True)
        model.reset_metrics()
        seen.append((float(figures["loss"]), float(figures.get("norm", np.nan))))
    losses, norms = (np.array(column).reshape(-1, MEAN_OVER) for column in zip(*seen, strict=True))
    return {
        "loss": [round(float(loss), 5) for loss in losses.mean(axis=1)],
        "largest_norm": None if omega else [float(f"{norm:.4g}") for norm in norms.max(axis=1)],
        "held_out_loss": round(float(model.evaluate(*held_out, verbose=0)), 5),
        "flow_before": before,
        "flow_after": flow(model, held_out),
        "seconds": round(time.monotonic() - began, 1),
    }


def flow(model: Any, data: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """What `rnnkit diagnose` would say."""
    found = measure(model, *data)[0]
    norms = [float(f"{norm:.4g}") for norm in found.norms]
    return {"norms": norms, "factor": round(found.factor, 4), "verdict": found.verdict}


def main() -> None:
    quick = "--quick" in sys.argv
    path = RESULTS / "through_time.json"
    ways = json.loads(path.read_text())["result"]["ways"] if path.exists() and not quick else {}
    for name, way in WAYS.items():
        if name not in ways:
            ways[name] = train(way, MEAN_OVER * 2 if quick else STEPS)
            print(f"{name}: {ways[name]['held_out_loss']}  {ways[name]['seconds']} s", flush=True)
            settings = {"length": LENGTH, "units": UNITS, "batch": BATCH, "steps": STEPS, "learning_rate": RATE}
            if not quick:
                record("through_time", {"settings": settings, "mean_over": MEAN_OVER, "ways": ways}, seed=SEED)
    folder = Path(tempfile.mkdtemp()) if quick else Path(__file__).parents[1] / "docs" / "images"
    for picture in pictures.draw_all(ways, MEAN_OVER, folder):
        print("drawn", picture)


if __name__ == "__main__":
    main()
