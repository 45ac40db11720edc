"""The network of `TextClassifier`, how weights move from one to another, and what of it is exported."""

from typing import Any

import keras
import numpy as np
from keras import layers

from rnnkit import cells
from rnnkit.cells._square_blocks import SquareBlocks
from rnnkit.layers.deep import DEPTHS
from rnnkit.layers.pooling import AttentionPooling
from rnnkit.layers.recurrent import Recurrent
from rnnkit.layers.text import PaddingMask, WordDropout

#: Initialisers of the recurrent weights by the option's value; None is the cell's own.
_START: dict[str, Any] = {
    "default": None,
    "orthogonal": SquareBlocks("orthogonal"),
    "identity": SquareBlocks("identity"),
    "glorot_uniform": "glorot_uniform",
    "small": {"class_name": "RandomNormal", "config": {"stddev": 0.01}},
}


def text_network(
    options: Any, words: int, labels: int, policy: str = "float32", *, unroll: bool | int = False, masked: bool = True,
    penalised: bool = False,
) -> keras.Model:  # fmt: skip
    """ids `[batch, time]` to logits `[batch, labels]`.

    Args:
        options: `TextClassifierOptions`.
        words: Size of the vocabulary.
        labels: How many labels there are.
        policy: The dtype policy, "mixed_bfloat16" to train in bfloat16.
        unroll: As `Recurrent` takes it; True fixes the length at `options.max_length`.
        masked: Hides padding; without it every id counts.
        penalised: Adds the penalty `options.omega` to what training minimises.
    """
    ids = keras.Input((options.max_length if unroll is True else None,), dtype="int32", name="ids")
    mask = PaddingMask(name="mask")(ids) if masked else None
    shown = WordDropout(options.word_dropout, seed=options.seed, name="word_dropout")(ids)
    vectors = layers.Embedding(
        words, options.embedding_size, embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        dtype=policy, name="embedding",
    )(shown)  # fmt: skip
    vectors = layers.SpatialDropout1D(
        options.embedding_dropout, seed=options.seed + 1, dtype=policy, name="embedding_dropout"
    )(vectors)
    attentive = options.pooling == "attention"
    encoder = recurrent(options, policy, unroll=unroll, return_sequences=attentive,
                        pooling="last" if attentive else options.pooling)  # fmt: skip
    pooled = encoder(vectors, mask=mask)
    if attentive:
        pooled = AttentionPooling(options.units, dtype=policy, name="attention")(pooled, mask=mask)
    pooled = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(pooled)
    logits = layers.Dense(labels, dtype="float32", name="logits")(pooled)
    if penalised and options.omega:
        from rnnkit.training.omega import OmegaModel

        return OmegaModel(ids, logits, omega=options.omega, name="text_classifier")
    return keras.Model(ids, logits, name="text_classifier")


def recurrent(options: Any, policy: str, **arguments: Any) -> Recurrent:
    """The recurrent part that a task's options ask for."""
    start = _START[options.recurrent_initializer]
    cell = cells.get(options.cell)(
        options.units, dropout=options.input_dropout, recurrent_dropout=options.recurrent_dropout,
        variational=options.variational, zoneout=options.zoneout, seed=options.seed + 3, dtype=policy, name="cell",
        **({} if start is None else {"recurrent_initializer": start}),
    )  # fmt: skip
    depth = {name: getattr(options, name) for name in (*DEPTHS, "depth_activation")}
    return Recurrent(
        cell, layers=options.layers, bidirectional=options.bidirectional, residual=options.residual,
        dropout_between=options.dropout_between, initial_state=options.initial_state, truncate=options.truncate,
        dtype=policy, name="recurrent", **depth, **arguments,
    )  # fmt: skip


def copy_weights(old: keras.Model, new: keras.Model, *, head: bool) -> None:
    """Moves weights to a network of the same encoder: new words start at the mean of the old ones, and the head
    starts anew unless `head`.

    Reference:
        Howard & Ruder, Universal Language Model Fine-tuning, ACL 2018 (the mean for unknown words).
    """
    for layer in new.layers:
        if not layer.weights or (layer.name == "logits" and not head):
            continue
        values = old.get_layer(layer.name).get_weights()
        if layer.name == "embedding":
            known = values[0]
            added = np.repeat(known[3:].mean(axis=0, keepdims=True), layer.embeddings.shape[0] - len(known), axis=0)
            values = [np.concatenate([known, added])]
        layer.set_weights(values)


def text_servable(task: Any, strategy: str) -> Any:
    """The network as `rnnkit.export` wants it: ids in, probabilities out, padded to a fixed length or not at all."""
    from rnnkit.export.fused import use_fused
    from rnnkit.export.servable import Servable, unroll_of

    fixed = strategy == "unroll"
    network = task.build(unroll=unroll_of(strategy), masked=fixed)
    network.set_weights(task.network.get_weights())
    if strategy == "fused":
        use_fused(network.get_layer("recurrent"))
    length = task.options.max_length

    def probabilities(ids: Any) -> Any:
        return keras.ops.softmax(network(ids, training=False))

    return Servable(
        network=network,
        function=probabilities,
        input_name="ids",
        input_shape=(1, length if fixed else None),
        input_dtype="int32",
        output_name="probabilities",
        fixed_length=fixed,
    )
