"""Gated unit that also reads its state of some steps ago."""

from typing import Any

from keras import ops

from rnnkit.cells._constants import check_whole
from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class TauGRUCell(RecurrentCell):
    """tau-GRU: a gated unit that adds to its candidate what a delayed state says.

    Why: a shortcut from a fixed number of steps back shortens the way of the gradient, and lets the network follow
    systems that react late. The gate a decides whether the delayed state counts.

    Use it when: the signal is known to react after a delay, or dependencies are long.

    Equations:
        u = tanh(Wu x + Uu h' + bu)
        z = tanh(Wz x + Uz h'' + bz)          h'' is h' of `delay` steps ago
        g = sigmoid(Wg x + Ug h' + bg)
        a = sigmoid(Wa x + Ua h' + ba)
        h = (1 - g) * h' + g * (u + a * z)

    Gates: u, z, g, a. `recurrent_kernel` is Uu, Ug, Ua; Uz is `delay_kernel`. The state `ring` holds the delayed
    states, the oldest first.

    Args:
        delay: Steps from h' back to h'', in the paper's terms tau over the step size.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import TauGRU
    >>> TauGRU(8, delay=3)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Erichson, Lim & Mahoney, Gated Recurrent Neural Networks with Weighted Time-Delay Feedback, 2022
        (arXiv:2212.00228).
    """

    family = "clocks"
    state_names = ("h", "ring")
    gate_names = ("u", "z", "g", "a")
    chrono_gates = {"g": -1}
    refuses = ("zoneout",)  # which would mix one step's ring into the next

    def __init__(self, units: int, *, delay: int = 5, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.delay = check_whole("delay", delay)

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.delay * self.units]

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], 4 * self.units))
        self.recurrent_kernel = self.add_recurrent("recurrent_kernel", (self.units, 3 * self.units))
        self.delay_kernel = self.add_recurrent("delay_kernel", (self.units, self.units))
        self.bias = self.add_bias("bias", (4 * self.units,))
        self.built = True

    def step(self, x: Tensor, h: Tensor, ring: Tensor) -> tuple[Tensor, Tensor]:
        (u, z, g, a), (uu, ug, ua) = self.gates(x), ops.split(self.recur(h), 3, axis=-1)
        z = self.activation(z + self.recur(ring[:, : self.units], self.delay_kernel))
        g, a = self.recurrent_activation(g + ug), self.recurrent_activation(a + ua)
        new = self.blend(g, self.activation(u + uu) + a * z, h)
        return new, ops.concatenate([ring[:, self.units :], h], axis=-1)


TauGRU = recurrent_layer(TauGRUCell)
