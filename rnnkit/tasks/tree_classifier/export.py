"""`TreeClassifier` as three functions, which a device or a server runs from the leaves of a tree up."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.export.contract import Exporter
from rnnkit.export.parity import Agreement
from rnnkit.export.saved_model import write_saved_model
from rnnkit.export.servable import Input, ServableParts, Signature
from rnnkit.lite.tasks.tree_classifier import (
    BEFORE,
    CHILDREN,
    CLASSIFY,
    COMPOSE,
    GIVES,
    LEAF,
    PROBABILITIES,
    SIDES,
    STATE,
    SUMS,
    WIDTH,
    WORD,
    walk,
)

Tensor = Any
#: Children that a call of a padded file takes; of more, several calls give the very same.
AT_ONCE = 4


class TreeClassifierExporter(Exporter):
    """Exports a `TreeClassifier`."""

    runner = "tree_classifier"
    quantizations = ("none", "float16", "dynamic")

    strategies = ("padded", "loop")

    def servables(self, strategy: str) -> dict[str, ServableParts]:
        """The network as three functions, each taking any number of nodes at once, or a fixed one."""
        return {"model": tree_pieces(self.task, WIDTH if strategy == "padded" else None)}

    def describe(self) -> dict[str, Any]:
        task = self.task
        return {
            "max_length": 2**31 - 1,  # a tree may have any size
            "any_children": task.most_children is None,
            "outputs": [{"name": "probabilities", "shape": [None, len(task.labels)], "dtype": "float32"}],
            "vocabulary": "vocab.txt",
            "labels": "labels.txt",
            "lowercase": task.options.lowercase,
        }

    def expected(self, examples: Any) -> np.ndarray:
        return self.task.probabilities(self.task.outputs(examples))

    def saved_model(self, folder: Path, compared: Any, source: str) -> dict[str, Any]:
        """Write the signatures leaf, compose and classify."""

        def agreement_of(saved: Path) -> Agreement:
            signatures = tf.saved_model.load(str(saved)).signatures

            def call(name: str, **given: np.ndarray) -> np.ndarray:
                answer = signatures[name](**{key: tf.constant(value) for key, value in given.items()})
                return answer[GIVES[name]].numpy()

            theirs = [walk(code, self.task.most_children is None, call) for code in compared.inputs]
            return self.agreement(compared, np.concatenate(theirs), source)

        return write_saved_model(folder, tree_pieces(self.task).save, agreement_of, self.compares_as)


def tree_pieces(task: Any, rows: int | None = None) -> ServableParts:
    """The functions leaf, compose and classify of a trained `TreeClassifier`.

    Args:
        task: The task.
        rows: Nodes that a call takes; None for any number.
    """
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

    def compose_some(children: Tensor, before: Tensor) -> dict[str, Tensor]:
        sums = before + cell.sums(children)
        return {STATE: cell.of_sums(sums), SUMS: sums}

    compose = Signature(compose_two, tuple(Input(side, (rows, size), "float32") for side in SIDES))
    if cell.most_children is None and rows is None:
        compose = Signature(compose_any, (Input(CHILDREN, (None, None, size), "float32"),))
    elif cell.most_children is None:
        some = Input(CHILDREN, (rows, AT_ONCE, size), "float32"), Input(BEFORE, (rows, size), "float32")
        compose = Signature(compose_some, some)
    return ServableParts(
        network,
        {
            LEAF: Signature(leaf, (Input(WORD, (rows,), "int32"),)),
            COMPOSE: compose,
            CLASSIFY: Signature(classify, (Input(STATE, (rows, size), "float32"),)),
        },
    )
