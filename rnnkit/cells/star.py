"""Stackable recurrent cell."""

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
    recurrent_gates = ("k",)
    chrono_gates = {"k": -1}

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        z, k = self.gates(x)
        k = self.recurrent_activation(k + self.recur(h))
        return (self.activation((1 - k) * h + k * self.activation(z)),)


STAR = recurrent_layer(STARCell)
