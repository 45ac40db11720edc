"""The network of `ImageCaptioner`: picture features, a decoder, and four ways to combine the two."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from rnnkit.codec.pieces import SPECIALS
from rnnkit.layers.attention.attention_kinds import attention_of
from rnnkit.layers.attention.doubly_stochastic import DoublyStochastic
from rnnkit.layers.bridge import Bridge
from rnnkit.layers.decoder import Decoder
from rnnkit.layers.states import free_states
from rnnkit.layers.tied_embedding import TiedEmbedding
from rnnkit.tasks.base.recurrent_part import recurrent

Tensor = Any
PICTURE, TARGET = "picture", "target"


def caption_network(
    options: Any, words: int, shape: Sequence[int], encoder: keras.Model | None = None, policy: str = "float32"
) -> keras.Model:
    """The network from a picture and target ids shifted by one, `[batch, time]`, to logits `[batch, time, words]`.

    Args:
        options: `ImageCaptionerOptions`; `inject` determines how the picture reaches the decoder.
        words: Size of the vocabulary.
        shape: Shape of the picture's features, `(regions, features)`.
        encoder: Computes them from uint8 pictures `[batch, size, size, 3]`, which are then the input; without it the
            features are the input.
        policy: The dtype policy of the decoder, "mixed_bfloat16" to train in bfloat16.

    Reference:
        Tanti, Gatt & Camilleri, Where to Put the Image in an Image Caption Generator, 2018 (arXiv:1703.09137), for
        init, par (Donahue et al., CVPR 2015) and merge (Mao et al., ICLR 2015); Xu et al., Show, Attend and Tell, ICML
        2015 (arXiv:1502.03044), for attention.
    """
    if encoder is None:
        given = features = keras.Input(tuple(shape), dtype="float32", name=PICTURE)
    else:
        given = keras.Input(encoder.input_shape[1:], dtype="uint8", name=PICTURE)
        features = encoder(given)
    target = keras.Input((None,), dtype="int32", name=TARGET)
    features = layers.Dropout(options.picture_dropout, seed=options.seed + 1, dtype=policy, name="picture_dropout")(
        features
    )
    memory = layers.Dense(options.units, "tanh", dtype=policy, name="memory")(features)
    image = ops.mean(memory, axis=1)

    limit = math.sqrt(3 / options.embedding_size)
    start = keras.initializers.RandomUniform(-limit, limit, seed=options.seed)
    embedding = TiedEmbedding(
        words, options.embedding_size, embeddings_initializer=start, dtype=policy, name="embedding"
    )
    vectors = layers.SpatialDropout1D(
        options.embedding_dropout, seed=options.seed + 2, dtype=policy, name="target_dropout"
    )(embedding(target))
    stack = recurrent(options, policy, name="recurrent", return_sequences=True, return_state=True)
    attention = None
    if options.inject == "attention":
        attention = attention_of(options.attention, options.units, options.heads, dtype=policy, name="attention")
    decoder = Decoder(
        stack, attention, options.embedding_size, input_feeding=options.input_feeding, dtype=policy, name="decoder"
    )
    first = _first_states(options, stack, policy)([image])
    if options.inject == "par":
        vectors = ops.concatenate([vectors, _at_each_step(image, target)], axis=-1)
    made = decoder(vectors, initial_state=first, **({"memory": memory} if attention is not None else {}))
    vectors, weights = (made, None) if attention is None else made
    if options.inject == "merge":
        vectors = _merge(options, policy)(ops.concatenate([vectors, _at_each_step(image, target)], axis=-1))
    vectors = layers.SpatialDropout1D(options.dropout, seed=options.seed + 3, dtype=policy, name="output_dropout")(
        vectors
    )
    logits = embedding(vectors, reverse=True)
    if options.doubly_stochastic and weights is not None:
        logits = DoublyStochastic(options.doubly_stochastic, name="doubly_stochastic")(logits, weights, target)
    return keras.Model([given, target], logits, name="image_captioner")


def _first_states(options: Any, stack: Any, policy: str) -> Bridge:
    """The initial states, computed from the picture, or zeros where it is injected elsewhere."""
    looks = options.inject in ("attention", "init")
    states = [
        (index, name, size, free and looks)
        for index, cell in enumerate(stack.cells)
        for name, size, free in free_states(cell)
    ]
    return Bridge([1], states, dtype=policy, name="bridge")


def _merge(options: Any, policy: str) -> Any:
    return layers.Dense(options.embedding_size, "tanh", dtype=policy, name="merge")


def _at_each_step(image: Tensor, target: Tensor) -> Tensor:
    """Repeat `[batch, features]` for each target id."""
    ones = ops.expand_dims(ops.cast(ops.ones_like(target), image.dtype), -1)
    return ops.expand_dims(image, 1) * ones


class Captioning:
    """A trained network as two functions: `encode` a picture, and `step` from one id to the next.

    Args:
        network: A network of `caption_network`.
        inject: The same as there.
    """

    def __init__(self, network: keras.Model, inject: str) -> None:
        names = {layer.name for layer in network.layers}
        self.inject = inject
        self.memory, self.bridge = network.get_layer("memory"), network.get_layer("bridge")
        self.decoder, self.embedding = network.get_layer("decoder"), network.get_layer("embedding")
        self.merge = network.get_layer("merge") if "merge" in names else None

    def encode(self, features: Tensor) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Encode features `[batch, regions, features]` to the initial states and the memory for every step."""
        memory = self.memory(features)
        image = ops.mean(memory, axis=1)
        states = self.decoder.first_states(self.bridge([image]))
        if self.inject == "attention":
            return states, self.decoder.project(memory)
        return states, (image,) if self.inject in ("par", "merge") else ()

    def step(
        self, ids: Tensor, states: Sequence[Tensor], memory: Sequence[Tensor]
    ) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """From last ids `[batch]` to logits `[batch, words]`, new states and attention `[batch, regions]` or None; all
        rows may share one memory."""
        x = self.embedding(ids)
        if self.inject == "par":
            x = _beside(x, memory[0])
        vector, new, weights = self.decoder.step(x, states, memory if self.inject == "attention" else (), None)
        if self.merge is not None:
            vector = self.merge(_beside(vector, memory[0]))
        return self.embedding(vector, reverse=True), new, weights

    def describe(self, features: Tensor, **how: Any) -> Any:
        """Caption features `[batch, regions, features]`, with the arguments of `rnnkit.decoding.decode`."""
        from rnnkit.decoding import decode

        states, memory = self.encode(features)
        shown = ops.ones(ops.shape(features)[:2], dtype="bool") if self.inject == "attention" else None
        return decode(self.step, states, memory, source_mask=shown, rows=ops.shape(features)[0], **{"ops": ops, **how})


def _beside(vectors: Tensor, image: Tensor) -> Tensor:
    """`[batch, features]` with the image's vector behind each, which all rows may share."""
    if image.shape[0] == 1:
        image = ops.broadcast_to(image, (*ops.shape(vectors)[:1], image.shape[-1]))
    return ops.concatenate([vectors, image], axis=-1)


def describer_of(network: keras.Model, inject: str, encoder: keras.Model | None, how: dict[str, Any]) -> Any:
    """A function from the network's view of pictures to ids, scores and attention (or None) as numpy arrays.

    Args:
        network: A network of `caption_network`.
        inject: The same as there.
        encoder: The same as there.
        how: Arguments of `rnnkit.decoding.decode`; random numbers are passed to the function.
    """
    captioning = Captioning(network, inject)

    def found(seen: Tensor, *uniform: Tensor) -> Any:
        features = seen if encoder is None else encoder(seen, training=False)
        return captioning.describe(features, **how, **({"uniform": uniform[0]} if uniform else {}))

    run = found
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        run = tf.function(found, autograph=False, reduce_retracing=True)

    def describe(seen: np.ndarray, uniform: np.ndarray | None = None) -> tuple[np.ndarray | None, ...]:
        drawn = () if uniform is None else (ops.convert_to_tensor(uniform),)
        made = run(ops.convert_to_tensor(seen), *drawn)
        return tuple(None if each is None else ops.convert_to_numpy(each) for each in made)

    return describe


def copy_captioner(old: Any, new: Any) -> None:
    """Copy all weights from one trained task to another of the same sizes, layer by layer: new words start at the mean
    of the old ones, and an encoder that becomes trainable keeps its pretrained weights."""
    names = {layer.name for layer in old.network.layers}
    for layer in new.network.layers:
        if not layer.weights or layer.name not in names:
            continue
        values = old.network.get_layer(layer.name).get_weights()
        layer.set_weights([_grown(value, weight.shape) for value, weight in zip(values, layer.weights, strict=True)])


def _grown(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """A weight per word, extended with rows for new words."""
    more = shape[0] - len(values) if values.shape else 0
    if not more:
        return values
    mean = values[len(SPECIALS) :].mean(axis=0, keepdims=True)
    return np.concatenate([values, np.repeat(mean, more, axis=0)])
