"""Cell that a neural architecture search found."""

from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class NASCell(RecurrentCell):
    """NAS cell: eight branches, joined as a search by reinforcement learning chose.

    Why: it was found, not designed: of the cells that the search drew, it gave the best language model on the Penn
    Treebank, and it served other jobs as well.

    Use it when: you compare with the paper, or an LSTM's language model is to be beaten by a cell of twice its weights.

    Equations:
        a = W x
        u = U h' + b
        p = tanh(sigmoid(a1 + u1) * relu(a2 + u2))
        q = tanh(sigmoid(a3 + u3) + relu(a4 * u4))      a4 + u4 with multiply=False
        r = tanh(tanh(a5 + u5) * sigmoid(a6 + u6))
        s = sigmoid(tanh(a7 + u7) + sigmoid(a8 + u8))
        c = tanh(p + c') * q
        h = tanh(c * tanh(r + s))

    Gates: 1 to 8.

    Args:
        multiply: Multiplies in the fourth branch, as TensorFlow's own cell does; False adds there.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import NAS
    >>> NAS(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zoph & Le, Neural Architecture Search with Reinforcement Learning, ICLR 2017 (arXiv:1611.01578); multiply:
        tfa.rnn.NASCell of TensorFlow Addons.
    """

    family = "lstm"
    state_names = ("h", "c")
    gate_names = ("1", "2", "3", "4", "5", "6", "7", "8")

    def __init__(self, units: int, *, multiply: bool = True, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.multiply = multiply

    def project(self, x: Tensor) -> Tensor:
        return self.affine(x, self.kernel)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        tanh, sigmoid = self.activation, self.recurrent_activation
        a, u = self.gates(x), self.gates(self.affine(self.drop(h), self.recurrent_kernel, self.bias))
        s1, s2, s3, s4, s5, s6, s7, s8 = (one + other for one, other in zip(a, u, strict=True))
        s4 = a[3] * u[3] if self.multiply else s4
        c = tanh(tanh(sigmoid(s1) * ops.relu(s2)) + c) * tanh(sigmoid(s3) + ops.relu(s4))
        right = tanh(tanh(tanh(s5) * sigmoid(s6)) + sigmoid(tanh(s7) + sigmoid(s8)))
        return tanh(c * right), c


NAS = recurrent_layer(NASCell)
