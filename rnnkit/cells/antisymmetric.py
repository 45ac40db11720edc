"""Antisymmetric recurrent network."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_number, check_positive
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class AntisymmetricCell(RecurrentCell):
    """Antisymmetric RNN: small steps of a differential equation that neither explodes nor fades.

    Why: the eigenvalues of an antisymmetric matrix have no real part, so the state turns without growing or shrinking,
    whatever is learnt, and gradients do so too. No gates.

    Use it when: dependencies are long and gates are too dear; lower `epsilon` for longer sequences.

    Equations:
        A = U - U^T - gamma I
        h = h' + epsilon * tanh(W x + A h' + b)

    Gates: h. U is `recurrent_kernel`.

    Args:
        epsilon: Size of a step. With 1 the state drifts off; 0.01 to 0.1 keep it small.
        gamma: Friction, 0.001 to 0.1: makes up for the steps' not being infinitely small.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import Antisymmetric
    >>> Antisymmetric(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Chang et al., AntisymmetricRNN: A Dynamical System View on Recurrent Neural Networks, ICLR 2019
        (arXiv:1902.09689).
    """

    family = "dynamical"
    recurrent_gates = ("h",)

    def __init__(self, units: int, *, epsilon: float = 0.1, gamma: float = 0.01, **shared: Any) -> None:
        super().__init__(units, **shared)
        check_positive(epsilon=epsilon)
        check_number(gamma=gamma)
        self.epsilon, self.gamma = epsilon, gamma

    def prepare(self) -> Tensor:
        u = ops.convert_to_tensor(self.recurrent_kernel)
        return u - ops.transpose(u) - self.gamma * ops.eye(self.units, dtype=u.dtype)

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        return (h + self.epsilon * self.activation(x + self.recur(h, self.prepared())),)


Antisymmetric = recurrent_layer(AntisymmetricCell)
