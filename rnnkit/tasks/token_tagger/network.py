"""The network of `TokenTagger`, and the functions of its export."""

from typing import Any

import keras
from keras import layers, ops

from rnnkit.codec.word_features import CASINGS
from rnnkit.layers.characters import CharacterCNN, CharacterRNN
from rnnkit.layers.crf.crf import CRF
from rnnkit.layers.text import PaddingMask, WordDropout
from rnnkit.tasks.base.build import INFERENCE, Build
from rnnkit.tasks.base.recurrent_part import one_cell, recurrent, recurrent_model

Tensor = Any
#: The network's inputs, in the order of `WordFeatures.encode`.
WORDS, CASING, CHARACTERS, TAGS = "words", "casing", "characters", "tags"


def tagging_network(
    options: Any, words: int, characters: int, tags: list[str], how: Build = INFERENCE, *, rare_from: int | None = None
) -> keras.Model:
    """Build the network from word, casing and character ids, `[batch, time]` and `[batch, time, length]`, to emissions,
    `[batch, time, tags]`.

    Args:
        options: `TokenTaggerOptions`.
        words: Size of the vocabulary of words.
        characters: Size of the vocabulary of characters.
        tags: The names of the tags.
        how: If unrolled, the length is `options.max_length`; for training, `options.omega` adds to the loss.
        rare_from: The first id of the words seen once in training; None where it is unknown.
    """
    policy = how.policy(options)
    length = options.max_length if how.unroll is True else None
    ids = keras.Input((length,), dtype="int32", name=WORDS)
    casing = keras.Input((length,), dtype="int32", name=CASING)
    letters = keras.Input((length, options.word_length), dtype="int32", name=CHARACTERS)
    mask = PaddingMask(name="mask")(ids) if how.masked else None
    word_dropout = WordDropout(
        options.word_dropout,
        rare_rate=options.rare_word_dropout,
        rare_from=rare_from,
        seed=options.seed,
        name="word_dropout",
    )
    shown = word_dropout(ids)
    learnt = not options.freeze_embeddings
    features = [_embedding(words, options.embedding_size, policy, "embedding", learnt)(shown)]
    if options.casing_size:
        features.append(_embedding(len(CASINGS), options.casing_size, policy, "casing_embedding")(casing))
    if options.characters != "none":
        features.append(_of_characters(options, characters, policy)(letters))
    vectors = layers.Concatenate(dtype=policy, name="features")(features) if features[1:] else features[0]
    vectors = layers.SpatialDropout1D(
        options.embedding_dropout, seed=options.seed + 1, dtype=policy, name="embedding_dropout"
    )(vectors)
    encoded = recurrent(options, policy, unroll=how.unroll, return_sequences=True)(vectors, mask=mask)
    encoded = layers.SpatialDropout1D(options.dropout, seed=options.seed + 2, dtype=policy, name="dropout")(encoded)
    emissions = layers.Dense(len(tags), dtype="float32", name="logits")(encoded)
    if options.head == "crf":
        emissions = CRF(tags, unroll=how.unroll, name="crf")(emissions)
    return recurrent_model([ids, casing, letters], emissions, options, how, "token_tagger")


def _embedding(count: int, size: int, policy: str, name: str, trainable: bool = True) -> Any:
    """Embeddings initialised uniformly in +-sqrt(3 / size), as in Ma & Hovy 2016."""
    reach = (3 / size) ** 0.5
    start = keras.initializers.RandomUniform(-reach, reach)
    return layers.Embedding(count, size, embeddings_initializer=start, trainable=trainable, dtype=policy, name=name)


def _of_characters(options: Any, characters: int, policy: str) -> Any:
    shared = {"characters": characters, "embedding_size": options.character_size, "dtype": policy}
    shared["name"] = "character_encoder"
    if options.characters == "cnn":
        return CharacterCNN(options.character_units, **shared)
    return CharacterRNN(one_cell(options, options.character_units // 2, policy, seed=options.seed + 4), **shared)


def loss_of(network: keras.Model) -> Any:
    """The training loss, `(targets, emissions)`: the CRF's where there is one; targets below 0 are padding."""
    names = [layer.name for layer in network.layers]
    if "crf" not in names:
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    crf = network.get_layer("crf")

    def negative_log_likelihood(targets: Tensor, emissions: Tensor) -> Tensor:
        return crf.loss(targets, emissions, ops.greater_equal(targets, 0))

    return negative_log_likelihood


def best_tags(network: keras.Model, emissions: Tensor, mask: Tensor | None) -> Tensor:
    """The most likely tags of emissions, `[batch, time]`: jointly under the CRF, or independently."""
    if "crf" in [layer.name for layer in network.layers]:
        return network.get_layer("crf").decode(emissions, mask)
    return ops.cast(ops.squeeze(ops.top_k(emissions, 1)[1], axis=-1), "int32")  # on a phone argmax is ten operators


def tag_probabilities(network: keras.Model, emissions: Tensor, mask: Tensor) -> Tensor:
    """The probability of each tag at each token, `[batch, time, tags]`."""
    if "crf" in [layer.name for layer in network.layers]:
        return network.get_layer("crf").marginals(emissions, mask)
    return ops.softmax(emissions)


class Scorer(keras.Model):
    """A network's best tags, `[batch, time]`, and its loss, repeated to `[batch]`, in one compiled pass.

    Args:
        network: A network of `tagging_network`. Each call uses its current weights.

    Call arguments:
        inputs: The network's inputs and the targets.
    """

    def __init__(self, network: keras.Model) -> None:
        from rnnkit.training.trainer import compile_network

        super().__init__(name="scorer")
        self.network = network
        self.loss_of = loss_of(network)
        compile_network(self, "sgd", None)

    def call(self, inputs: list[Tensor]) -> tuple[Tensor, Tensor]:
        *features, targets = inputs
        emissions = self.network(features, training=False)
        loss = self.loss_of(targets, emissions)
        tags = best_tags(self.network, emissions, ops.not_equal(features[0], 0))
        return tags, ops.broadcast_to(loss, ops.shape(tags)[:1])
