"""Strongly typed LSTM."""

from collections.abc import Sequence

from rnnkit.cells._window_linear import WindowedLinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class TypedLSTMCell(WindowedLinearCell):
    """Strongly typed LSTM (T-LSTM): gates from the last inputs, a linear memory, and an output gate.

    Why: the ancestor of `qrnn` and `sru`: an LSTM of which only what is linear in the memory is left to run over time.

    Use it when: an LSTM is too slow on long sequences, and the last inputs say enough to set the gates.

    Equations:
        z = sum_d Wz[d] x_(t-d) + bz                  d = 0 .. window - 1
        f = sigmoid(sum_d Wf[d] x_(t-d) + bf)
        o = tanh(sum_d Wo[d] x_(t-d) + bo)
        c = f * c' + (1 - f) * z
        h = o * c

    Gates: z, f, o. `kernel` holds the matrices of d = 0, then of d = 1 and so on; the paper has two. The state `ahead`
    is what the inputs so far contribute to the gates of the steps to come.

    Args:
        window: How many inputs the gates see, the newest included.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import TypedLSTM
    >>> TypedLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Balduzzi & Ghifary, Strongly-Typed Recurrent Neural Networks, ICML 2016 (arXiv:1602.02218).
    """

    state_names = ("h", "c", "ahead")
    gate_names = ("z", "f", "o")
    idle_states = ("h",)
    chrono_gates = {"f": 1}

    def recurrence(self, z: Tensor, f: Tensor, _: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        f = self.recurrent_activation(f)
        return (f,), ((1 - f) * z,)

    def readout(self, gates: Sequence[Tensor], *c: Tensor) -> Tensor:
        _, _, o = gates
        return self.activation(o) * c[0]


TypedLSTM = recurrent_layer(TypedLSTMCell)
