"""LSTM with layer normalisation."""

from typing import Any

from rnnkit.cells._layer_norm import add_norm, layer_norm
from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LayerNormLSTMCell(LSTMCell):
    """LSTM whose sums are brought to mean 0 and deviation 1 over the units, at every time step.

    Why: gates keep to the range where they still move, however large inputs and states become. Unlike batch
    normalisation it needs no statistics over other rows or steps, so it is the same in training and in use.

    Use it when: an LSTM trains slowly or unsteadily, on long sequences or with small batches. A step costs more. Not
    where sequences begin with ten steps of exact zeros: states stay exactly 0 there, and the gradient of LN, which is
    about 300 at 0, multiplies itself until it overflows.

    Equations:
        (i, f, g, o) = LN(W x; a1, b1) + LN(U h'; a2, b2) + b
        c = sigmoid(f) * c' + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(LN(c; a3, b3))
        LN(z; a, b) = a * (z - mean(z)) / deviation(z) + b         over all numbers of z at one time step

    Gates: i, f, g, o; LN of W x and of U h' is over all four together. a1, b1 are `input_gain`, `input_shift`; a2, b2
    `recurrent_gain`, `recurrent_shift`; a3, b3 `memory_gain`, `memory_shift`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LayerNormLSTM
    >>> LayerNormLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Ba, Kiros & Hinton, Layer Normalization, 2016 (arXiv:1607.06450), the LSTM of the supplement.
    """

    keras_layer = None  # type: ignore[assignment]  # cuDNN has no layer normalisation

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.input_norm = add_norm(self, "input", 4 * self.units)
        self.recurrent_norm = add_norm(self, "recurrent", 4 * self.units)
        self.memory_norm = add_norm(self, "memory", self.units)

    def project(self, x: Tensor) -> Tensor:
        normed = layer_norm(self.affine(x, self.kernel), *self.input_norm)
        return normed if self.bias is None else normed + self.bias

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = self.gates(x + layer_norm(self.recur(h), *self.recurrent_norm))
        i, f, o = self.recurrent_activation(i), self.recurrent_activation(f), self.recurrent_activation(o)
        c = f * c + i * self.activation(g)
        return o * self.activation(layer_norm(c, *self.memory_norm)), c


LayerNormLSTM = recurrent_layer(LayerNormLSTMCell)
