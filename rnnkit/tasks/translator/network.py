"""The network of `Translator`: an encoder, a decoder with attention, and the two as functions for decoding."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from rnnkit.codec.pieces import END, SPECIALS
from rnnkit.layers.attention.attention_kinds import attention_of
from rnnkit.layers.attention.coverage import CoverageLoss
from rnnkit.layers.bridge import Bridge
from rnnkit.layers.decoder import Decoder
from rnnkit.layers.scheduled_sampling import ScheduledSampling
from rnnkit.layers.text import PaddingMask
from rnnkit.layers.tied_embedding import TiedEmbedding
from rnnkit.tasks.base.recurrent_part import recurrent

Tensor = Any
SOURCE, TARGET = "source", "target"


def translation_network(
    options: Any, source_words: int, target_words: int, policy: str = "float32", unroll: bool | int = False
) -> keras.Model:
    """Build the network from source ids `[batch, source]` and target ids shifted by one, `[batch, time]`, to logits
    `[batch, time, words]`.

    Args:
        options: `TranslatorOptions`.
        source_words: Size of the source vocabulary.
        target_words: Size of the target vocabulary.
        policy: The dtype policy, "mixed_bfloat16" to train in bfloat16.
        unroll: The encoder's `unroll`, as in `Recurrent`.
    """
    source = keras.Input((None,), dtype="int32", name=SOURCE)
    target = keras.Input((None,), dtype="int32", name=TARGET)
    embeddings = _embeddings(options, source_words, target_words, policy)
    mask = PaddingMask(name="mask")(source)
    vectors = _dropout("source_dropout", options.embedding_dropout, options.seed + 1, policy)(
        embeddings[SOURCE](source)
    )
    encoder = recurrent(options, policy, return_sequences=True, return_state=True, unroll=unroll)
    encoded, *last_states = encoder(vectors, mask=mask)
    encoded = _dropout("encoder_dropout", options.dropout, options.seed + 2, policy)(encoded)
    if options.attention == "dot" and encoder.output_size != options.decoder_width:
        encoded = layers.Dense(options.decoder_width, dtype=policy, name="memory")(encoded)

    stack = recurrent(_of_decoder(options), policy, name="decoder_recurrent", return_sequences=True, return_state=True)
    attention = None
    if options.attention != "none":
        attention = attention_of(
            options.attention, options.decoder_width, options.heads, dtype=policy, name="attention"
        )
    decoder = Decoder(
        stack, attention, options.embedding_size, input_feeding=options.input_feeding, dtype=policy, name="decoder"
    )
    first = Bridge.between(encoder, stack, dtype=policy, name="bridge")(list(last_states))
    target_dropout = _dropout("target_dropout", options.embedding_dropout, options.seed + 4, policy)
    output_dropout = _dropout("output_dropout", options.dropout, options.seed + 5, policy)
    head = None if options.tied != "none" else layers.Dense(target_words, dtype="float32", name="logits")

    def decoded(ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits and attention weights for target ids."""
        known = {"memory": encoded, "memory_mask": mask} if attention is not None else {}
        made = decoder(target_dropout(embeddings[TARGET](ids)), initial_state=first, **known)
        vectors, weights = (made, None) if attention is None else made
        vectors = output_dropout(vectors)
        return (embeddings[TARGET](vectors, reverse=True) if head is None else head(vectors)), weights

    ids = target
    if options.scheduled_sampling:
        guessed, _ = decoded(ids)
        sampling = ScheduledSampling(options.scheduled_sampling, 1, seed=options.seed + 6, name="scheduled_sampling")
        ids = sampling(ids, guessed)
    logits, weights = decoded(ids)
    if options.coverage_loss and weights is not None:
        logits = CoverageLoss(options.coverage_loss, name="coverage")(logits, weights, target)
    return keras.Model([source, target], logits, name="translator")


def _embeddings(options: Any, source_words: int, target_words: int, policy: str) -> dict[str, Any]:
    """The embeddings of both sides, which are the same where all tables are tied."""

    def table(words: int, name: str, kind: Any = TiedEmbedding) -> Any:
        # Initial vectors have a length of about 1, whatever their width: shorter ones blind the decoder to the source.
        limit = math.sqrt(3 / options.embedding_size)
        start = keras.initializers.RandomUniform(-limit, limit, seed=options.seed)
        return kind(words, options.embedding_size, embeddings_initializer=start, dtype=policy, name=name)

    if options.tied == "all":
        both = table(target_words, "embedding")
        return {SOURCE: both, TARGET: both}
    of_target = TiedEmbedding if options.tied == "target" else layers.Embedding
    return {
        SOURCE: table(source_words, "source_embedding", layers.Embedding),
        TARGET: table(target_words, "target_embedding", of_target),
    }


def _dropout(name: str, rate: float, seed: int, policy: str) -> Any:
    return layers.SpatialDropout1D(rate, seed=seed, dtype=policy, name=name)


def _of_decoder(options: Any) -> Any:
    """The options of the decoder's recurrent layers, derived from the encoder's; its states initialise theirs."""
    return replace(
        options,
        cell=options.decoder_cell or options.cell,
        units=options.decoder_width,
        bidirectional=False,
        initial_state="zeros",
        seed=options.seed + 100,
    )


def attention_weights(network: keras.Model, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The attention weights of each step over given targets, `[batch, time, source]`."""
    translating = Translating(network)
    states, memory, mask = translating.encode(source)
    found = []
    for time in range(target.shape[1]):
        _, states, weights = translating.step(target[:, time], states, memory, mask)
        found.append(ops.convert_to_numpy(weights))
    return np.stack(found, axis=1)


def copy_grown_weights(old: keras.Model, new: keras.Model) -> None:
    """Copy the weights, layer by layer, to a network that may have more tokens; the weights of new ones start at the
    mean of the old ones. Scheduled sampling restarts its step count."""
    for layer in new.layers:
        if layer.weights and not isinstance(layer, ScheduledSampling):
            for before, after in zip(old.get_layer(layer.name).weights, layer.weights, strict=True):
                after.assign(_grown(ops.convert_to_numpy(before), after.shape))


def _grown(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """A weight extended to more tokens, the new ones at the mean of the old ones."""
    for axis, (had, has) in enumerate(zip(values.shape, shape, strict=True)):
        if has > had:
            words = np.take(values, np.arange(len(SPECIALS), had), axis=axis)
            more = np.repeat(words.mean(axis=axis, keepdims=True), has - had, axis=axis)
            values = np.concatenate([values, more], axis=axis)
    return values


def decoder_of(network: keras.Model, how: dict[str, Any]) -> Any:
    """A function from source ids, `[rows, time]`, to ids, scores and alignment (or None) as numpy arrays; for sampling
    it also takes `uniform`, as `rnnkit.decoding.decode` does.

    Args:
        network: A network of `translation_network`.
        how: Other arguments of `rnnkit.decoding.decode`.
    """
    translating = Translating(network)
    given = ["source", *(["uniform"] if how["strategy"] == "sample" else [])]

    def found(*tensors: Tensor) -> Any:
        source, *uniform = tensors
        return translating.translate(source, **dict(zip(given[1:], uniform, strict=True)), **how)

    run = found
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        taken = [tf.TensorSpec([None, None], {"source": tf.int32, "uniform": tf.float32}[name]) for name in given]
        run = tf.function(found, input_signature=taken, autograph=False)

    def decode(source: np.ndarray, **drawn_with: np.ndarray) -> tuple[np.ndarray | None, ...]:
        tensors = [ops.convert_to_tensor(each) for each in (source, *drawn_with.values())]
        return tuple(None if each is None else ops.convert_to_numpy(each) for each in run(*tensors))

    return decode


class Translating:
    """A trained network as two functions: `encode` a source, and `step` from one target id to the next.

    Args:
        network: A network of `translation_network`.
    """

    def __init__(self, network: keras.Model) -> None:
        names = {layer.name for layer in network.layers}
        self.network = network
        self.encoder, self.decoder = network.get_layer("recurrent"), network.get_layer("decoder")
        self.bridge = network.get_layer("bridge")
        self.memory_layer = network.get_layer("memory") if "memory" in names else None
        self.source_embedding, self.target_embedding = (
            network.get_layer("embedding" if "embedding" in names else f"{side}_embedding") for side in (SOURCE, TARGET)
        )
        self.head = network.get_layer("logits") if "logits" in names else None
        self.attends = self.decoder.attention is not None

    def encode(self, source: Tensor, masked: bool = True) -> tuple[list[Tensor], tuple[Tensor, ...], Tensor | None]:
        """Encode source ids `[batch, source]` to the decoder's initial states, its memory for every step, and the
        mask."""
        mask = ops.not_equal(source, 0) if masked else None
        encoded, *last_states = self.encoder(self.source_embedding(source), mask=mask, training=False)
        if self.memory_layer is not None:
            encoded = self.memory_layer(encoded)
        states = self.decoder.first_states(self.bridge(list(last_states)))
        return states, self.decoder.project(encoded), mask

    def step(
        self, ids: Tensor, states: Sequence[Tensor], memory: Sequence[Tensor], mask: Tensor | None
    ) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """From the last target ids `[batch]` to logits `[batch, words]`, new states and attention `[batch, source]`."""
        vector, new, weights = self.decoder.step(self.target_embedding(ids), states, memory, mask)
        logits = self.target_embedding(vector, reverse=True) if self.head is None else self.head(vector)
        return logits, new, weights

    def translate(self, source: Tensor, masked: bool = True, **how: Any) -> Any:
        """Translate source ids `[batch, source]`, with the arguments of `rnnkit.decoding.decode`."""
        states, memory, _ = self.encode(source, masked)
        return self.search(source, states, memory, masked, **how)

    def search(
        self, source: Tensor, states: Sequence[Tensor], memory: Sequence[Tensor], masked: bool = True, **how: Any
    ) -> Any:
        """The same with what `encode` gave for them; `masked`: as far as the source is no padding."""
        from rnnkit.decoding import decode

        shown = ops.not_equal(source, 0)
        words = ops.logical_and(shown, ops.not_equal(source, END))

        def step(ids: Tensor, states: Sequence[Tensor], memory: Sequence[Tensor]) -> Any:
            *projected, here = memory if masked else (*memory, None)
            return self.step(ids, states, projected, here)

        read = (*memory, shown) if masked else memory
        seen = {"source_mask": shown, "source_words": words} if self.attends else {}
        return decode(step, states, read, rows=ops.shape(source)[0], **seen, **{"ops": ops, **how})
