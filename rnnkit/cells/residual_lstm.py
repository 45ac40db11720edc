"""LSTM with a shortcut past its memory."""

from typing import Any

from keras import ops

from rnnkit.cells._first_biases import add_first_biases
from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class ResidualLSTMCell(LSTMCell):
    """Residual LSTM: the output adds a projected input to a projected memory.

    Why: the shortcut runs from layer to layer, beside the memory, which runs from step to step, so that the two paths
    of the gradient do not disturb each other; its gate is the output gate, so it costs no other.

    Use it when: you stack many layers, as in speech recognition.

    Equations:
        i = sigmoid(Wi x + Ui h' + pi * c' + bi)
        f = sigmoid(Wf x + Uf h' + pf * c' + bf)
        g = tanh(Wg x + Ug h' + bg)
        c = f * c' + i * g
        o = sigmoid(Wo x + Uo h' + po * c + bo)
        h = o * (P tanh(c) + R x)

    Gates: i, f, g, o; peepholes: i, f, o. `kernel` is W, then R; P is `projection_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ResidualLSTM
    >>> ResidualLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Kim, El-Khamy & Lee, Residual LSTM: Design of a Deep Recurrent Architecture for Distant Speech Recognition,
        Interspeech 2017 (arXiv:1701.03360).
    """

    gate_names = ("i", "f", "g", "o", "r")
    keras_layer = None  # type: ignore[assignment]  # cuDNN has no shortcut

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 5 * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, 4 * self.units))
        self.bias = self.add_bias("bias", (4 * self.units,))
        self.peephole = self.add_weight(name="peephole", shape=(3, self.units), initializer="zeros")
        self.projection_kernel = self.add_kernel("projection_kernel", (self.units, self.units))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return add_first_biases(self.affine(x, self.kernel), self.bias)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        *entering, r = self.gates(x)
        seen = ops.split(self.recur(h), 4, axis=-1)
        i, f, g, o = (one + other for one, other in zip(entering, seen, strict=True))
        i = self.recurrent_activation(i + self.peephole[0] * c)
        f = self.recurrent_activation(f + self.peephole[1] * c)
        c = f * c + i * self.activation(g)
        o = self.recurrent_activation(o + self.peephole[2] * c)
        return o * (self.affine(self.activation(c), self.projection_kernel) + r), c


ResidualLSTM = recurrent_layer(ResidualLSTMCell)
