"""Simple gated recurrent network."""

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class SGRNCell(RecurrentCell):
    """Simple gated recurrent network: one W, one U and one gate, which serve for everything.

    Why: the smallest gated cell: as many weights as a plain RNN. What enters the state is W x itself, the gate's own
    input.

    Use it when: a plain RNN is all that fits, and it forgets too fast.

    Equations:
        a = W x + b
        f = sigmoid(a + U h')
        h = tanh((1 - f) * a + f * h')

    Gates: a.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SGRN
    >>> SGRN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Zu & Wei, A Simple Gated Recurrent Network for Detection of Power Quality Disturbances, IET Generation,
        Transmission & Distribution 15(4), 2021 (doi:10.1049/gtd2.12056).
    """

    family = "light"
    gate_names = ("a",)
    chrono_gates = {"a": 1}

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        f = self.recurrent_activation(x + self.recur(h))
        return (self.activation((1 - f) * x + f * h),)


SGRN = recurrent_layer(SGRNCell)
