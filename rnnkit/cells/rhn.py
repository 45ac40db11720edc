"""Recurrent highway network."""

from typing import Any

from rnnkit.cells._constants import check_number, check_whole
from rnnkit.cells._initializers import constant_block
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class RHNCell(RecurrentCell):
    """Recurrent highway network: several gated layers between one time step and the next.

    Why: a deeper step computes more from the same number of weights, but plain layers inside the recurrence vanish
    and explode faster still. Highway layers let the state pass where the gate t is shut, and t starts near shut.

    Use it when: one step has much to work out (language models), and depth may cost time.

    Equations:
        s[0] = h', and for l = 1 to depth:
        g[l] = tanh(Wg x + Ug[l] s[l-1] + bg[l])        x only at l = 1
        t[l] = sigmoid(Wt x + Ut[l] s[l-1] + bt[l])     x only at l = 1
        s[l] = t[l] * g[l] + (1 - t[l]) * s[l-1]
        h = s[depth]

    Gates: g, t. `recurrent_kernel_1` and so on are [Ug, Ut] of each l; `bias` has one row for each l.

    Args:
        depth: Layers within a step.
        transform_bias: Where bt starts. Negative: at first a step mostly carries the state over.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import RHN
    >>> RHN(8, depth=5)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zilly et al., Recurrent Highway Networks, ICML 2017 (arXiv:1607.03474), with the coupled carry gate 1 - t.
    """

    family = "gru"
    gate_names = ("g", "t")

    def __init__(self, units: int, *, depth: int = 3, transform_bias: float = -2.0, **shared: Any) -> None:
        super().__init__(units, **shared)
        check_number(transform_bias=transform_bias)
        self.depth = check_whole("depth", depth)
        self.transform_bias = transform_bias

    def build(self, input_shape: Any) -> None:
        columns = 2 * self.units
        self.kernel = self.add_kernel("kernel", (input_shape[-1], columns))
        self.recurrent_kernels = [
            self.add_recurrent(f"recurrent_kernel_{layer}", (self.units, columns)) for layer in range(1, self.depth + 1)
        ]
        shut = constant_block(self.bias_initializer, self.units, self.transform_bias)
        self.bias = self.add_bias("bias", (self.depth, columns), shut)
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return self.affine(x, self.kernel, None if self.bias is None else self.bias[0])

    def step(self, x: Tensor, s: Tensor) -> tuple[Tensor]:
        for layer, kernel in enumerate(self.recurrent_kernels):
            entering = self.recur(s, kernel)
            if layer == 0:
                entering = entering + x
            elif self.bias is not None:
                entering = entering + self.bias[layer]
            g, t = self.gates(entering)
            t = self.recurrent_activation(t)
            s = self.blend(t, self.activation(g), s)
        return (s,)


RHN = recurrent_layer(RHNCell)
