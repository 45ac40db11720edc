"""Quasi-recurrent network."""

from collections.abc import Sequence
from typing import Any

from rnnkit.cells._linear import LinearCell
from rnnkit.cells._window import window_sequence, window_step
from rnnkit.cells.base import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class QRNNCell(LinearCell):
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
    refuses = ("recurrent_dropout", "zoneout")  # which would mix `ahead` of one step into the next

    def __init__(self, units: int, *, window: int = 2, **shared: Any) -> None:
        super().__init__(units, **shared)
        if window < 2:
            raise ValueError(f"window is {window!r}; expected 2 inputs or more.")
        self.window = window

    @property
    def state_size(self) -> list[int]:
        return [self.units, self.units, (self.window - 1) * 3 * self.units]

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_kernel("kernel", (input_shape[-1], self.window * 3 * self.units))
        self.bias = self.add_bias("bias", (3 * self.units,))
        self.built = True

    def project(self, x: Tensor) -> Tensor:
        return self.affine(x, self.kernel)

    def recurrence(self, x: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        z, f, _ = self.gates(x)
        f = self.recurrent_activation(f)
        return (f,), ((1 - f) * self.activation(z),)

    def readout(self, x: Tensor, *c: Tensor) -> Tensor:
        _, _, o = self.gates(x)
        return self.recurrent_activation(o) * c[0]

    def step(self, x: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        x, ahead = window_step(x, states[2], self.bias, self.window)
        return (*super().step(x, *states[:2]), ahead)

    def parallel(self, inputs: Tensor, states: Sequence[Tensor], mask: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        x, ahead = window_sequence(self.kernel, inputs, states[2], self.bias, mask, self.window)
        outputs, last = self.run(x, states[:2], mask)
        return outputs, (*last, ahead)


QRNN = recurrent_layer(QRNNCell)
