"""Simple gated unit."""

from typing import Any

from keras import ops

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class SGUCell(RecurrentCell):
    """Simple gated unit: the input meets the state by multiplication, in two places.

    Why: two thirds of a GRU's weights, and it learns faster than one on long sequences, its authors find.

    Use it when: a sequence holds few events that matter, such as the adding problem's two marks. The state begins to
    move slowly.

    Equations:
        g = tanh(Ug ((Wg x + bg) * h') + cg)
        o = softplus(g * h')
        z = hard_sigmoid(Wz x + Uz h' + bz)
        h = (1 - z) * h' + z * o

    Gates: g, z. Ug is `candidate_kernel`, cg is `candidate_bias`, Uz is `update_kernel`. At h' = 0 no input reaches o,
    which is log 2 there.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SGU
    >>> SGU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Gao & Glowacka, Deep Gate Recurrent Neural Network, ACML 2016 (arXiv:1604.02910).
    """

    family = "gru"
    gate_names = ("g", "z")
    chrono_gates = {"z": -1}

    def __init__(self, units: int, *, recurrent_activation: Any = "hard_sigmoid", **shared: Any) -> None:
        super().__init__(units, recurrent_activation=recurrent_activation, **shared)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 2 * self.units))
        self.candidate_kernel = self.add_recurrent("candidate_kernel", (self.units, self.units))
        self.update_kernel = self.add_recurrent("update_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.candidate_bias = self.add_bias("candidate_bias", (self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        g, z = self.gates(x)
        g = self.activation(self.affine(g * self.drop(h), self.candidate_kernel, self.candidate_bias))
        z = self.recurrent_activation(z + self.recur(h, self.update_kernel))
        return (self.blend(z, self.output_of(g * h), h),)

    def output_of(self, gated: Tensor) -> Tensor:
        """o, from g * h'."""
        return ops.softplus(gated)


SGU = recurrent_layer(SGUCell)
