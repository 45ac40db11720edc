"""GRU stripped until its recurrence is linear."""

from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MinGRUCell(LinearCell):
    """minGRU: a GRU whose gate and candidate do not look at the state, so that all steps can be computed at once.

    Why: the recurrence is linear in h, so training runs in parallel over time, and a step costs no matrix product at
    all: everything that does is hoisted into `project`.

    Use it when: sequences are long and training time counts; stack two or more with `block=2`, since one layer cannot
    compare inputs.

    Equations:
        z = sigmoid(Wz x + bz)
        g = Wg x + bg
        h = (1 - z) * h' + z * g

    Gates: z, g.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MinGRU
    >>> MinGRU(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Feng et al., Were RNNs All We Needed?, 2024 (arXiv:2410.01201), section 3.1.
    """

    state_names = ("h",)
    gate_names = ("z", "g")
    chrono_gates = {"z": -1}

    def recurrence(self, z: Tensor, g: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        z = self.recurrent_activation(z)
        return (1 - z,), (z * g,)


MinGRU = recurrent_layer(MinGRUCell)
