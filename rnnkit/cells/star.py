"""Stackable recurrent cell."""

from typing import Any

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class STARCell(RecurrentCell):
    """STAR (stackable recurrent network): a gated cell made so that gradients survive many layers.

    Why: a gradient that comes down a stack of LSTMs shrinks at each layer, one of plain RNNs grows. STAR's step is near
    the balance, with less than half of an LSTM's weights.

    Use it when: you stack 4 to 12 layers.

    Equations:
        z = tanh(Wz x + bz)
        k = sigmoid(Wk x + U h' + bk)
        h = tanh((1 - k) * h' + k * z)

    Gates: z, k. k replaces the state.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import STAR
    >>> STAR(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Turkoglu et al., Gating Revisited: Deep Multi-layer RNNs That Can Be Trained, IEEE TPAMI, 2021
        (arXiv:1911.11033).
    """

    family = "light"
    gate_names = ("z", "k")
    chrono_gates = {"k": -1}

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 2 * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, k = self.gates(x)
        k = self.recurrent_activation(k + self.recur(h))
        return (self.activation((1 - k) * h + k * self.activation(z)),)


STAR = recurrent_layer(STARCell)
