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


def tag(data: str, to: str, options: dict, sentences: list[str]):
    """Trains a tagger under JAX and gives its tags for some sentences, its scores and the loss of each epoch."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    import rnnkit

    task = rnnkit.TokenTagger(**options).fit(Path(data), to=Path(to))
    yield keras.backend.backend()
    losses = [row["val_loss"] for row in task.history]
    yield [[answer.tags for answer in task.predict(sentences)], task.results["test"]["f1"], losses]


def language(to: str, options: dict, texts: list[str]):
    """Trains a language model under JAX and gives how likely it finds the words of the last text, and its losses."""
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    import rnnkit

    task = rnnkit.LanguageModel(**options).fit(texts, to=Path(to))
    yield keras.backend.backend()
    yield [task.outputs(task.encode_inputs(texts[-1:])).tolist(), [row["val_loss"] for row in task.history]]


def probabilities(task, texts) -> np.ndarray:
    """`[texts, labels]`."""
    return np.asarray(task.probabilities(task.outputs(task.encode_inputs(texts))))
