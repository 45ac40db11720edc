"""Coupled oscillatory recurrent network."""

from typing import Any

from rnnkit.cells._constants import check_positive
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class CoRNNCell(RecurrentCell):
    """Coupled oscillatory RNN: each unit is a damped spring, driven by the input and by the others.

    Why: oscillators that are driven and damped stay bounded, and so does their gradient: the paper bounds both. Unlike
    a gate, it costs two numbers.

    Use it when: signals oscillate (motion, sensors), or dependencies are long. Tune `dt`, `gamma` and `epsilon` for the
    job.

    Equations:
        z = z' + dt * (tanh(W x + U h' + V z' + b) - gamma * h' - epsilon * z')
        h = h' + dt * z

    Gates: z. U is `recurrent_kernel`, V is `velocity_kernel`. h is the position, z the velocity. As in the authors'
    code the damping is explicit.

    Args:
        dt: Size of a step, 0.01 to 0.1.
        gamma: Stiffness of the springs, about 1 to 3; longer memories take more.
        epsilon: Damping, about 1 to 10.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import CoRNN
    >>> CoRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Rusch & Mishra, Coupled Oscillatory Recurrent Neural Network (coRNN): An Accurate and (Gradient) Stable
        Architecture for Learning Long Time Dependencies, ICLR 2021 (arXiv:2010.00951).
    """

    family = "dynamical"
    state_names = ("h", "z")
    gate_names = ("z",)

    def __init__(self, units: int, *, dt: float = 0.1, gamma: float = 1.0, epsilon: float = 1.0, **shared: Any) -> None:
        super().__init__(units, **shared)
        check_positive(dt=dt, gamma=gamma, epsilon=epsilon)
        self.dt, self.gamma, self.epsilon = dt, gamma, epsilon

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.velocity_kernel = self.add_recurrent("velocity_kernel", (self.units, self.units))

    def step(self, x: Tensor, h: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        force = self.activation(x + self.recur(h) + self.recur(z, self.velocity_kernel))
        z = z + self.dt * (force - self.gamma * h - self.epsilon * z)
        return h + self.dt * z, z


CoRNN = recurrent_layer(CoRNNCell)
