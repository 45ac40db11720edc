"""The network of `TreeClassifier`."""

from typing import Any

import keras
from keras import layers, ops

from rnnkit.codec.tree_schedule import WIDTH
from rnnkit.layers.text import WordDropout
from rnnkit.layers.trees.tree import RNTN, ChildSumTreeLSTM, NaryTreeLSTM, Recursive

Tensor = Any


def tree_network(options: Any, words: int, labels: int, policy: str = "float32") -> keras.Model:
    """Build the network from a batch of trees, as in `rnnkit.codec.tree_schedule.Forest`, to logits.

    Args:
        options: `TreeClassifierOptions`.
        words: Size of the vocabulary.
        labels: Number of labels.
        policy: The dtype policy, "mixed_bfloat16" to train in bfloat16.

    Returns:
        A model of {words, children, roots} whose outputs are {nodes: `[rows, labels]`, root: `[trees, labels]`}.
    """
    ids = keras.Input((), dtype="int32", name="words")
    children = keras.Input((WIDTH, 2 if options.composition != "child_sum" else None), dtype="int32", name="children")
    roots = keras.Input((), dtype="int32", name="roots")
    shown = WordDropout(options.word_dropout, seed=options.seed, name="word_dropout")(ids)
    width = options.units if options.composition == "rntn" else options.embedding_size
    embedding = layers.Embedding(
        words,
        width,
        embeddings_initializer=keras.initializers.RandomUniform(-0.05, 0.05),
        dtype=policy,
        trainable=not options.freeze_embeddings,
        name="embedding",
    )
    dropped = layers.Dropout(options.embedding_dropout, seed=options.seed + 1, dtype=policy, name="embedding_dropout")
    vectors = dropped(embedding(shown))
    states = recursive(options, policy)(vectors, children)
    states = layers.Dropout(options.dropout, seed=options.seed + 3, dtype=policy, name="dropout")(states)
    nodes = layers.Dense(labels, dtype="float32", name="logits")(states)
    outputs = {"nodes": nodes, "root": ops.take(nodes, roots, axis=0)}
    return keras.Model({"words": ids, "children": children, "roots": roots}, outputs, name="tree_classifier")


def recursive(options: Any, policy: str) -> Recursive:
    """Build the recursive part that a task's options ask for."""
    make = {"n_ary": NaryTreeLSTM, "child_sum": ChildSumTreeLSTM, "rntn": RNTN}[options.composition]
    return make(
        options.units, dropout=options.composition_dropout, seed=options.seed + 2, dtype=policy, name="recursive"
    )


def losses() -> dict[str, keras.losses.Loss]:
    """The losses: cross-entropy at all nodes, and at the roots only, whose weights are shares already."""
    means = {"nodes": "mean_with_sample_weight", "root": "sum"}
    return {
        name: keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=how) for name, how in means.items()
    }


def compile_trees(network: keras.Model, options: Any, steps: int) -> None:
    """Compile a network with these losses, Adam with weight decay, and the accuracy of nodes and roots."""
    from rnnkit.training.trainer import compile_network, optimizer

    adam = optimizer(options, steps)
    adam.weight_decay = options.weight_decay or None
    accuracy = {name: [keras.metrics.SparseCategoricalAccuracy("accuracy")] for name in losses()}
    weights = {"nodes": 1.0, "root": options.root_weight}
    compile_network(network, adam, losses(), loss_weights=weights, weighted_metrics=accuracy)
