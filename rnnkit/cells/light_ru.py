"""Light recurrent unit."""

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LightRUCell(RecurrentCell):
    """Light recurrent unit: a minimal gated unit whose candidate does not look at the state.

    Why: one recurrent matrix instead of a GRU's three; the candidate depends on the input alone, so a long product of
    matrices is only in the gate's way.

    Use it when: a GRU is too slow or too large, and the order of inputs matters less than which there were.

    Equations:
        g = tanh(Wg x + bg)
        f = sigmoid(Wf x + U h' + bf)
        h = (1 - f) * h' + f * g

    Gates: g, f. f replaces the state.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LightRU
    >>> LightRU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Ye et al., Light Recurrent Unit: Towards an Interpretable Recurrent Neural Network for Modeling Long-Range
        Dependency, Electronics 13(16), 3204, 2024.
    """

    family = "light"
    gate_names = ("g", "f")
    recurrent_gates = ("f",)
    chrono_gates = {"f": -1}

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        g, f = self.gates(x)
        f = self.recurrent_activation(f + self.recur(h))
        return ((1 - f) * h + f * self.activation(g),)


LightRU = recurrent_layer(LightRUCell)
