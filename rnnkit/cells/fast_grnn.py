"""Gated network small enough for a microcontroller."""

from typing import Any

from keras import ops
from keras.initializers import Constant

from rnnkit.cells._low_rank import LowRankCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class FastGRNNCell(LowRankCell):
    """FastGRNN: one matrix W and one matrix U serve both the gate and the candidate, and both can be of low rank.

    Why: a third of a GRU's weights at about its accuracy, and less with low rank, so that a model fits in kilobytes.
    The scalars zeta and nu let the network choose how much of the candidate a closed gate lets in.

    Use it when: the model must be tiny, for wake words or sensors on a microcontroller.

    Equations:
        z = sigmoid(W x + U h' + bz)
        g = tanh(W x + U h' + bg)
        h = (sigmoid(zeta) * (1 - z) + sigmoid(nu)) * g + z * h'

    Gates: z, g (biases only, W and U are shared). With a rank, W = W1 W2 in the order they meet x: `kernel_left` and
    `kernel_right` instead of `kernel`; U likewise. Biases start at 1 and zeta, nu at 1, -4, as in the authors' code.

    Args:
        kernel_rank: Rank of W; None keeps it whole.
        recurrent_rank: Rank of U; None keeps it whole.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import FastGRNN
    >>> FastGRNN(8, kernel_rank=2, recurrent_rank=4)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Kusupati et al., FastGRNN: A Fast, Accurate, Stable and Tiny Kilobyte Sized Gated Recurrent Neural Network,
        NeurIPS 2018 (arXiv:1901.02358).
    """

    family = "light"
    gate_names = ("z", "g")

    def __init__(self, units: int, *, bias_initializer: Any = "ones", **shared: Any) -> None:
        super().__init__(units, bias_initializer=bias_initializer, **shared)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.zeta = self.add_weight(name="zeta", shape=(1,), initializer=Constant(1.0))
        self.nu = self.add_weight(name="nu", shape=(1,), initializer=Constant(-4.0))

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        xz, xg = self.gates(x)
        u = self.recur(h)
        z, g = self.recurrent_activation(xz + u), self.activation(xg + u)
        return ((ops.sigmoid(self.zeta) * (1 - z) + ops.sigmoid(self.nu)) * g + z * h,)


FastGRNN = recurrent_layer(FastGRNNCell)
