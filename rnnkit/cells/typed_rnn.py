"""Strongly typed recurrent network."""

from rnnkit.cells._linear import LinearCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class TypedRNNCell(LinearCell):
    """Strongly typed RNN (T-RNN): a weighted average of projected inputs, weighted by a gate that sees the input alone.

    Why: the state stays in the space of the inputs, as physical quantities of one unit do, so that it means the same at
    all times; and the recurrence is linear, so training runs in parallel over time.

    Use it when: you want the simplest cell that is quick on long sequences; stack two or more.

    Equations:
        z = W x + b
        f = sigmoid(Wf x + bf)
        h = f * h' + (1 - f) * z

    Gates: z, f.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import TypedRNN
    >>> TypedRNN(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Balduzzi & Ghifary, Strongly-Typed Recurrent Neural Networks, ICML 2016 (arXiv:1602.02218).
    """

    gate_names = ("z", "f")
    chrono_gates = {"f": 1}

    def recurrence(self, z: Tensor, f: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        f = self.recurrent_activation(f)
        return (f,), ((1 - f) * z,)


TypedRNN = recurrent_layer(TypedRNNCell)
