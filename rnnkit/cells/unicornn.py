"""Undamped independent controlled oscillatory network."""

from typing import Any

from keras import ops
from keras.initializers import RandomUniform

from rnnkit.cells._constants import check_number, check_positive
from rnnkit.cells._initializers import ZERO_TO_ONE
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class UnICORNNCell(RecurrentCell):
    """UnICORNN: undamped springs that do not hear one another, each at a pace that it learns.

    Why: the step keeps the energy of the springs and can be undone, so gradients are bounded however long the sequence;
    units meet one another in the next layer.

    Use it when: sequences are very long, and two or three layers can be stacked.

    Equations:
        d = dt * sigmoid(c)
        z = z' - d * (tanh(W x + u * h' + b) + alpha * h')
        h = h' + d * z

    Gates: z. u is `recurrent_kernel`, c is `control`. h is the position, z the velocity. u starts between 0 and 1, c
    between -0.1 and 0.1, as in the authors' code.

    Args:
        dt: The longest step of a unit, which starts with about half of it.
        alpha: Stiffness of the springs.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import UnICORNN
    >>> UnICORNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Rusch & Mishra, UnICORNN: A Recurrent Model for Learning Very Long Time Dependencies, ICML 2021
        (arXiv:2103.05487).
    """

    family = "dynamical"
    state_names = ("h", "z")
    gate_names = ("z",)

    def __init__(
        self,
        units: int,
        *,
        dt: float = 0.2,
        alpha: float = 1.0,
        kernel_initializer: Any = "he_uniform",
        recurrent_initializer: Any = ZERO_TO_ONE,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, **shared)
        check_positive(dt=dt)
        check_number(alpha=alpha)
        self.dt, self.alpha = dt, alpha

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units,))
        self.control = self.add_weight(name="control", shape=(self.units,), initializer=RandomUniform(-0.1, 0.1))
        self.bias = self.add_bias("bias", (self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        d = self.dt * ops.sigmoid(self.control)
        z = z - d * (self.activation(x + self.recurrent_kernel * self.drop(h)) + self.alpha * h)
        return h + d * z, z


UnICORNN = recurrent_layer(UnICORNNCell)
