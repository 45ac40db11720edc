"""Quasi-recurrent network."""

from collections.abc import Sequence

from rnnkit.cells._window_linear import WindowedLinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class QRNNCell(WindowedLinearCell):
    """Quasi-recurrent network with fo-pooling: gates from a convolution over the last inputs, then a linear memory.

    Why: an LSTM's gates look at h'; these look at the last few inputs instead, so that all of them can be computed at
    once and only c = f * c' + (1 - f) * z is left to run over time.

    Use it when: text or signals are long, and the last few inputs say enough to set the gates.

    Equations:
        z = tanh(sum_d Wz[d] x_(t-d) + bz)         d = 0 .. window - 1
        f = sigmoid(sum_d Wf[d] x_(t-d) + bf)
        o = sigmoid(sum_d Wo[d] x_(t-d) + bo)
        c = f * c' + (1 - f) * z
        h = o * c

    Gates: z, f, o. `kernel` holds the matrices of d = 0, then of d = 1 and so on. The state `ahead` is what the inputs
    so far contribute to the gates of the steps to come.

    Args:
        window: How many inputs the gates see, the newest included; the paper's filter width k.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import QRNN
    >>> QRNN(8, window=3)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Bradbury et al., Quasi-Recurrent Neural Networks, ICLR 2017 (arXiv:1611.01576).
    """

    state_names = ("h", "c", "ahead")
    gate_names = ("z", "f", "o")
    idle_states = ("h",)

    def recurrence(self, z: Tensor, f: Tensor, _: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        f = self.recurrent_activation(f)
        return (f,), ((1 - f) * self.activation(z),)

    def readout(self, gates: Sequence[Tensor], *c: Tensor) -> Tensor:
        _, _, o = gates
        return self.recurrent_activation(o) * c[0]


QRNN = recurrent_layer(QRNNCell)
