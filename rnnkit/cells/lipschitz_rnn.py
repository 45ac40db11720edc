"""Lipschitz recurrent network."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_number, check_positive
from rnnkit.cells._initializers import FAN_IN_NORMAL
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class LipschitzRNNCell(RecurrentCell):
    """Lipschitz RNN: small steps of a differential equation made of a linear part and one with a bounded slope.

    Why: how far symmetric and skew-symmetric parts of the two matrices are mixed bounds their eigenvalues, so that the
    state neither explodes nor fades, and what noise adds to the input stays small in the output.

    Use it when: inputs are noisy or may be tampered with, or dependencies are long and gates are too dear.

    Equations:
        A = beta (Ua - Ua^T) + (1 - beta) (Ua + Ua^T) - gamma I
        V = beta (U - U^T) + (1 - beta) (U + U^T) - gamma I
        h = h' + epsilon * (A h' + tanh(V h' + W x + b))

    Gates: h. Ua is `linear_kernel`, U is `recurrent_kernel`: M_A and M_W of the paper, which calls V W.

    Args:
        epsilon: Size of a step.
        beta: Share of the skew-symmetric part, from 1/2 (as much as of the symmetric one) to 1.
        gamma: Friction.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import LipschitzRNN
    >>> LipschitzRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Erichson et al., Lipschitz Recurrent Neural Networks, ICLR 2021 (arXiv:2006.12070).
    """

    family = "dynamical"

    def __init__(
        self,
        units: int,
        *,
        epsilon: float = 0.03,
        beta: float = 0.75,
        gamma: float = 0.001,
        kernel_initializer: Any = "glorot_normal",
        recurrent_initializer: Any = FAN_IN_NORMAL,
        **shared: Any,
    ) -> None:
        given = {"kernel_initializer": kernel_initializer, "recurrent_initializer": recurrent_initializer}
        super().__init__(units, **given, **shared)
        check_positive(epsilon=epsilon)
        check_number(beta=beta, gamma=gamma)
        if not 0.5 <= beta <= 1:
            raise RnnkitError(f"beta is {beta!r}; expected a share from 0.5 to 1.")
        self.epsilon, self.beta, self.gamma = epsilon, beta, gamma

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.linear_kernel = self.add_recurrent("linear_kernel", (self.units, self.units))

    def prepare(self) -> tuple[Tensor, Tensor]:
        return self._mixed(self.linear_kernel), self._mixed(self.recurrent_kernel)

    def _mixed(self, kernel: Any) -> Tensor:
        u = ops.convert_to_tensor(kernel)
        turned, one = ops.transpose(u), ops.eye(self.units, dtype=u.dtype)
        return self.beta * (u - turned) + (1 - self.beta) * (u + turned) - self.gamma * one

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        a, v = self.prepared()
        return (h + self.epsilon * (self.recur(h, a) + self.activation(self.recur(h, v) + x)),)


LipschitzRNN = recurrent_layer(LipschitzRNNCell)
