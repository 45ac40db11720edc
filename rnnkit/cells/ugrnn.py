"""Update gate recurrent network."""

from rnnkit.layers.cell import RecurrentCell, Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class UGRNNCell(RecurrentCell):
    """Update gate RNN: a GRU without its reset gate.

    Why: half of an LSTM's weights. One gate holds the state or replaces it, which is what makes gated networks easy to
    train; Collins et al. found it the easiest of all to train where networks are not deep.

    Use it when: you want something between a plain RNN and a GRU, in one or two layers.

    Equations:
        c = tanh(Wc x + Uc h' + bc)
        g = sigmoid(Wg x + Ug h' + bg)
        h = g * h' + (1 - g) * c

    Gates: c, g.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import UGRNN
    >>> UGRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Collins, Sohl-Dickstein & Sussillo, Capacity and Trainability in Recurrent Neural Networks, ICLR 2017
        (arXiv:1611.09913).
    """

    family = "light"
    gate_names = ("c", "g")
    chrono_gates = {"g": 1}

    def step(self, x: Tensor, h: Tensor) -> tuple[Tensor]:
        c, g = self.gates(x + self.recur(h))
        g = self.recurrent_activation(g)
        return (self.blend(g, h, self.activation(c)),)


UGRNN = recurrent_layer(UGRNNCell)
