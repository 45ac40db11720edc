"""Cells for the nodes of a tree: Tree-LSTM, child-sum and N-ary, and RNTN.

A cell knows nothing of trees: `leaf` and `compose` take many nodes at once, and `rnnkit.layers.trees.tree` calls them.
"""

from typing import Any

import keras
from keras import ops

Tensor = Any


class TreeCell(keras.layers.Layer):
    """The composition of a recursive network.

    A node's state is one vector of `state_size` numbers whose first `units` are its output h. An absent child is a
    state of zeros.

    Args:
        units: Size of h.
        **kwargs: Those of a Keras layer.
    """

    #: Most children of a node; None for any number.
    most_children: int | None = None
    #: Vectors of `units` numbers in a state: h, or h and c.
    vectors = 1

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units is {units!r}; expected a whole number from 1 on.")
        self.units = units

    @property
    def state_size(self) -> int:
        """Numbers in a state."""
        return self.vectors * self.units

    def leaf(self, inputs: Tensor) -> Tensor:
        """States `[nodes, state_size]` of leaves, from word vectors `[nodes, features]`."""
        raise NotImplementedError

    def compose(self, children: Tensor, keep: Tensor | None = None) -> Tensor:
        """States `[nodes, state_size]` of inner nodes.

        Args:
            children: The children's states, `[nodes, children, state_size]`.
            keep: Dropout's factors for what is new at a node, `[nodes, units]`.
        """
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


class _TreeLSTMCell(TreeCell):
    """The part that both Tree-LSTMs share: the leaf, which has a word and no children, and c and h from the gates."""

    vectors = 2

    def _build_leaf(self, features: int) -> None:
        self.kernel = self.add_weight(shape=(features, 3 * self.units), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(3 * self.units,), initializer="zeros", name="bias")

    def leaf(self, inputs: Tensor) -> Tensor:
        return self._state(ops.matmul(inputs, self.kernel) + self.bias)

    def _state(self, gates: Tensor, remembered: Tensor | float = 0.0, keep: Tensor | None = None) -> Tensor:
        """h and c from the sums before the gates i, o, u and from what the children's cells leave."""
        i, o, u = ops.split(gates, 3, axis=-1)
        u = ops.tanh(u) if keep is None else ops.tanh(u) * keep
        c = ops.sigmoid(i) * u + remembered
        return ops.concatenate([ops.sigmoid(o) * ops.tanh(c), c], axis=-1)


@keras.saving.register_keras_serializable(package="rnnkit")
class ChildSumTreeLSTMCell(_TreeLSTMCell):
    """Child-sum Tree-LSTM: any number of children in no order; a forget gate for each.

    Equations (2-8), x at leaves alone:
        hs = sum_k h_k
        i = sigmoid(W_i x + U_i hs + b_i),  o = sigmoid(W_o x + U_o hs + b_o),  u = tanh(W_u x + U_u hs + b_u)
        f_k = sigmoid(U_f h_k + b_f)
        c = i * u + sum_k f_k * c_k,  h = o * tanh(c)

    Example:

    >>> cell = ChildSumTreeLSTMCell(4)
    >>> cell.build((None, 3))
    >>> tuple(cell.compose(ops.zeros((5, 7, 8))).shape)
    (5, 8)

    Reference:
        Tai, Socher & Manning, Improved Semantic Representations From Tree-Structured Long Short-Term Memory Networks,
        ACL 2015 (arXiv:1503.00075), section 3.1.
    """

    def build(self, input_shape: Any) -> None:
        self._build_leaf(input_shape[-1])
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, 3 * self.units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.forget_kernel = self.add_weight(
            shape=(self.units, self.units), initializer="orthogonal", name="forget_kernel"
        )
        self.forget_bias = self.add_weight(shape=(self.units,), initializer="ones", name="forget_bias")

    def compose(self, children: Tensor, keep: Tensor | None = None) -> Tensor:
        return self.of_sums(self.sums(children), keep)

    def sums(self, children: Tensor) -> Tensor:
        """What a node takes of its children: the sums of h_k and of f_k * c_k, `[nodes, state_size]`; of many children
        the sum of those of its parts, and an absent child adds nothing."""
        h, c = ops.split(children, 2, axis=-1)  # [nodes, children, units]
        forget = ops.sigmoid(ops.matmul(h, self.forget_kernel) + self.forget_bias)
        return ops.concatenate([ops.sum(h, axis=1), ops.sum(forget * c, axis=1)], axis=-1)

    def of_sums(self, sums: Tensor, keep: Tensor | None = None) -> Tensor:
        """States of nodes from their `sums`."""
        h, remembered = ops.split(sums, 2, axis=-1)
        return self._state(ops.matmul(h, self.recurrent_kernel) + self.bias, remembered, keep)


@keras.saving.register_keras_serializable(package="rnnkit")
class NaryTreeLSTMCell(_TreeLSTMCell):
    """N-ary Tree-LSTM: at most N children in order, each with matrices of its own.

    Equations (9-14), x at leaves alone:
        i = sigmoid(W_i x + sum_l U_i,l h_l + b_i), and o and u likewise, u with tanh
        f_k = sigmoid(sum_l U_f,k,l h_l + b_f)
        c = i * u + sum_k f_k * c_k,  h = o * tanh(c)

    Args:
        units: Size of h and of c.
        children: N.
        **kwargs: Those of a Keras layer.

    Example:

    >>> cell = NaryTreeLSTMCell(4)
    >>> cell.build((None, 3))
    >>> tuple(cell.recurrent_kernel.shape)  # the children's h side by side, to i, o, u, f_1 and f_2
    (8, 20)

    Reference:
        Tai, Socher & Manning, ACL 2015 (arXiv:1503.00075), section 3.2.
    """

    def __init__(self, units: int, children: int = 2, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.most_children = children

    def build(self, input_shape: Any) -> None:
        self._build_leaf(input_shape[-1])
        most = self.most_children or 0
        self.recurrent_kernel = self.add_weight(
            shape=(most * self.units, (3 + most) * self.units), initializer="glorot_uniform", name="recurrent_kernel"
        )
        self.forget_bias = self.add_weight(shape=(self.units,), initializer="ones", name="forget_bias")

    def compose(self, children: Tensor, keep: Tensor | None = None) -> Tensor:
        most, units = self.most_children or 0, self.units
        h = ops.reshape(children[..., :units], (-1, most * units))
        sums = ops.matmul(h, self.recurrent_kernel)  # [nodes, (3 + N) * units]
        remembered: Any = 0.0
        for k in range(most):
            forget = ops.sigmoid(sums[:, (3 + k) * units : (4 + k) * units] + self.forget_bias)
            remembered = remembered + forget * children[:, k, units:]
        return self._state(sums[:, : 3 * units] + self.bias, remembered, keep)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "children": self.most_children}


@keras.saving.register_keras_serializable(package="rnnkit")
class RNTNCell(TreeCell):
    """Recursive neural tensor network: two children, every pair of whose features has a weight.

    Equations, with ab the children's vectors one after the other:
        h = tanh(ab^T V ab + W ab + b)

    A leaf is its word vector, so word vectors have `units` features. V has 4 units^3 numbers: 25 to 35 units are
    usual.

    Example:

    >>> cell = RNTNCell(4)
    >>> cell.build((None, 4))
    >>> tuple(cell.tensor.shape)
    (8, 32)

    Reference:
        Socher et al., Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013.
    """

    most_children = 2

    def build(self, input_shape: Any) -> None:
        if input_shape[-1] != self.units:
            raise ValueError(f"RNTN takes word vectors of {self.units} features, its units, not {input_shape[-1]}.")
        both = 2 * self.units
        spread = 1 / (2 * both)
        self.tensor = self.add_weight(  # [first feature, (result, second feature)]
            shape=(both, self.units * both),
            initializer=keras.initializers.RandomUniform(-spread, spread),
            name="tensor",
        )
        self.kernel = self.add_weight(shape=(both, self.units), initializer="glorot_uniform", name="kernel")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros", name="bias")

    def leaf(self, inputs: Tensor) -> Tensor:
        return inputs

    def compose(self, children: Tensor, keep: Tensor | None = None) -> Tensor:
        both = 2 * self.units
        ab = ops.reshape(children, (-1, both))
        half = ops.reshape(ops.matmul(ab, self.tensor), (-1, self.units, both))  # ab^T V
        pairs = ops.squeeze(ops.matmul(half, ops.expand_dims(ab, -1)), -1)
        h = ops.tanh(pairs + ops.matmul(ab, self.kernel) + self.bias)
        return h if keep is None else h * keep
