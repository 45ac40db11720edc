"""LSTM whose input and state gate each other first."""

from typing import Any

from rnnkit.cells._constants import check_whole
from rnnkit.cells.lstm import LSTMCell
from rnnkit.layers.cell import Tensor
from rnnkit.layers.cell_layer import recurrent_layer


class MogrifierLSTMCell(LSTMCell):
    """Mogrifier LSTM: before each step the input and the state scale each other's features, in turns.

    Why: what a word means depends on what came before it. An LSTM sees its input the same in every context; here the
    context turns the input's features up and down, and the input those of the context.

    Use it when: an LSTM's language or character model should predict better, and slower steps are no matter.

    Equations:
        x[-1] = x, h[0] = h'
        x[i] = 2 sigmoid(Q[i] h[i-1]) * x[i-2]      for odd i up to r
        h[i] = 2 sigmoid(R[i] x[i-1]) * h[i-2]      for even i up to r
        h, c = LSTM(the last x, the last h, c')
        Q[i] = Ql[i] Qr[i], R[i] = Rl[i] Rr[i]      with a rank

    Gates: i, f, g, o. `round_1`, `round_2` and so on are Q[1], R[2], Q[3] ...; with a rank, `round_1_left` and
    `round_1_right`. Nothing can be computed before the state is known, so `project` leaves x as it is.

    Args:
        rounds: r, how often one gates the other; 0 is an LSTM.
        rank: Width between the two factors of each Q and R; None: Q and R are whole matrices.

    Example:

    >>> import numpy as np
    >>> from rnnkit.cells import MogrifierLSTM
    >>> MogrifierLSTM(8, rounds=4, rank=2)(np.zeros((2, 5, 3), "float32")).shape
    TensorShape([2, 8])

    Reference:
        Melis, Kocisky & Blunsom, Mogrifier LSTM, ICLR 2020 (arXiv:1909.01792).
    """

    keras_layer = None  # type: ignore[assignment]  # cuDNN has no rounds before the step

    def __init__(self, units: int, *, rounds: int = 5, rank: int | None = None, **shared: Any) -> None:
        super().__init__(units, **shared)
        self.rounds = check_whole("rounds", rounds) if rounds else 0
        self.rank = check_whole("rank", rank, "whole matrices")

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.rounds_kernels = []
        for i in range(1, self.rounds + 1):
            add, rows, columns = self.add_kernel, input_shape[-1], self.units
            if i % 2:  # Q meets the state
                add, rows, columns = self.add_recurrent, columns, rows
            shapes = {"": (rows, columns)}
            if self.rank is not None:
                shapes = {"_left": (rows, self.rank), "_right": (self.rank, columns)}
            self.rounds_kernels.append([add(f"round_{i}{part}", shape) for part, shape in shapes.items()])

    def project(self, x: Tensor) -> Tensor:
        return x

    def step(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        for i, (first, *second) in enumerate(self.rounds_kernels, start=1):
            seen = self.recur(h, first) if i % 2 else self.affine(x, first)
            gate = 2 * self.recurrent_activation(self.affine(seen, *second) if second else seen)
            x, h = (gate * x, h) if i % 2 else (x, gate * h)
        return super().step(self.affine(x, self.kernel, self.bias), h, c)


MogrifierLSTM = recurrent_layer(MogrifierLSTMCell)
