"""LSTM whose gates see the memory."""

from typing import Any

from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class PeepholeLSTMCell(LSTMCell):
    """LSTM with peepholes: the gates look at the memory itself, not only at what was let out of it.

    Why: with the output gate shut, an LSTM's gates cannot see c at all. Peepholes let it count and keep time.

    Use it when: the exact time between events matters: rhythms, counting, spikes.

    Equations:
        i = sigmoid(Wi x + Ui h' + pi * c' + bi)
        f = sigmoid(Wf x + Uf h' + pf * c' + bf)
        g = tanh(Wg x + Ug h' + bg)
        c = f * c' + i * g
        o = sigmoid(Wo x + Uo h' + po * c + bo)
        h = o * tanh(c)

    Gates: i, f, g, o; peepholes: i, f, o (po sees the new memory).

    Args:
        peephole_initializer: For the peepholes.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import PeepholeLSTM
    >>> PeepholeLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Gers, Schraudolph & Schmidhuber, Learning Precise Timing with LSTM Recurrent Networks, JMLR 3, 2002.
    """

    keras_layer = None  # type: ignore[assignment]  # cuDNN has no peepholes

    def __init__(self, units: int, *, peephole_initializer: Any = "zeros", **shared: Any) -> None:
        super().__init__(units, **shared)
        self.peephole_initializer = peephole_initializer

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.peephole = self.add_weight(name="peephole", shape=(3, self.units), initializer=self.peephole_initializer)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = self.gates(x + self.recur(h))
        i = self.recurrent_activation(i + self.peephole[0] * c)
        f = self.recurrent_activation(f + self.peephole[1] * c)
        c = f * c + i * self.activation(g)
        o = self.recurrent_activation(o + self.peephole[2] * c)
        return o * self.activation(c), c


PeepholeLSTM = recurrent_layer(PeepholeLSTMCell)
