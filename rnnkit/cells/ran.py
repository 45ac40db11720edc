"""Recurrent additive network."""

from keras import ops

from rnnkit.cells._first_biases import FirstBiasesCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class RANCell(FirstBiasesCell):
    """Recurrent additive network: an LSTM whose memory is a weighted sum of projected inputs.

    Why: without an output gate and with content that is linear in the input alone, c is a sum over the past whose
    weights can be read off and drawn; the paper finds it no worse on language.

    Use it when: you want to see which inputs a memory is made of, in language models for example.

    Equations:
        i = sigmoid(Wi x + Ui h' + bi)
        f = sigmoid(Wf x + Uf h' + bf)
        c = i * Wg x + f * c'
        h = tanh(c)

    Gates: i, f, g; g, the content, has no bias and sees no state.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import RAN
    >>> RAN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Lee, Levy & Zettlemoyer, Recurrent Additive Networks, 2017 (arXiv:1705.07393).
    """

    family = "lstm"
    state_names = ("h", "c")
    gate_names = ("i", "f", "g")
    recurrent_gates = ("i", "f")
    chrono_gates = {"f": 1, "i": -1}

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g = self.gates(x)
        ui, uf = ops.split(self.recur(h), 2, axis=-1)
        i, f = self.recurrent_activation(i + ui), self.recurrent_activation(f + uf)
        c = i * g + f * c
        return self.activation(c), c


RAN = recurrent_layer(RANCell)
