"""Strongly typed gated recurrent unit."""

from rnnkit.cells._window_linear import WindowedLinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class TypedGRUCell(WindowedLinearCell):
    """Strongly typed GRU (T-GRU): gates from the last inputs, and a linear state.

    Why: a GRU's gates look at h', which no quantity with a unit could be added to; these look at the input before, so
    that all of them can be computed at once.

    Use it when: sequences are long, training time counts, and the last inputs say enough to set the gates.

    Equations:
        z = sum_d Wz[d] x_(t-d) + bz                  d = 0 .. window - 1
        f = sigmoid(sum_d Wf[d] x_(t-d) + bf)
        o = tanh(sum_d Wo[d] x_(t-d) + bo)
        h = f * h' + z * o

    Gates: z, f, o. `kernel` holds the matrices of d = 0, then of d = 1 and so on; the paper has two. The state `ahead`
    is what the inputs so far contribute to the gates of the steps to come.

    Args:
        window: How many inputs the gates see, the newest included.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import TypedGRU
    >>> TypedGRU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Balduzzi & Ghifary, Strongly-Typed Recurrent Neural Networks, ICML 2016 (arXiv:1602.02218).
    """

    state_names = ("h", "ahead")
    gate_names = ("z", "f", "o")
    chrono_gates = {"f": 1}

    def recurrence(self, z: Tensor, f: Tensor, o: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        return (self.recurrent_activation(f),), (z * self.activation(o),)


TypedGRU = recurrent_layer(TypedGRUCell)
