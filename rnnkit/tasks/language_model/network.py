"""The network of `LanguageModel`."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from rnnkit.codec.vocabulary import START
from rnnkit.layers.stack import step_stack
from rnnkit.layers.tied_embedding import TiedEmbedding
from rnnkit.tasks.base.recurrent_part import has_recurrent_weights, recurrent

Tensor = Any
_ROWS = 512
_FEW = 4  # sampling pays off where there are this many times more words than samples


def language_network(
    options: Any, words: int, policy: str = "float32", lanes: int | None = None, apart: bool = True
) -> keras.Model:
    """The network from ids `[lanes, time]` to vectors `[lanes, time, embedding_size]`, whose products with the word
    vectors are logits.

    Args:
        options: `LanguageModelOptions`.
        words: Size of the vocabulary.
        policy: The dtype policy, "mixed_bfloat16" to train in bfloat16.
        apart: Whether to reset the states where a text begins, so that each text is read separately.
        lanes: Rows per batch, which carry their states from one call to the next; None: no carried states.
    """
    ids = keras.Input((None,), batch_size=lanes, dtype="int32", name="ids")
    embedding = TiedEmbedding(
        words,
        options.embedding_size,
        seed=options.seed,
        samples=options.softmax_samples if words >= _FEW * options.softmax_samples else 0,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        dtype=policy,
        name="embedding",
    )
    vectors = layers.SpatialDropout1D(
        options.embedding_dropout, seed=options.seed + 1, dtype=policy, name="embedding_dropout"
    )(embedding(ids))
    layer = recurrent(
        options,
        policy,
        return_sequences=True,
        stateful=lanes is not None,
        weight_drop=options.weight_drop if has_recurrent_weights(options.cell) else 0.0,
    )
    encoded = layer(vectors, begins=ops.equal(ids, START)) if apart else layer(vectors)
    encoded = layers.SpatialDropout1D(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(encoded)
    narrow = layers.Dense(options.embedding_size, dtype=policy, name="narrow")(encoded)
    return keras.Model(ids, narrow, name="language_model")


def loss_of(network: keras.Model) -> Any:
    """The training loss, `(targets [lanes, time], vectors)`, over sampled words where the options ask for it."""
    embedding = network.get_layer("embedding")

    def negative_log_likelihood(targets: Tensor, vectors: Tensor) -> Tensor:
        return embedding.loss(ops.reshape(targets, (-1,)), ops.reshape(vectors, (-1, vectors.shape[-1])))

    return negative_log_likelihood


def log_probabilities(network: keras.Model, targets: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """log p of each target under the full softmax, `[lanes, time]`; in chunks of rows, since a row of logits is as long
    as the vocabulary."""
    flat, wanted = np.reshape(vectors, (-1, vectors.shape[-1])), np.reshape(targets, -1)
    embedding = network.get_layer("embedding")
    found = [
        ops.convert_to_numpy(embedding.log_probabilities(wanted[first : first + _ROWS], flat[first : first + _ROWS]))
        for first in range(0, len(flat), _ROWS)
    ]
    return np.concatenate(found).reshape(targets.shape)


class Stepping:
    """A trained network one step at a time, with explicit states.

    Args:
        network: A network of `language_network`.
        apart: The same as there.
    """

    def __init__(self, network: keras.Model, apart: bool) -> None:
        self.apart = apart
        self.recurrent, self.embedding = network.get_layer("recurrent"), network.get_layer("embedding")
        self.narrow = network.get_layer("narrow")

    @property
    def sizes(self) -> list[int]:
        """Widths of the states."""
        return [size for cell in self.recurrent.cells for size in cell.state_size]

    def start(self, rows: Any) -> list[Tensor]:
        """The states before the first step."""
        return list(self.recurrent.start_states(rows))

    def step(self, ids: Tensor, states: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """From ids `[rows]` and states to logits `[rows, words]` and the new states."""
        if self.apart:
            begins = ops.expand_dims(ops.equal(ids, START), -1)
            states = [ops.where(begins, ops.zeros_like(state), state) for state in states]
        output, new = step_stack(self.recurrent, self.embedding(ids), states)
        return self.embedding.logits(self.narrow(output)), new


def stepper(network: keras.Model, apart: bool) -> Callable[[np.ndarray, list[Tensor]], tuple[np.ndarray, list[Tensor]]]:
    """`Stepping.step` with logits as numpy arrays, compiled on TensorFlow."""
    stepping = Stepping(network, apart)

    def run(ids: Tensor, *states: Tensor) -> tuple[Tensor, list[Tensor]]:
        return stepping.step(ids, states)

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        run = tf.function(run, autograph=False, reduce_retracing=True)

    def step(ids: np.ndarray, states: list[Tensor]) -> tuple[np.ndarray, list[Tensor]]:
        logits, new = run(ops.convert_to_tensor(ids), *states)
        return ops.convert_to_numpy(logits), new

    return step
