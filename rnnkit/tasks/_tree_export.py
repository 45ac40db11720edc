"""`TreeClassifier` in three pieces, which a device or a server runs from the leaves of a tree up."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from rnnkit.errors import RnnkitError
from rnnkit.export.parity import Agreement, compare
from rnnkit.export.saved_model import write_saved_model
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


@dataclass
class TreeServable:
    """The network in three pieces, which a device runs from the leaves of a tree up.

    Attributes:
        network: The Keras model whose weights they read.
        fixed_length: False: a tree may have any number of nodes.
    """

    network: keras.Model
    fixed_length: bool = False
    input_name: str = WORD

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """What `bundle.json` says of the inputs."""
        return [
            {"signature": name, "name": spec.name, "shape": list(spec.shape), "dtype": spec.dtype.name}
            for name, (_, specs) in self._pieces().items()
            for spec in specs
        ]

    def save(self, folder: Path) -> None:
        """Writes a TensorFlow SavedModel with the signatures leaf, compose and classify."""
        module = tf.Module()
        module.kept = [variable.value for variable in self.network.variables]
        module.pieces = {
            name: tf.function(function, input_signature=specs, autograph=False)
            for name, (function, specs) in self._pieces().items()
        }
        tf.saved_model.save(module, str(folder), signatures=dict(module.pieces))

    def _pieces(self) -> dict[str, tuple[Any, list[Any]]]:
        """Function and inputs of each signature; any number of nodes goes through at once."""
        layer, embedding, head = (self.network.get_layer(name) for name in ("recursive", "embedding", "logits"))
        cell, size = layer.cell, layer.cell.state_size

        def leaf(word: Tensor) -> dict[str, Tensor]:
            return {STATE: cell.leaf(embedding(word))}

        def compose_two(left: Tensor, right: Tensor) -> dict[str, Tensor]:
            return {STATE: cell.compose(ops.stack([left, right], axis=1))}

        def compose_any(children: Tensor) -> dict[str, Tensor]:
            return {STATE: cell.compose(children)}

        def classify(state: Tensor) -> dict[str, Tensor]:
            return {PROBABILITIES: ops.softmax(head(state[:, : cell.units]))}

        states = [tf.TensorSpec((None, size), tf.float32, name=name) for name in (*SIDES, STATE)]
        compose: Any = (compose_two, states[:2])
        if cell.most_children is None:
            compose = (compose_any, [tf.TensorSpec((None, None, size), tf.float32, name=CHILDREN)])
        return {
            LEAF: (leaf, [tf.TensorSpec((None,), tf.int32, name=WORD)]),
            COMPOSE: compose,
            CLASSIFY: (classify, states[2:]),
        }


def tree_servable(task: Any, strategy: str) -> TreeServable:
    """The network as `rnnkit.export` wants it."""
    if strategy != "loop":
        raise RnnkitError(
            f"A tree classifier cannot be exported with the strategy {strategy!r}, which is for sequences (int8 needs "
            "it). Leave --strategy out, and use --quantize none, float16 or dynamic."
        )
    network = task.build()
    network.set_weights(task.network.get_weights())
    return TreeServable(network)


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
        return compare(task.comparable(task.outputs(compared)), theirs, compared.truth, source)

    return write_saved_model(folder, tree_servable(task, "loop").save, agreement_of)
