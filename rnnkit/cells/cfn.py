"""Chaos-free network."""

from keras import ops

from rnnkit.cells._first_biases import FirstBiasesCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class CFNCell(FirstBiasesCell):
    """Chaos-free network: a gated cell whose state decays to 0 when no input comes.

    Why: without input, LSTM and GRU can wander chaotically. Here each unit is pulled to 0 at a pace of its own, and the
    paper finds the accuracy unharmed.

    Use it when: the dynamics must be simple to foresee, for example in a controller.

    Equations:
        t = sigmoid(Wt x + Ut h' + bt)
        i = sigmoid(Wi x + Ui h' + bi)
        h = t * tanh(h') + i * tanh(Wg x)

    Gates: t, i, g (the paper's theta, eta and W); g has no bias and sees no state.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import CFN
    >>> CFN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Laurent & von Brecht, A Recurrent Neural Network without Chaos, ICLR 2017 (arXiv:1612.06212).
    """

    family = "light"
    gate_names = ("t", "i", "g")
    recurrent_gates = ("t", "i")
    chrono_gates = {"t": 1}

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        t, i, g = self.gates(x)
        ut, ui = ops.split(self.recur(h), 2, axis=-1)
        t, i = self.recurrent_activation(t + ut), self.recurrent_activation(i + ui)
        return (t * self.activation(h) + i * self.activation(g),)


CFN = recurrent_layer(CFNCell)
