"""Minion recurrent unit with a reset gate."""

from typing import Any

from rnnkit.cells._constants import check_share
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MiRU1Cell(RecurrentCell):
    """Minion recurrent unit, first form: a GRU whose update gate is a constant.

    Why: without an update gate a third of a GRU's weights go, and its work at each step; made for learning on small
    devices.

    Use it when: hardware is small, and all memories are of about the same length; `miru2` is smaller still.

    Equations:
        r = sigmoid(Wr x + Ur h' + br)
        g = tanh(Wg x + Ug (r * h') + bg)
        h = k * h' + (1 - k) * g

    Gates: r, g. Ur is `reset_kernel`, Ug is `candidate_kernel`.

    Args:
        hold: k, from 0 up to, not including, 1; nearer to 1: a slower state.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MiRU1
    >>> MiRU1(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zyarah & Kudithipudi, Minion Gated Recurrent Unit for Continual Learning, 2025 (arXiv:2503.06175).
    """

    family = "light"
    gate_names = ("r", "g")

    def __init__(self, units: int, *, hold: float = 0.5, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.hold = check_share("hold", hold)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 2 * self.units))
        self.reset_kernel = self.add_recurrent("reset_kernel", (self.units, self.units))
        self.candidate_kernel = self.add_recurrent("candidate_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (2 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        r, g = self.gates(x)
        r = self.recurrent_activation(r + self.recur(h, self.reset_kernel))
        g = self.activation(g + self.recur(r * h, self.candidate_kernel))
        return (self.hold * h + (1 - self.hold) * g,)


MiRU1 = recurrent_layer(MiRU1Cell)
