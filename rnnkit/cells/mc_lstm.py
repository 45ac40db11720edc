"""LSTM with a controller beside its output."""

from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MCLSTMCell(LSTMCell):
    """Memory controller LSTM: what the gates see of the memory is let out by a gate of its own.

    Why: an LSTM's h has two jobs, to be the answer and to steer the gates. Here v steers them, and h is free to be the
    answer.

    Use it when: an LSTM's outputs must differ from what the next step has to know, as in tagging. It is not the
    mass-conserving MC-LSTM.

    Equations:
        i = sigmoid(Wi x + Ui v' + bi)
        f = sigmoid(Wf x + Uf v' + bf)
        g = tanh(Wg x + Ug v' + bg)
        o = sigmoid(Wo x + Uo v' + bo)
        m = sigmoid(Wm x + Um v' + bm)
        c = f * c' + i * g
        h = o * tanh(c)
        v = m * tanh(c)

    Gates: i, f, g, o, m. The next step reads v and c, not h.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MCLSTM
    >>> MCLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Ben-Ari & Shwartz-Ziv, Sequence Modeling Using a Memory Controller Extension for LSTM, NIPS Time Series
        Workshop, 2017.
    """

    state_names = ("h", "v", "c")
    gate_names = ("i", "f", "g", "o", "m")
    idle_states = ("h",)
    keras_layer = None  # type: ignore[assignment]  # cuDNN has no controller

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        _, v, c = states
        i, f, g, o, m = self.gates(x + self.recur(v))
        i, f = self.recurrent_activation(i), self.recurrent_activation(f)
        c = f * c + i * self.activation(g)
        shown = self.activation(c)
        return self.recurrent_activation(o) * shown, self.recurrent_activation(m) * shown, c


MCLSTM = recurrent_layer(MCLSTMCell)
