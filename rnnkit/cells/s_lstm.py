"""The scalar LSTM of xLSTM, with exponential gates."""

from typing import Any

from keras import ops

from rnnkit.cells.lstm import LSTMCell
from rnnkit.errors import RnnkitError
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class SLSTMCell(LSTMCell):
    """sLSTM of xLSTM: an LSTM whose input gate is an exponential, with a normaliser n that keeps the output in bounds.

    Why: an input gate that ends at 1 cannot say that what comes now matters far more than all that came before. An
    exponential can, and what is stored is then as good as replaced.

    Use it when: an LSTM should be able to change its mind about what it has stored. A step costs more than an LSTM's.

    Equations:
        z = tanh(Wz x + Uz h' + bz)
        o = sigmoid(Wo x + Uo h' + bo)
        log i = Wi x + Ui h' + bi
        log f = log sigmoid(Wf x + Uf h' + bf)      or without log sigmoid: an exponential forget gate
        m = max(log f + m', log i)                  at the first step m = log i
        c = exp(log f + m' - m) * c' + exp(log i - m) * z
        n = exp(log f + m' - m) * n' + exp(log i - m)
        h = o * c / n

    Gates: i, f, z, o; one head. The stabiliser m cancels in c / n and keeps the exponentials at or below 1. States
    start at 0, and n' = 0 tells the first step: both exponents are then set to 0, which gives n = 1. From then on one
    of the two exponentials is 1 at every step, so n never falls below 1 and c / n is never 0 / 0. Zoneout means
    nothing here, since c and n are worth something only together with their m.

    Args:
        exponential_forget: Whether the forget gate is an exponential as well, not a sigmoid.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import SLSTM
    >>> SLSTM(8)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Beck et al., xLSTM: Extended Long Short-Term Memory, NeurIPS 2024 (arXiv:2405.04517), section 2.2.
    """

    state_names = ("h", "c", "n", "m")
    gate_names = ("i", "f", "z", "o")
    zero_start = ("c", "n", "m")
    refuses = ("zoneout",)
    keras_layer = None  # type: ignore[assignment]  # cuDNN has no exponential gates

    def __init__(self, units: int, *, exponential_forget: bool = False, **shared: Any) -> None:
        super().__init__(units, **shared)
        if exponential_forget and self.longest:
            raise RnnkitError("longest sets a sigmoid forget gate's bias; leave it out with exponential_forget=True.")
        self.exponential_forget = exponential_forget

    def step(self, x: Tensor, h: Tensor, c: Tensor, n: Tensor, m: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # type: ignore[override]
        log_i, f, z, o = self.gates(x + self.recur(h))
        log_f = f if self.exponential_forget else ops.log_sigmoid(f)
        kept = ops.where(ops.equal(n, 0), log_i, log_f + m)  # log f + m', or log i at the first step
        m = ops.maximum(kept, log_i)
        f, i = ops.exp(kept - m), ops.exp(log_i - m)
        c = f * c + i * self.activation(z)
        n = f * n + i
        return self.recurrent_activation(o) * c / n, c, n, m


SLSTM = recurrent_layer(SLSTMCell)
