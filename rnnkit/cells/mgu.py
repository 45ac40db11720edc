"""Minimal gated unit."""

from typing import Any

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MGUCell(RecurrentCell):
    """Minimal gated unit: a GRU with one gate for both of its jobs.

    Why: two thirds of a GRU's weights. The one gate f says how much of the past the candidate sees and how much of
    the state is replaced by it.

    Use it when: a GRU is still too large.

    Equations:
        f = sigmoid(Wf x + Uf h' + bf)
        g = tanh(Wg x + Ug (f * h') + bg)
        h = (1 - f) * h' + f * g

    Gates: f, g. Uf is `gate_kernel`, Ug is `candidate_kernel`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MGU
    >>> MGU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zhou et al., Minimal Gated Unit for Recurrent Neural Networks, IJAC 13(3), 2016 (arXiv:1603.09420).
    """

    family = "light"
    state_names = ("h",)
    gate_names = ("f", "g")
    chrono_gates = {"f": -1}

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 2 * self.units))
        self.gate_kernel = self.add_recurrent("gate_kernel", (self.units, self.units))
        self.candidate_kernel = self.add_recurrent("candidate_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        xf, xg = self.gates(x)
        f = self.recurrent_activation(xf + self.recur(h, self.gate_kernel))
        g = self.activation(xg + self.recur(f * h, self.candidate_kernel))
        return (self.blend(f, g, h),)


MGU = recurrent_layer(MGUCell)
