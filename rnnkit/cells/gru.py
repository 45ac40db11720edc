"""Gated recurrent unit."""

from typing import Any

import keras
from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class GRUCell(RecurrentCell):
    """Gated recurrent unit: one state that is blended with its candidate, no separate memory.

    Why: three quarters of an LSTM's weights and usually its accuracy. The update gate z holds the state (z near 1
    lets the gradient through unchanged); the reset gate r decides how much of the past the candidate sees.

    Use it when: an LSTM would do but fewer weights or less time a step are welcome.

    Equations:
        z = sigmoid(Wz x + Uz h' + bz)
        r = sigmoid(Wr x + Ur h' + br)
        g = tanh(Wg x + bg + r * (Ug h' + cg))      with reset_after=True, what cuDNN computes
        g = tanh(Wg x + bg + Ug (r * h'))           with reset_after=False, the paper's v1
        h = z * h' + (1 - z) * g

    Gates: z, r, g (Keras's order, so weights can be exchanged with `keras.layers.GRU`).

    Args:
        reset_after: Whether r meets U h' instead of h', as in cuDNN and Keras.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import GRU
    >>> GRU(8, return_sequences=True)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 5, 8])

    Reference:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014 (arXiv:1406.1078).
    """

    family = "gru"
    state_names = ("h",)
    gate_names = ("z", "r", "g")
    chrono_gates = {"z": 1}

    def __init__(self, units: int, *, reset_after: bool = True, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.reset_after = reset_after

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.recurrent_bias = self.add_bias("recurrent_bias", (3 * self.units,)) if self.reset_after else None

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        if self.reset_after:
            z, r, g = self._after(x, h)
        else:
            z, r, g = self._before(x, h)
        return (self.blend(z, h, g),)

    def _after(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        (xz, xr, xg), (uz, ur, ug) = self.gates(x), self.gates(self.recur(h, bias=self.recurrent_bias))
        z, r = self.recurrent_activation(xz + uz), self.recurrent_activation(xr + ur)
        return z, r, self.activation(xg + r * ug)

    def _before(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        xz, xr, xg = self.gates(x)
        uz, ur, ug = self.gates(ops.convert_to_tensor(self.recurrent_kernel))
        z = self.recurrent_activation(xz + self.recur(h, uz))
        r = self.recurrent_activation(xr + self.recur(h, ur))
        return z, r, self.activation(xg + self.recur(r * h, ug))

    def keras_layer(self, **arguments: Any) -> tuple[keras.layers.Layer, list[Tensor]]:
        """The Keras layer of the same mathematics and its weights: on a GPU it runs cuDNN's kernel."""
        layer = keras.layers.GRU(self.units, use_bias=self.use_bias, reset_after=self.reset_after, **arguments)
        weights = [self.kernel, self.recurrent_kernel]
        if self.use_bias:
            both = [bias.value for bias in (self.bias, self.recurrent_bias) if bias is not None]
            weights.append(ops.stack(both) if self.reset_after else self.bias)
        return layer, weights


GRU = recurrent_layer(GRUCell)
