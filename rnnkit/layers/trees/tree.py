"""Recursive networks over batches of trees: many nodes at a time, children before their parents."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.time_loop import time_loop
from rnnkit.layers.trees.tree_cells import ChildSumTreeLSTMCell, NaryTreeLSTMCell, RNTNCell, TreeCell

Tensor = Any


@keras.saving.register_keras_serializable(package="rnnkit")
class Recursive(keras.layers.Layer):
    """Runs a tree cell over all trees of a batch.

    The host orders the nodes (`rnnkit.codec.tree_schedule.plant`): all leaves are computed at once, then chunk after
    chunk of nodes whose children are done. The loop turns once a chunk, about as often as the deepest tree is deep.

    Args:
        cell: What a node computes.
        dropout: Share of the features that are new at an inner node dropped while training (the candidate u of a
            Tree-LSTM, the output of an RNTN), so that what the children remember is never dropped.
        seed: Seeds the dropout.
        **kwargs: Those of a Keras layer.

    Call arguments:
        vectors: The word vectors of all leaves, `[leaves, features]`.
        children: Rows of each node's children, `[chunks, width, most children]`.

    Returns:
        h of every row, `[1 + leaves + chunks * width, units]`; row 0 is the empty child, all zeros.

    Example:

    >>> import numpy as np
    >>> from rnnkit.codec.tree_schedule import plant
    >>> forest = plant([np.array([7, 8, -2, 9, -2]), np.array([5])], width=2)
    >>> vectors = np.random.default_rng(0).normal(size=(4, 3))
    >>> tuple(Recursive(NaryTreeLSTMCell(6))(vectors, forest.children).shape)
    (9, 6)

    Reference:
        Semeniuta, Severyn & Barth, Recurrent Dropout without Memory Loss, COLING 2016.
    """

    def __init__(self, cell: TreeCell, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout is {dropout!r}; expected a share from 0 up to, not including, 1.")
        self.cell = cell
        self.dropout = dropout
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, vectors_shape: Any, children_shape: Any) -> None:
        if not self.cell.built:
            self.cell.build(vectors_shape)

    def call(self, vectors: Tensor, children: Tensor, training: bool = False) -> Tensor:
        cell, width = self.cell, children.shape[1]
        leaves = cell.leaf(vectors)
        first = 1 + ops.shape(leaves)[0]
        nodes = ops.shape(children)[0] * width
        empty = ops.zeros((1, cell.state_size), dtype=leaves.dtype)
        rows = ops.concatenate([empty, leaves, ops.zeros((nodes, cell.state_size), dtype=leaves.dtype)], axis=0)
        places = ops.reshape(first + ops.arange(nodes, dtype="int32"), (-1, width, 1))
        inputs = [ops.cast(children, "int32"), places]
        if training and self.dropout:
            whole = ops.ones((nodes, cell.units), dtype=leaves.dtype)
            keep = keras.random.dropout(whole, self.dropout, seed=self.seed_generator)
            inputs.append(ops.reshape(keep, (-1, width, cell.units)))

        def chunk(carry: tuple[Tensor, ...], at: Any) -> tuple[tuple[Tensor, ...], Tensor]:
            below, here, *keep = at
            states = cell.compose(ops.take(carry[0], below, axis=0), *keep)
            return (ops.scatter_update(carry[0], here, states),), states

        (rows,), _ = time_loop(chunk, (rows,), inputs, reverse=False, collect=False, unroll=False, bounded=training)
        return rows[:, : cell.units]

    def compute_output_spec(self, vectors: Any, children: Any, training: bool = False) -> Any:
        return keras.KerasTensor((None, self.cell.units), dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**super().get_config(), "cell": cell, "dropout": self.dropout, "seed": self.seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Recursive":
        return cls(keras.saving.deserialize_keras_object(config.pop("cell")), **config)


def ChildSumTreeLSTM(units: int, *, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> Recursive:
    """`Recursive` with a `ChildSumTreeLSTMCell`.

    Example:

    >>> ChildSumTreeLSTM(8).cell.most_children is None
    True
    """
    return Recursive(ChildSumTreeLSTMCell(units, dtype=kwargs.get("dtype")), dropout, seed, **kwargs)


def NaryTreeLSTM(
    units: int, children: int = 2, *, dropout: float = 0.0, seed: int | None = None, **kwargs: Any
) -> Recursive:
    """`Recursive` with a `NaryTreeLSTMCell`.

    Example:

    >>> NaryTreeLSTM(8, children=3).cell.most_children
    3
    """
    return Recursive(NaryTreeLSTMCell(units, children, dtype=kwargs.get("dtype")), dropout, seed, **kwargs)


def RNTN(units: int, *, dropout: float = 0.0, seed: int | None = None, **kwargs: Any) -> Recursive:
    """`Recursive` with an `RNTNCell`.

    Example:

    >>> RNTN(8).cell.state_size
    8
    """
    return Recursive(RNTNCell(units, dtype=kwargs.get("dtype")), dropout, seed, **kwargs)
