"""Independently recurrent network."""

from typing import Any

from keras import ops

from rnnkit.cells._initializers import ZERO_TO_ONE
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class IndRNNCell(RecurrentCell):
    """Independently recurrent network: each unit remembers itself alone, by one number.

    Why: with a matrix between the steps, gradients grow or shrink with its eigenvalues, which nobody can see. Here
    the number u of a unit says how long it remembers, so it can be bounded, and relu, which does not saturate, can be
    used. Units meet one another in the next layer.

    Use it when: sequences are long (hundreds of steps and more), and two or more layers can be stacked.

    Equations:
        h = relu(W x + u * h' + b)

    Gates: none.

    Args:
        recurrent_max: Holds |u| at or below this in training. For relu and T steps the paper takes 2 ** (1 / T), so
            that no state grows more than twofold. None: no bound.
        recurrent_initializer: For u. Uniform over [0, 1] by default: short memories and long ones. Where the answer
            stands at the end of T steps, the last layer starts best with `NearOne(T)` (rnnkit/cells/_initializers.py)
            and a small kernel, for example `RandomNormal(stddev=0.001)`.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import IndRNN
    >>> IndRNN(8, layers=2, recurrent_max=2 ** (1 / 5))(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Li et al., Independently Recurrent Neural Network (IndRNN): Building A Longer and Deeper RNN, CVPR 2018
        (arXiv:1803.04831).
    """

    family = "plain"

    def __init__(
        self,
        units: int,
        *,
        recurrent_max: float | None = None,
        activation: Any = "relu",
        recurrent_initializer: Any = ZERO_TO_ONE,
        **shared: Any,
    ) -> None:
        super().__init__(units, activation=activation, recurrent_initializer=recurrent_initializer, **shared)
        self.recurrent_max = recurrent_max

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units,))
        if (bound := self.recurrent_max) is not None:
            self.recurrent_kernel.constraint = lambda u: ops.clip(u, -bound, bound)
        self.bias = self.add_bias("bias", (self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        return (self.activation(x + self.recurrent_kernel * self.drop(h)),)


IndRNN = recurrent_layer(IndRNNCell)
