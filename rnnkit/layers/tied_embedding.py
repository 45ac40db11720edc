"""Tied word vectors: the input embedding is also the output softmax's weights."""

import math
from typing import Any

import keras
from keras import ops

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class TiedEmbedding(keras.layers.Layer):
    """An embedding whose table is also the softmax's, trainable by sampled softmax.

    Why: of a language model's weights nearly all lie in these two tables, and one table learns from both sides. With
    many words the softmax is nearly all of the time too: a sample of them, drawn anew at each step, is enough.

    Equations:
        x = E[w]                                    call
        logits = h E^T + b                          logits
        loss = log(exp(logits_w) + sum_s exp(logits_s) / (samples * p_s)) - logits_w      w: the true word, s: the drawn
        p_s = log((s + 2) / (s + 1)) / log(words + 1)            the chance of a word to be drawn, by Zipf's law

    Args:
        words: Size of the vocabulary, frequent words first.
        size: Width of a vector.
        samples: Words drawn at a training step to stand for all; 0 takes all.
        embeddings_initializer: Of the table.
        seed: Seeds the draws.

    Call arguments:
        inputs: int ids, any shape; gives `[..., size]`.
        reverse: From vectors h, `[..., size]`, to logits, `[..., words]`.

    Example:

    >>> import numpy as np
    >>> layer = TiedEmbedding(10, 4)
    >>> vectors = layer(np.array([[1, 2, 3]]))
    >>> vectors.shape, layer.logits(vectors).shape
    (TensorShape([1, 3, 4]), TensorShape([1, 3, 10]))

    Reference:
        Press & Wolf, Using the Output Embedding to Improve Language Models, EACL 2017 (arXiv:1608.05859); Inan et
        al., Tying Word Vectors and Word Classifiers, ICLR 2017; Bengio & Senecal, Adaptive Importance Sampling to
        Accelerate Training of a Neural Probabilistic Language Model, IEEE TNN 19(4), 2008 (the sample).
    """

    def __init__(
        self,
        words: int,
        size: int,
        *,
        samples: int = 0,
        embeddings_initializer: Any = "uniform",
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.words, self.size, self.samples, self.seed = words, size, samples, seed
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.words, self.size), initializer=self.embeddings_initializer
        )
        self.bias = self.add_weight(name="bias", shape=(self.words,), initializer="zeros")
        self.built = True

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        return self.logits(inputs) if reverse else ops.take(self.embeddings, inputs, axis=0)

    def logits(self, h: Tensor) -> Tensor:
        """`[..., size]` to `[..., words]`."""
        return ops.matmul(h, ops.transpose(self.embeddings)) + self.bias

    def log_probabilities(self, targets: Tensor, h: Tensor) -> Tensor:
        """log p of each target under the whole softmax: of `[rows]` and `[rows, size]`, `[rows]`."""
        logits = ops.cast(self.logits(h), "float32")
        chosen = ops.take_along_axis(logits, ops.expand_dims(ops.cast(targets, "int32"), -1), axis=-1)
        return ops.squeeze(chosen, -1) - ops.logsumexp(logits, axis=-1)

    def loss(self, targets: Tensor, h: Tensor) -> Tensor:
        """The mean of -log p of the targets, `[rows]`, given `[rows, size]`; with `samples`, over a sample alone."""
        if not self.samples:
            return -ops.mean(self.log_probabilities(targets, h))
        targets = ops.cast(targets, "int32")
        uniform = keras.random.uniform((self.samples,), seed=self.seed_generator)
        drawn = ops.cast(ops.exp(uniform * math.log(self.words + 1)), "int32") - 1
        drawn = ops.clip(drawn, 0, self.words - 1)
        others = ops.matmul(h, ops.transpose(ops.take(self.embeddings, drawn, axis=0)))
        # Each stands for all the words like it: on average the sum over the sample is that over all words.
        others = ops.cast(others + ops.take(self.bias, drawn), "float32") - self._log_expected(drawn)
        hit = ops.equal(ops.expand_dims(targets, -1), drawn)  # the true word is not its own rival
        others = ops.where(hit, -1e30, others)
        true = ops.sum(h * ops.take(self.embeddings, targets, axis=0), axis=-1) + ops.take(self.bias, targets)
        true = ops.cast(true, "float32")
        total = ops.logaddexp(true, ops.logsumexp(others, axis=-1))
        return ops.mean(total - true)

    def _log_expected(self, ids: Tensor) -> Tensor:
        """Logarithm of a word's expected count in a sample."""
        rank = ops.cast(ids, "float32") + 1
        chance = ops.log1p(1 / rank) / math.log(self.words + 1)
        return ops.log(self.samples * chance)

    def get_config(self) -> dict[str, Any]:
        own = {"words": self.words, "size": self.size, "samples": self.samples, "seed": self.seed}
        start = keras.initializers.serialize(self.embeddings_initializer)
        return {**super().get_config(), **own, "embeddings_initializer": start}
