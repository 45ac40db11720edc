"""What the tests of JAX let a process with that backend do."""

import os
from pathlib import Path

import numpy as np


def train(data: str, to: str, options: dict, texts: list[str]):
    """Trains a Run under JAX and gives its probabilities for some texts."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    import rnnkit

    task = rnnkit.TextClassifier(**options).fit(Path(data), to=Path(to))
    yield keras.backend.backend()
    yield probabilities(task, texts).tolist()


def predict(run: str, texts: list[str]):
    """Loads a Run under JAX and gives its probabilities for some texts."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    import rnnkit

    yield keras.backend.backend()
    yield probabilities(rnnkit.load(Path(run)), texts).tolist()


def probabilities(task, texts) -> np.ndarray:
    """`[texts, labels]`."""
    return np.asarray(task.probabilities(task.outputs(task.encode_inputs(texts))))
