"""LSTM stripped until its recurrence is linear."""

from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MinLSTMCell(LinearCell):
    """minLSTM: an LSTM whose gates do not look at the state, scaled so that forgetting and writing add up to 1.

    Why: as minGRU, it trains in parallel over time; two gates instead of one, each with a say in the balance.

    Use it when: sequences are long, training time counts, and minGRU is not quite enough.

    Equations:
        f = sigmoid(Wf x + bf)
        i = sigmoid(Wi x + bi)
        g = Wg x + bg
        h = f / (f + i) * h' + i / (f + i) * g

    Gates: f, i, g.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MinLSTM
    >>> MinLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Feng et al., Were RNNs All We Needed?, 2024 (arXiv:2410.01201), section 3.2.
    """

    state_names = ("h",)
    gate_names = ("f", "i", "g")
    chrono_gates = {"f": 1, "i": -1}

    def recurrence(self, f: Tensor, i: Tensor, g: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        f, i = self.recurrent_activation(f), self.recurrent_activation(i)
        keep = f / (f + i)
        return (keep,), ((1 - keep) * g,)  # 1 - keep = i / (f + i)


MinLSTM = recurrent_layer(MinLSTMCell)
