"""Minion recurrent unit with constants for gates."""

from typing import Any

from rnnkit.cells._constants import check_number, check_share
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MiRU2Cell(RecurrentCell):
    """Minion recurrent unit, second form: a leaky network whose two gates are constants.

    Why: as many weights as a plain RNN, but a state that changes slowly, so that gradients pass; nothing else is
    computed.

    Use it when: the model is for a microcontroller and every weight counts.

    Equations:
        h = k * h' + (1 - k) * tanh(W x + U (q h') + b)

    Gates: h. k and q are constants.

    Args:
        hold: k, from 0 up to, not including, 1; nearer to 1: a slower state.
        reset: q, how much of the old state the candidate sees.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MiRU2
    >>> MiRU2(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zyarah & Kudithipudi, Minion Gated Recurrent Unit for Continual Learning, 2025 (arXiv:2503.06175).
    """

    family = "plain"

    def __init__(self, units: int, *, hold: float = 0.5, reset: float = 0.5, **shared: Any) -> None:
        super().__init__(units, **shared)
        check_number(reset=reset)
        self.hold, self.reset = check_share("hold", hold), reset

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        return (self.hold * h + (1 - self.hold) * self.activation(x + self.reset * self.recur(h)),)


MiRU2 = recurrent_layer(MiRU2Cell)
