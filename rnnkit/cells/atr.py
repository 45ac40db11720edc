"""Addition-subtraction twin-gated recurrent network."""

from typing import Any

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class ATRCell(RecurrentCell):
    """ATR: an input gate and a forget gate from one sum and one difference of the same two vectors.

    Why: two matrices instead of a GRU's six, and no activation between the steps but the gates, so h is a weighted sum
    of the projected inputs.

    Use it when: an encoder must be quick and small; its authors translated with it.

    Equations:
        p = W x + b
        q = U h' + c
        i = sigmoid(p + q)
        f = sigmoid(p - q)
        h = i * p + f * h'

    Gates: p. c is `recurrent_bias`. `activation` is not used.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import ATR
    >>> ATR(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zhang et al., Simplifying Neural Machine Translation with Addition-Subtraction Twin-Gated Recurrent Networks,
        EMNLP 2018 (arXiv:1810.12546).
    """

    family = "light"
    gate_names = ("p",)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.recurrent_bias = self.add_bias("recurrent_bias", (self.units,))

    def step(self, p: Tensor, h: Tensor) -> tuple[Tensor]:
        q = self.recur(h, bias=self.recurrent_bias)
        return (self.recurrent_activation(p + q) * p + self.recurrent_activation(p - q) * h,)


ATR = recurrent_layer(ATRCell)
