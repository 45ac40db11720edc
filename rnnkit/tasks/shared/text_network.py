"""The network of the tasks that label whole texts."""

from typing import Any

import keras
from keras import layers

from rnnkit.layers.perturbation import Perturbation
from rnnkit.layers.pooling import AttentionPooling
from rnnkit.layers.text import PaddingMask, WordDropout
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import recurrent, recurrent_model
from rnnkit.training.adversarial import Adversarial


def text_network(options: Any, words: int, labels: int, how: Build = INFERENCE, name: str = "texts") -> keras.Model:
    """The network from ids `[batch, time]` to logits `[batch, labels]`.

    Args:
        options: `TextOptions`.
        words: Size of the vocabulary.
        labels: How many labels there are.
        how: Unrolled, its length is `options.max_length`; for training, `options.omega` and `options.adversarial`
            each add a penalty.
        name: The name of the Keras model.
    """
    policy = how.policy(options)
    ids = keras.Input((options.max_length if how.unroll is True else None,), dtype="int32", name="ids")
    mask = PaddingMask(name="mask")(ids) if how.masked else None
    shown = WordDropout(options.word_dropout, seed=options.seed, name="word_dropout")(ids)
    vectors = layers.Embedding(
        words,
        options.embedding_size,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        trainable=not options.freeze_embeddings,
        dtype=policy,
        name="embedding",
    )(shown)
    if adversarial := how.training and options.adversarial:
        vectors = Perturbation(dtype=policy, name="perturbation")(vectors, mask=mask)
    vectors = layers.SpatialDropout1D(
        options.embedding_dropout, seed=options.seed + 1, dtype=policy, name="embedding_dropout"
    )(vectors)
    attentive = options.pooling == "attention"
    encoder = recurrent(
        options, policy, unroll=how.unroll, return_sequences=attentive, pooling="last" if attentive else options.pooling
    )
    pooled = encoder(vectors, mask=mask)
    if attentive:
        pooled = AttentionPooling(options.units, dtype=policy, name="attention")(pooled, mask=mask)
    pooled = layers.Dropout(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(pooled)
    logits = layers.Dense(labels, dtype="float32", name="logits")(pooled)
    shifts = [Adversarial(options.adversarial)] if adversarial else []
    return recurrent_model(ids, logits, options, how, name, shifts)
