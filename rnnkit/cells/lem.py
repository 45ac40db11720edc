"""Long expressive memory."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_positive
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer

#: Uniform within 1 / sqrt(units), for matrices and biases of four blocks of `units` columns and for `units` rows.
OF_FOUR = {"class_name": "VarianceScaling", "config": {"scale": 4 / 3, "mode": "fan_out", "distribution": "uniform"}}
OF_ONE = {"class_name": "VarianceScaling", "config": {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"}}


class LEMCell(RecurrentCell):
    """Long expressive memory: two coupled states, each unit of which learns how fast it moves at each step.

    Why: it is a differential equation with many time scales, solved in steps that the network chooses, so its gradient
    neither explodes nor vanishes; the paper beats LSTMs of the same size with it.

    Use it when: a sequence is very long, or mixes fast and slow things.

    Equations:
        a = dt * sigmoid(Wa x + Ua h' + ba)
        b = dt * sigmoid(Wb x + Ub h' + bb)
        z = (1 - b) * z' + b * tanh(Wz x + Uz h' + bz)
        h = (1 - a) * h' + a * tanh(Wh x + V z + bh)

    Gates: a, b, z, h. `recurrent_kernel` is Ua, Ub, Uz; V is `memory_kernel`, which meets the new z. All weights start
    uniform within 1 / sqrt(units), as in the authors' code.

    Args:
        dt: The longest step of a unit, above 0 and up to 1.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LEM
    >>> LEM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Rusch et al., Long Expressive Memory for Sequence Modeling, ICLR 2022 (arXiv:2110.04744).
    """

    family = "dynamical"
    state_names = ("h", "z")
    gate_names = ("a", "b", "z", "h")

    def __init__(
        self,
        units: int,
        *,
        dt: float = 1.0,
        kernel_initializer: Any = OF_FOUR,
        recurrent_initializer: Any = OF_ONE,
        bias_initializer: Any = OF_FOUR,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, bias_initializer=bias_initializer, **shared)
        check_positive(dt=dt)
        self.dt = dt

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 4 * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, 3 * self.units))
        self.memory_kernel = self.add_recurrent("memory_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (4 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        (a, b, xz, xh), (ua, ub, uz) = self.gates(x), ops.split(self.recur(h), 3, axis=-1)
        a, b = self.dt * self.recurrent_activation(a + ua), self.dt * self.recurrent_activation(b + ub)
        z = self.blend(b, self.activation(xz + uz), z)
        return self.blend(a, self.activation(xh + self.affine(z, self.memory_kernel)), h), z


LEM = recurrent_layer(LEMCell)
