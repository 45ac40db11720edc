"""Residual recurrent network with two scalars."""

from typing import Any

from keras import ops
from keras.initializers import Constant

from rnnkit.cells._low_rank import LowRankCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class FastRNNCell(LowRankCell):
    """FastRNN: a plain RNN that moves on by a small trained share of its candidate.

    Why: a plain RNN's gradient explodes or vanishes with the powers of U. A shortcut around each step, weighted by two
    scalars, keeps it near 1, for two weights more.

    Use it when: the model must be tiny; `fast_grnn` is its gated sequel.

    Equations:
        g = tanh(W x + U h' + b)
        h = sigmoid(alpha) * g + sigmoid(beta) * h'

    Gates: g. alpha starts at -3 and beta at 3, as in the authors' code. With a rank, W = W1 W2 in the order they meet
    x: `kernel_left` and `kernel_right` instead of `kernel`; U likewise.

    Args:
        kernel_rank: Rank of W; None keeps it whole.
        recurrent_rank: Rank of U; None keeps it whole.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import FastRNN
    >>> FastRNN(8, kernel_rank=2)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Kusupati et al., FastGRNN: A Fast, Accurate, Stable and Tiny Kilobyte Sized Gated Recurrent Neural Network,
        NeurIPS 2018 (arXiv:1901.02358), section 3.1.
    """

    family = "plain"
    gate_names = ("g",)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.alpha = self.add_weight(name="alpha", shape=(1,), initializer=Constant(-3.0))
        self.beta = self.add_weight(name="beta", shape=(1,), initializer=Constant(3.0))

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        g = self.activation(x + self.recur(h))
        return (ops.sigmoid(self.alpha) * g + ops.sigmoid(self.beta) * h,)


FastRNN = recurrent_layer(FastRNNCell)
