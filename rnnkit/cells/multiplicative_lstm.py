"""LSTM whose gates see the state through the input."""

from typing import Any

from keras import ops

from rnnkit.cells._first_biases import add_first_biases
from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MultiplicativeLSTMCell(LSTMCell):
    """Multiplicative LSTM: each input has a recurrent matrix of its own, in factors.

    Why: in place of h' the gates see m, the state and the input multiplied, so that each possible input can change the
    state in its own way, and a surprising one need not wait for a step.

    Use it when: you model text character by character; the paper's successors found a unit for sentiment in one.

    Equations:
        m = (Wm x) * (Um h')
        i = sigmoid(Wi x + Vi m + bi)
        f = sigmoid(Wf x + Vf m + bf)
        g = tanh(Wg x + Vg m + bg)
        o = sigmoid(Wo x + Vo m + bo)
        c = f * c' + i * g
        h = o * tanh(c)

    Gates: i, f, g, o, m; m has no bias. Um is `recurrent_kernel`, V is `multiplied_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MultiplicativeLSTM
    >>> MultiplicativeLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Krause et al., Multiplicative LSTM for Sequence Modelling, 2016 (arXiv:1609.07959).
    """

    gate_names = ("i", "f", "g", "o", "m")
    keras_layer = None  # type: ignore[assignment]  # cuDNN has no m

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 5 * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, self.units))
        self.multiplied_kernel = self.add_recurrent("multiplied_kernel", (self.units, 4 * self.units))
        self.bias = self.add_bias("bias", (4 * self.units,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return add_first_biases(self.affine(x, self.kernel), self.bias)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        *entering, m = self.gates(x)
        seen = ops.split(self.affine(m * self.recur(h), self.multiplied_kernel), 4, axis=-1)
        i, f, g, o = (one + other for one, other in zip(entering, seen, strict=True))
        i, f, o = self.recurrent_activation(i), self.recurrent_activation(f), self.recurrent_activation(o)
        c = f * c + i * self.activation(g)
        return o * self.activation(c), c


MultiplicativeLSTM = recurrent_layer(MultiplicativeLSTMCell)
