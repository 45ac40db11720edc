"""`TreeClassifier` in three pieces, which a device or a server runs from the leaves of a tree up."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.export.parity import Agreement, compare
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature
from rnnkit.lite.tasks.tree_classifier import (
    CHILDREN,
    CLASSIFY,
    COMPOSE,
    GIVES,
    LEAF,
    PROBABILITIES,
    SIDES,
    STATE,
    WORD,
    walk,
)  # fmt: skip

Tensor = Any


def tree_servable(task: Any) -> ServableParts:
    """The network as `rnnkit.export` wants it: in three pieces, any number of nodes through each at once."""
    network = task.build()
    network.set_weights(task.network.get_weights())
    layer, embedding, head = (network.get_layer(name) for name in ("recursive", "embedding", "logits"))
    cell, size = layer.cell, layer.cell.state_size

    def leaf(word: Tensor) -> dict[str, Tensor]:
        return {STATE: cell.leaf(embedding(word))}

    def compose_two(left: Tensor, right: Tensor) -> dict[str, Tensor]:
        return {STATE: cell.compose(ops.stack([left, right], axis=1))}

    def compose_any(children: Tensor) -> dict[str, Tensor]:
        return {STATE: cell.compose(children)}

    def classify(state: Tensor) -> dict[str, Tensor]:
        return {PROBABILITIES: ops.softmax(head(state[:, : cell.units]))}

    compose = Signature(compose_two, tuple(Input(side, (None, size), "float32") for side in SIDES))
    if cell.most_children is None:
        compose = Signature(compose_any, (Input(CHILDREN, (None, None, size), "float32"),))
    return ServableParts(
        network,
        {
            LEAF: Signature(leaf, (Input(WORD, (None,), "int32"),)),
            COMPOSE: compose,
            CLASSIFY: Signature(classify, (Input(STATE, (None, size), "float32"),)),
        },
    )


def export_tree_saved_model(task: Any, folder: Path, compared: Any, source: str) -> dict[str, Any]:
    """Writes `saved_model/` with the signatures leaf, compose and classify, and compares it with Keras.

    Args:
        task: A trained `TreeClassifier`.
        folder: The Run's folder.
        compared: Encoded trees.
        source: Where they come from.
    """

    def agreement_of(saved: Path) -> Agreement:
        signatures = tf.saved_model.load(str(saved)).signatures

        def call(name: str, **given: np.ndarray) -> np.ndarray:
            answer = signatures[name](**{key: tf.constant(value) for key, value in given.items()})
            return answer[GIVES[name]].numpy()

        theirs = np.concatenate([walk(code, task.most_children is None, call) for code in compared.inputs])
        return compare(task.expected(compared), theirs, compared.truth, source)

    return write_saved_model(folder, tree_servable(task).save, agreement_of)
