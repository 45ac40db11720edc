"""Bistable recurrent cell."""

from typing import Any

from rnnkit.cells._bistable import BistableCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class BRCCell(BistableCell):
    """Bistable recurrent cell: a unit that feeds itself back strongly enough latches, and never forgets.

    Why: with a > 1 a unit has two stable states, as a neuron that fires on by itself; what latched stays for any length
    of time. Each unit sees only itself.

    Use it when: one fact must be kept over thousands of steps.

    Equations:
        a = 1 + tanh(Wa x + ua * h' + ba)
        c = sigmoid(Wc x + uc * h' + bc)
        h = c * h' + (1 - c) * tanh(Wg x + a * h' + bg)

    Gates: a, c, g. `state_kernel` is ua and uc, which start at 1, as in the authors' code.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import BRC
    >>> BRC(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Vecoven, Ernst & Drion, A Bio-inspired Bistable Recurrent Cell Allows for Long-lasting Memory, PLoS ONE 16(6),
        2021 (arXiv:2006.05252).
    """

    def __init__(self, units: int, *, recurrent_initializer: Any = "ones", **shared: Any) -> None:
        super().__init__(units, recurrent_initializer=recurrent_initializer, **shared)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.state_kernel = self.add_recurrent("state_kernel", (2, self.units))

    def feedback(self, h: Tensor) -> tuple[Tensor, Tensor]:
        return self.state_kernel[0] * h, self.state_kernel[1] * h


BRC = recurrent_layer(BRCCell)
