"""LSTM whose gates see the whole memory, squashed."""

from typing import Any

from keras import ops

from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class WMCLSTMCell(LSTMCell):
    """Working memory connection LSTM: peepholes with matrices, squashed so that they cannot saturate the gates.

    Why: a peephole reads the memory unit by unit, and a memory that grows shuts its gate for good. Through a matrix and
    tanh, every gate sees all of the memory, which adds 1 to it at most.

    Use it when: what was let out of the memory is not enough to set the gates, as in describing pictures or reading
    pixel by pixel.

    Equations:
        i = sigmoid(Wi x + Ui h' + tanh(Mi c' + mi) + bi)
        f = sigmoid(Wf x + Uf h' + tanh(Mf c' + mf) + bf)
        g = tanh(Wg x + Ug h' + bg)
        c = f * c' + i * g
        o = sigmoid(Wo x + Uo h' + tanh(Mo c + mo) + bo)
        h = o * tanh(c)

    Gates: i, f, g, o. Mi and Mf are `memory_kernel` with the biases `memory_bias`, Mo is `output_memory_kernel` with
    `output_memory_bias`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import WMCLSTM
    >>> WMCLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Landi et al., Working Memory Connections for LSTM, Neural Networks 144, 2021 (arXiv:2109.00020).
    """

    keras_layer = None  # type: ignore[assignment]  # cuDNN's gates do not see the memory

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.memory_kernel = self.add_recurrent("memory_kernel", (self.units, 2 * self.units))
        self.output_memory_kernel = self.add_recurrent("output_memory_kernel", (self.units, self.units))
        self.memory_bias = self.add_bias("memory_bias", (2 * self.units,), self.bias_initializer)
        self.output_memory_bias = self.add_bias("output_memory_bias", (self.units,), self.bias_initializer)

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = self.gates(x + self.recur(h))
        mi, mf = ops.split(self.activation(self.affine(c, self.memory_kernel, self.memory_bias)), 2, axis=-1)
        c = self.recurrent_activation(f + mf) * c + self.recurrent_activation(i + mi) * self.activation(g)
        mo = self.activation(self.affine(c, self.output_memory_kernel, self.output_memory_bias))
        o = self.recurrent_activation(o + mo)
        return o * self.activation(c), c


WMCLSTM = recurrent_layer(WMCLSTMCell)
