"""LSTM with nothing left but its forget gate."""

from typing import Any

from rnnkit.cells._constants import check_number
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class JANETCell(RecurrentCell):
    """JANET (just another network): an LSTM of which only the forget gate is left.

    Why: half of an LSTM's weights and often better at long memory. It is due to the start: the forget biases are spread
    so that the units together remember over all lengths up to `longest` (chrono initialisation).

    Use it when: memory is long and its length is known; set `longest` to the length of the sequences.

    Equations:
        s = Wf x + Uf h' + bf
        g = tanh(Wg x + Ug h' + bg)
        h = sigmoid(s) * h' + (1 - sigmoid(s - beta)) * g

    Gates: f, g; s is the forget gate before its squashing. bf starts at log(u), u uniform from 1 to longest - 1.

    Args:
        beta: How much more is written than is forgotten; 0 blends as a GRU does.
        longest: The longest dependency, in time steps: T_max of chrono initialisation.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import JANET
    >>> JANET(8, longest=400)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        van der Westhuizen & Lasenby, The Unreasonable Effectiveness of the Forget Gate, 2018 (arXiv:1804.04849);
        Tallec & Ollivier, Can Recurrent Neural Networks Warp Time?, ICLR 2018 (arXiv:1804.11188).
    """

    family = "light"
    gate_names = ("f", "g")
    chrono_gates = {"f": 1}

    def __init__(self, units: int, *, beta: float = 1.0, longest: int = 100, **shared: Any) -> None:
        super().__init__(units, longest=longest, **shared)
        check_number(beta=beta)
        self.beta = beta

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        s, g = self.gates(x + self.recur(h))
        kept, written = self.recurrent_activation(s), 1 - self.recurrent_activation(s - self.beta)
        return (kept * h + written * self.activation(g),)


JANET = recurrent_layer(JANETCell)
